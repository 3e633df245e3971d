"""The permissibility report: what was known when a prescription came into force, and whether it still holds."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.limiting import limited
from prescriptions import dosage, safety
from prescriptions.models import PermissibilityReport
from prescriptions.models.report import document
from prescriptions.models.reproduction import reproduce
from prescriptions.reproducing import reproduce_as_of_then
from prescriptions.views.lifecycle import StaffRequest
from stretches.models import CatalogueRelease


@require_safe
@limited("report")
def report_detail(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """The report of one prescription, and the same made again: from the catalogue of then, and from today's data."""
    reports = PermissibilityReport.objects.visible_to(request.user).select_related(
        "prescription__patient__clinic", "made_by", "release"
    )
    report = get_object_or_404(reports, prescription=pk)
    patient = report.prescription.patient
    circumstances = safety.circumstances_of(patient, on=patient.clinic.today(timezone.now()))
    lines = report.prescription.lines(circumstances)
    today = document(lines, circumstances, release=CatalogueRelease.objects.in_clinic(report.clinic_id).first())
    context = {
        "report": report,
        "prescription": report.prescription,
        "record_problem": circumstances.record_problem,
        "dosage": dosage,
        "reproduction": reproduce(report.document, today),
        "as_of_then": reproduce_as_of_then(report) if report.release else None,
    }
    return render(request, "prescriptions/report_detail.html", context)

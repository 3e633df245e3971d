"""How a prescription became what it is: each version, and what it changed."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from prescriptions.models import Prescription
from prescriptions.models.changes import revisions_of
from prescriptions.views.lifecycle import StaffRequest


@require_safe
def version_list(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Every version with who and when, what changed from the one before, and its permissibility report."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).with_people(), pk=pk)
    context = {"prescription": prescription, "revisions": revisions_of(prescription)}
    return render(request, "prescriptions/version_list.html", context)

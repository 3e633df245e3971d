"""Plots for pages of apps that import nothing from here, such as the patient's page."""

from collections.abc import Iterable

from django import template

from patients.models import Patient
from prescriptions.models import Prescription
from routines.chart import Chart, chart_of

register = template.Library()


@register.simple_tag
def chart_for(patient: Patient, prescriptions: Iterable[Prescription]) -> Chart:
    """The plots of a patient whom the page has fetched for its reader, with the clinic and all lines: two queries."""
    begun = sorted((each for each in prescriptions if each.activated_at), key=lambda each: str(each.activated_at))
    items = [item for each in begun for item in each.items.all()]
    return chart_of(patient, today=patient.clinic.today(), items=items)

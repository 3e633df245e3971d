"""Plots for pages of apps that import nothing from here, such as the patient's page."""

from django import template

from patients.models import Patient
from routines.chart import Chart, chart_of

register = template.Library()


@register.simple_tag
def chart_for(patient: Patient) -> Chart:
    """The plots of a patient whom the page has fetched for its reader, with the clinic: three queries."""
    return chart_of(patient, today=patient.clinic.today())

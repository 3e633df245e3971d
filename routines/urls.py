"""Addresses of the patient's own pages."""

from django.urls import path

from routines.views import proposals, today

app_name = "routines"
urlpatterns = [
    path("today/", today.routine_today, name="routine_today"),
    path("today/<uuid:pk>/print/", today.routine_print, name="routine_print"),
    path("today/<uuid:pk>/handout.pdf", today.routine_pdf, name="routine_pdf"),
    # The clinician's side
    path("proposals/<uuid:pk>/", proposals.proposal_record, name="proposal_record"),
]

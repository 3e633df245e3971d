"""Addresses of patients and their conditions."""

from django.urls import path

from patients.views import condition, invitation, outcome, patient

app_name = "patients"
urlpatterns = [
    path("patients/", patient.patient_list, name="patient_list"),
    path("patients/add/", patient.patient_add, name="patient_add"),
    path("patients/<uuid:pk>/", patient.patient_detail, name="patient_detail"),
    path("patients/<uuid:pk>/edit/", patient.patient_edit, name="patient_edit"),
    path("patients/<uuid:pk>/conditions/add/", condition.condition_add, name="condition_add"),
    path("patients/<uuid:pk>/conditions/review/", condition.conditions_review_record, name="conditions_review_record"),
    path("conditions/<uuid:pk>/", condition.condition_detail, name="condition_detail"),
    path("conditions/<uuid:pk>/edit/", condition.condition_edit, name="condition_edit"),
    path("patients/<uuid:pk>/outcomes/<slug:slug>/add/", outcome.outcome_score_add, name="outcome_score_add"),
    path("outcomes/<uuid:pk>/edit/", outcome.outcome_score_edit, name="outcome_score_edit"),
    path("patients/<uuid:pk>/invitations/add/", invitation.invitation_add, name="invitation_add"),
    path("invitations/<uuid:pk>/revoke/", invitation.invitation_revoke, name="invitation_revoke"),
    path("join/<str:token>/", invitation.invitation_accept, name="invitation_accept"),
]

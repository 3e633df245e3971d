"""Addresses of the patient's own pages."""

from django.urls import path

from routines.views import data, play, today

app_name = "routines"
urlpatterns = [
    path("sw.js", play.service_worker, name="service_worker"),
    path("manifest.webmanifest", play.manifest, name="manifest"),
    path("today/play/", play.routine_play, name="routine_play"),
    path("today/routine.json", data.routine_data, name="routine_data"),
    path("today/", today.routine_today, name="routine_today"),
    path("today/<uuid:pk>/print/", today.routine_print, name="routine_print"),
    path("today/<uuid:pk>/handout.pdf", today.routine_pdf, name="routine_pdf"),
]

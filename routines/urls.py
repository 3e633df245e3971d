"""Addresses of the patient's own pages, and of what clinicians do about stops and pauses."""

from django.urls import path

from routines.views import device, log, play, proposals, stops, today

app_name = "routines"
urlpatterns = [
    path("sw.js", play.service_worker, name="service_worker"),
    path("manifest.webmanifest", play.manifest, name="manifest"),
    path("today/", today.routine_today, name="routine_today"),
    path("today/<uuid:pk>/print/", today.routine_print, name="routine_print"),
    path("today/<uuid:pk>/handout.pdf", today.routine_pdf, name="routine_pdf"),
    path("today/routine.json", device.routine_data, name="routine_data"),
    path("today/play/", play.routine_play, name="routine_play"),
    # How it went
    path("today/<uuid:pk>/log/", log.stretch_log_record, name="stretch_log_record"),
    path("today/<uuid:pk>/log/<slug:part_of_day>/", log.session_log_record, name="session_log_record"),
    path("today/log/<uuid:pk>/settled/", log.settled_record, name="settled_record"),
    path("today/<uuid:pk>/red-flags/", log.red_flags_record, name="red_flags_record"),
    # The clinician's side
    path("stretch-pauses/<uuid:pk>/lift/", stops.stretch_pause_lift, name="stretch_pause_lift"),
    path("patients/<uuid:pk>/reopen/", stops.routine_reopen, name="routine_reopen"),
    path("proposals/<uuid:pk>/", proposals.proposal_record, name="proposal_record"),
]

"""Addresses of the patient's own pages, and of what clinicians do about stops and pauses."""

from django.urls import path

from routines.views import device, log, looks, play, progress, proposals, record, reminders, stops, today

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
    # Reminders
    path("reminders/<uuid:pk>/", reminders.reminder_edit, name="reminder_edit"),
    path("reminders/<uuid:pk>/devices/", reminders.push_subscription_add, name="push_subscription_add"),
    path("reminders/<uuid:pk>/devices/off/", reminders.push_subscription_revoke, name="push_subscription_revoke"),
    path("reminders/<uuid:pk>/calendar/", reminders.calendar_feed_add, name="calendar_feed_add"),
    path("reminders/<uuid:pk>/calendar/off/", reminders.calendar_feed_revoke, name="calendar_feed_revoke"),
    path("reminders/off/<str:link>/", reminders.reminder_revoke, name="reminder_revoke"),
    path("calendar/<str:secret>.ics", reminders.calendar_feed_detail, name="calendar_feed_detail"),
    # Looking back
    path("progress/", progress.progress_detail, name="progress_detail"),
    path("progress/my-data.json", progress.own_data_json, name="own_data_json"),
    path("progress/my-data.pdf", progress.own_data_pdf, name="own_data_pdf"),
    path("progress/who-looked/", looks.look_list, name="look_list"),
    # For clinicians
    path("stretch-pauses/<uuid:pk>/lift/", stops.stretch_pause_lift, name="stretch_pause_lift"),
    path("patients/<uuid:pk>/reopen/", stops.routine_reopen, name="routine_reopen"),
    path("patients/<uuid:pk>/record/", record.record_detail, name="record_detail"),
    path("proposals/<uuid:pk>/", proposals.proposal_record, name="proposal_record"),
]

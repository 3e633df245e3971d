"""Addresses of the patient's own pages."""

from django.urls import path

from routines.views import proposals, reminders, today

app_name = "routines"
urlpatterns = [
    path("today/", today.routine_today, name="routine_today"),
    path("today/<uuid:pk>/print/", today.routine_print, name="routine_print"),
    path("today/<uuid:pk>/handout.pdf", today.routine_pdf, name="routine_pdf"),
    path("reminders/<uuid:pk>/", reminders.reminder_edit, name="reminder_edit"),
    path("reminders/<uuid:pk>/devices/", reminders.push_subscription_add, name="push_subscription_add"),
    path("reminders/<uuid:pk>/devices/off/", reminders.push_subscription_revoke, name="push_subscription_revoke"),
    path("reminders/<uuid:pk>/calendar/", reminders.calendar_feed_add, name="calendar_feed_add"),
    path("reminders/<uuid:pk>/calendar/off/", reminders.calendar_feed_revoke, name="calendar_feed_revoke"),
    path("reminders/off/<str:link>/", reminders.reminder_revoke, name="reminder_revoke"),
    path("calendar/<str:secret>.ics", reminders.calendar_feed_detail, name="calendar_feed_detail"),
    # The clinician's side
    path("proposals/<uuid:pk>/", proposals.proposal_record, name="proposal_record"),
]

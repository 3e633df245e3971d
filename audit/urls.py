"""Addresses of the audit record, for a clinic's admin."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.event_list, name="event_list"),
    path("audit/events.csv", views.event_csv, name="event_csv"),
]

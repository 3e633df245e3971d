"""Addresses of the patient's own pages."""

from django.urls import path

from routines import views

app_name = "routines"
urlpatterns = [
    path("today/", views.routine_today, name="routine_today"),
    path("today/<uuid:pk>/print/", views.routine_print, name="routine_print"),
    path("today/<uuid:pk>/handout.pdf", views.routine_pdf, name="routine_pdf"),
]

"""Addresses of a person's own account that allauth does not have."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.reading_edit, name="reading_edit"),
    path("accounts/second-step/", views.second_step_detail, name="second_step_detail"),
]

"""Addresses of the catalogue."""

from django.urls import path

from stretches import views

app_name = "stretches"
urlpatterns = [
    path("stretches/<uuid:pk>/picture.svg", views.stretch_picture, name="stretch_picture"),
    path("stretches/<uuid:pk>/photos/<slug:key>/<slug:size>.webp", views.stretch_photo, name="stretch_photo"),
]

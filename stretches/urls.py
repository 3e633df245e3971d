"""Addresses of the catalogue."""

from django.urls import path

from stretches import views

app_name = "stretches"
urlpatterns = [
    path("stretches/", views.stretch_list, name="stretch_list"),
    path("stretches/<uuid:pk>/", views.stretch_detail, name="stretch_detail"),
    path("condition-codes/", views.condition_code_list, name="condition_code_list"),
    path("condition-codes/<slug:slug>/", views.condition_code_detail, name="condition_code_detail"),
    path("sources/", views.source_list, name="source_list"),
    path("sources/<slug:slug>/", views.source_detail, name="source_detail"),
    path("stretches/<uuid:pk>/picture.svg", views.stretch_picture, name="stretch_picture"),
]

"""Addresses of the catalogue."""

from django.urls import path

from stretches.views import catalogue, pictures

app_name = "stretches"
urlpatterns = [
    path("stretches/", catalogue.stretch_list, name="stretch_list"),
    path("stretches/<uuid:pk>/", catalogue.stretch_detail, name="stretch_detail"),
    path("condition-codes/", catalogue.condition_code_list, name="condition_code_list"),
    path("condition-codes/<slug:slug>/", catalogue.condition_code_detail, name="condition_code_detail"),
    path("sources/", catalogue.source_list, name="source_list"),
    path("sources/<slug:slug>/", catalogue.source_detail, name="source_detail"),
    path("stretches/<uuid:pk>/picture.svg", pictures.stretch_picture, name="stretch_picture"),
    path("stretches/<uuid:pk>/photos/<slug:key>/<slug:size>.webp", pictures.stretch_photo, name="stretch_photo"),
]

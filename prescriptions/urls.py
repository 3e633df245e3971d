"""Addresses of prescriptions."""

from django.urls import path

from prescriptions.views import builder, lines, overrides

app_name = "prescriptions"
urlpatterns = [
    # The builder
    path("patients/<uuid:pk>/prescriptions/add/", builder.prescription_add, name="prescription_add"),
    path("prescriptions/<uuid:pk>/edit/", builder.prescription_edit, name="prescription_edit"),
    path("prescriptions/<uuid:pk>/message/edit/", builder.message_edit, name="message_edit"),
    path(
        "prescriptions/<uuid:pk>/withheld/<slug:verdict>/",
        builder.withheld_stretch_list,
        name="withheld_stretch_list",
    ),
    path("prescriptions/<uuid:pk>/stretches/add/", lines.prescribed_stretch_add, name="prescribed_stretch_add"),
    path("prescriptions/<uuid:pk>/overrides/<uuid:stretch_pk>/add/", overrides.override_add, name="override_add"),
    path("prescribed-stretches/<uuid:pk>/edit/", lines.prescribed_stretch_edit, name="prescribed_stretch_edit"),
    path("prescribed-stretches/<uuid:pk>/remove/", lines.prescribed_stretch_remove, name="prescribed_stretch_remove"),
    path("prescribed-stretches/<uuid:pk>/move/", lines.prescribed_stretch_move, name="prescribed_stretch_move"),
]

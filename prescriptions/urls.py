"""Addresses of prescriptions."""

from django.urls import path

from prescriptions.views import (
    builder,
    handout,
    lifecycle,
    lines,
    overrides,
    own_templates,
    report,
    templates,
    versions,
)

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
    # What happens to a prescription after it was drafted
    path("prescriptions/<uuid:pk>/", lifecycle.prescription_detail, name="prescription_detail"),
    path("prescriptions/<uuid:pk>/activate/", lifecycle.prescription_activate, name="prescription_activate"),
    path("prescriptions/<uuid:pk>/revise/", lifecycle.prescription_revise, name="prescription_revise"),
    path("prescriptions/<uuid:pk>/hold/", lifecycle.prescription_hold, name="prescription_hold"),
    path("prescriptions/<uuid:pk>/resume/", lifecycle.prescription_resume, name="prescription_resume"),
    path("prescriptions/<uuid:pk>/complete/", lifecycle.prescription_complete, name="prescription_complete"),
    path("prescriptions/<uuid:pk>/revoke/", lifecycle.prescription_revoke, name="prescription_revoke"),
    path("prescriptions/<uuid:pk>/report/", report.report_detail, name="report_detail"),
    path("prescriptions/<uuid:pk>/versions/", versions.version_list, name="version_list"),
    # Templates
    path("templates/", templates.template_list, name="template_list"),
    path("templates/add/", own_templates.template_add, name="template_add"),
    path("templates/<uuid:pk>/", templates.template_detail, name="template_detail"),
    path("templates/<uuid:pk>/edit/", own_templates.template_edit, name="template_edit"),
    path("template-phases/<uuid:pk>/lines/add/", own_templates.template_line_add, name="template_line_add"),
    path("template-lines/<uuid:pk>/edit/", own_templates.template_line_edit, name="template_line_edit"),
    path("template-lines/<uuid:pk>/remove/", own_templates.template_line_remove, name="template_line_remove"),
    path("patients/<uuid:pk>/templates/", templates.template_apply, name="template_apply"),
    # The handout
    path("prescriptions/<uuid:pk>/print/", handout.prescription_print, name="prescription_print"),
    path("prescriptions/<uuid:pk>/handout.pdf", handout.handout_pdf, name="handout_pdf"),
]

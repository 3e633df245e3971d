"""Addresses of prescriptions."""

from django.urls import path

from prescriptions.views import lifecycle, report

app_name = "prescriptions"
urlpatterns = [
    # What happens to a prescription after it was drafted.
    path("<uuid:pk>/", lifecycle.prescription_detail, name="prescription_detail"),
    path("<uuid:pk>/activate/", lifecycle.prescription_activate, name="prescription_activate"),
    path("<uuid:pk>/revise/", lifecycle.prescription_revise, name="prescription_revise"),
    path("<uuid:pk>/hold/", lifecycle.prescription_hold, name="prescription_hold"),
    path("<uuid:pk>/resume/", lifecycle.prescription_resume, name="prescription_resume"),
    path("<uuid:pk>/complete/", lifecycle.prescription_complete, name="prescription_complete"),
    path("<uuid:pk>/revoke/", lifecycle.prescription_revoke, name="prescription_revoke"),
    path("<uuid:pk>/report/", report.report_detail, name="report_detail"),
]

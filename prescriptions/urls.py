"""Addresses of prescriptions."""

from django.urls import path

from prescriptions.views import handout

app_name = "prescriptions"
urlpatterns = [
    # The handout
    path("prescriptions/<uuid:pk>/print/", handout.prescription_print, name="prescription_print"),
    path("prescriptions/<uuid:pk>/handout.pdf", handout.handout_pdf, name="handout_pdf"),
]

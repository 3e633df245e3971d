"""Every address of Limber starts here."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("prescriptions.urls")),
    path("", include("routines.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]

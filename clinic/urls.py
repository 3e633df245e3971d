"""Every address of Limber starts here."""

from django.contrib import admin
from django.urls import include, path

from clinic import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("routines.urls")),
    path("", include("prescriptions.urls")),
    path("", include("patients.urls")),
    path("", include("stretches.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]

"""Every address of Limber starts here."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from clinic import views

# One door for everybody: the sign-in limits and, later, the second factor hold for the admin site too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("routines.urls")),
    path("", include("prescriptions.urls")),
    path("", include("patients.urls")),
    path("", include("stretches.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]

"""Django's admin site behind the one sign-in."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse


class AdminSite(admin.AdminSite):
    """The admin site, entered where everybody enters."""

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in by the one form, so that its limits and, later, the second factor hold here too."""
        return secure_admin_login(super().login)(request, extra_context)  # type: ignore[no-any-return]

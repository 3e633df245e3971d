from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ClinicConfig(AppConfig):
    default = True
    name = "clinic"

    def ready(self) -> None:
        """Register what `check --deploy` asks."""
        from clinic import checks  # noqa: F401 - importing registers


class AdminSiteConfig(admin_apps.AdminConfig):
    """Puts our admin site in the place of Django's."""

    default = False
    default_site = "clinic.admin_site.AdminSite"

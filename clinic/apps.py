from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        """Register what `check --deploy` asks."""
        from clinic import checks  # noqa: F401 - importing registers

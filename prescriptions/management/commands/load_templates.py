"""``manage.py load_templates``: the library's templates, as the file that comes with Limber has them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from prescriptions import library
from stretches.models import Stretch


class Command(BaseCommand):
    """Load the library's templates."""

    help = "Loads the library's templates; a second time changes nothing. Templates of clinics are never touched."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what is new."""
        if not Stretch.objects.exists():
            raise CommandError("The catalogue is empty: run load_catalogue first.")
        try:
            loaded = library.load()
        except library.LibraryError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write(
            f"Templates: {loaded.new} new, {loaded.changed} changed, {loaded.same} the same, {loaded.retired} retired."
        )

"""``manage.py load_demo``: the demo clinic, for trying Limber."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic import demo, demo_attention
from stretches.models import Stretch


class Command(BaseCommand):
    """Make the demo clinic once, and print who can sign in."""

    help = (
        "Loads a clinic with invented patients, unless it is there, and prints the sign-ins. Only with DEMO or DEBUG."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse outside of a demo: invented people do not belong among real patients."""
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("Invented patients are loaded only with DEMO=1 or DEBUG=1.")
        if not Stretch.objects.exists():
            raise CommandError("The catalogue is empty: run load_catalogue first.")
        at = timezone.now()
        with transaction.atomic():
            made = demo.load(at=at)
            if made:
                demo_attention.load(at=at)
        self.stdout.write("The demo clinic is loaded." if made else "The demo clinic is there; it was left as it is.")
        width = max(len(address) for address, _ in demo.sign_ins())
        self.stdout.write(f"Sign in with the password {demo.PASSWORD} as")
        for address, role in demo.sign_ins():
            self.stdout.write(f"  {address:{width}}  {role}")

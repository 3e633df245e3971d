"""``manage.py seal_audit``: what was put on record is chained now, and the head of the chain printed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.chain import Head
from audit.models import Seal
from audit.sealing import seal_events


class Command(BaseCommand):
    help = "Chains every event of the audit record that is not chained yet, and prints the head: keep it elsewhere."

    def handle(self, *args: Any, **options: Any) -> None:
        seal_events(everything=True)
        if last := Seal.objects.last():
            self.stdout.write(str(Head(timezone.now().date(), last.position, last.hash)))

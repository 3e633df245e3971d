"""``manage.py make_push_key``: a key for ``VAPID_PRIVATE_KEY``."""

import base64
from typing import Any

from django.core.management.base import BaseCommand
from py_vapid import Vapid02


class Command(BaseCommand):
    help = "Prints a new key for VAPID_PRIVATE_KEY. Changing the key silences every device that was added before."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print 32 random bytes, as the setting takes them."""
        vapid = Vapid02()
        vapid.generate_keys()
        raw = vapid.private_key.private_numbers().private_value.to_bytes(32, "big")
        self.stdout.write(base64.urlsafe_b64encode(raw).decode().rstrip("="))

"""For somebody who has lost the phone and the recovery codes, and has shown who they are in person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import passkeys
from accounts.models import User


class Command(BaseCommand):
    help = "Takes away somebody's passkeys, app and recovery codes, and signs them out; they set up new ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            user = User.objects.select_for_update().filter(email__iexact=options["email"]).first()
            if user is None:
                raise CommandError("Nobody with this address is here.")
            passkeys.forget_all(user)
            user.sessions.all().delete()
        self.stdout.write("Done. At the next sign-in they are asked to set up a new second proof.")

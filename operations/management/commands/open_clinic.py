"""``manage.py open_clinic``: a clinic and its first admin, who then invites everybody else by mail."""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Clinic, Membership, User


class Command(BaseCommand):
    help = (
        "Opens a clinic and makes its first admin. Run again for another clinic; the same address may manage several."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic", help='its name, as patients see it: "Riverside Physiotherapy"')
        parser.add_argument("--time-zone", required=True, metavar="ZONE", help="such as Europe/London")
        parser.add_argument("--phone", default="", help="which patients are told to call")
        parser.add_argument("--admin", required=True, metavar="ADDRESS", help="where the admin reads mail")
        parser.add_argument("--admin-name", required=True, metavar="NAME")
        parser.add_argument("--edits-catalogue", action="store_true", help="may edit the catalogue of all clinics, too")
        parser.add_argument(
            "--password",
            action="store_true",
            help="ask for a password; without one they sign in by a mailed code",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing; what is wrong is said before anything is stored."""
        clinic = Clinic(name=options["clinic"], time_zone=options["time_zone"], phone=options["phone"])
        user = User.objects.filter(email__iexact=options["admin"]).first()
        is_new = user is None
        user = user or User(email=options["admin"].lower(), full_name=options["admin_name"])
        try:
            clinic.full_clean()
            user.full_clean(exclude=["password"])
            if Clinic.objects.filter(name=clinic.name).exists():
                raise ValidationError(f"A clinic named {clinic.name} is open already.")
            password = _ask_password(user) if options["password"] and is_new else None
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        with transaction.atomic():
            clinic.save()
            if is_new:
                user = User.objects.create_user(user.email, password, full_name=user.full_name)
            Membership.objects.create(user=user, clinic=clinic, role=Membership.Role.ADMIN)
            if options["edits_catalogue"]:
                user.let_edit_catalogue()
        way = "with the password" if password else "with a code that is sent by mail"
        self.stdout.write(f"{clinic} is open. {user} signs in as {user.email} {way if is_new else 'as before'}:")
        self.stdout.write(f"  {settings.SITE_URL}/")
        self.stdout.write("Then a second proof is asked for, and people are invited under “Staff”.")


def _ask_password(user: User) -> str:
    """Ask twice, unseen; from a pipe once. Raises ``ValidationError`` for one that is too easy."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password, at least 12 characters: ")
        if getpass.getpass("Once more: ") != password:
            raise ValidationError("These were two different passwords.")
    validate_password(password, user)
    return password

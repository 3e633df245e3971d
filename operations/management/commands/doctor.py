"""``manage.py doctor``: what is broken in this installation, and what to do."""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from operations import doctor


class Command(BaseCommand):
    help = "Looks at all that Limber rests on, and says what to do. Exits 1 if something is broken."
    requires_system_checks = ()  # it says itself what they say, and goes on

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--only", action="append", choices=sorted(doctor.CHECKS), help="only this one; repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(doctor.examine(timezone.now(), only=set(options["only"] or ())))
        if options["json"]:
            self.stdout.write(json.dumps([dataclasses.asdict(each) for each in findings], indent=2))
        else:
            for each in findings:
                self.stdout.write(str(each))
        if any(each.is_broken for each in findings):
            sys.exit(1)

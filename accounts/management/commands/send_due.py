"""``manage.py send_due``: the one process that sends."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from accounts import acting
from accounts.models import OutboxMessage
from accounts.sending import Sender


class Command(BaseCommand):
    help = "Sends the mail and push messages that are due. Several may run at once; each may be killed at any moment."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or Ctrl-C")
        parser.add_argument("--every", type=float, default=30, metavar="SECONDS", help="pause in the loop (30)")
        parser.add_argument("--with-parent", action="store_true", help="end the loop with the process that started it")
        parser.add_argument("--retry", action="store_true", help="first begin anew with what was given up")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send once, or go on sending; a database that is away for a while does not end the loop."""
        sender = Sender(clock=timezone.now)
        with acting.command("send_due"):
            self._run(sender, options)

    def _run(self, sender: Sender, options: dict[str, Any]) -> None:
        if options["retry"]:
            with acting.everywhere():
                count = OutboxMessage.objects.retry(at=sender.clock())
            self.stdout.write(f"to be tried again: {count}")
        if options["loop"]:
            self._loop(sender, every_seconds=options["every"], with_parent=options["with_parent"])
        else:
            self._send(sender)

    def _loop(self, sender: Sender, *, every_seconds: float, with_parent: bool) -> None:
        """Send again and again. Being told to stop ends it after the message at hand."""
        stopped = threading.Event()

        def stop(*_: Any) -> None:
            sender.stop()
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        parent = os.getppid()
        stuck = 0
        while not stopped.is_set() and (os.getppid() == parent or not with_parent):
            close_old_connections()
            try:
                stuck = self._send(sender, known_stuck=stuck)
            except DatabaseError as error:
                self.stderr.write(f"The database did not answer: {type(error).__name__}")
            stopped.wait(every_seconds)

    def _send(self, sender: Sender, *, known_stuck: int = 0) -> int:
        """One pass: plan what comes, send what is due, and return how many are stuck, which is said if it is news."""
        sender.plan()
        tally = sender.send_due()
        if tally.sent or tally.cancelled or tally.failed:
            self.stdout.write(str(tally))
        with acting.everywhere():
            stuck = OutboxMessage.objects.stuck(at=sender.clock()).count()
        if stuck and stuck != known_stuck:
            self.stderr.write(f"given up: {stuck}. Mend the cause, then run: manage.py send_due --retry")
        return stuck

"""A sender that ends itself with SIGKILL at one statement to the database: ``python -m tests.accounts.dying_sender``.

For every statement that sending one message takes, and for both sides of it: post a message, send and die there, let
the lease run out, send again. Prints a line of JSON for each, with what the row said between death and second try.
"""

import datetime
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import django
from django.db import connection, transaction
from django.utils import timezone

django.setup()

from accounts import outbox  # noqa: E402 - Django first
from accounts.models import OutboxMessage  # noqa: E402
from accounts.sending import Sender  # noqa: E402


def in_child(act: Callable[[], None]) -> int:
    """Run in a process of its own, and return the signal that ended it, or 0."""
    connection.close()
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        act()
    finally:
        sys.stdout.flush()
        os._exit(0)


def send() -> None:
    Sender(clock=timezone.now).send_due()


def send_and_die(*, at_statement: int, is_done: bool) -> None:
    """Send, and die before that statement, or when it is done."""
    count = 0

    def wrapper(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        nonlocal count
        count += 1
        if count == at_statement and not is_done:
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(sql, params, many, context)
        if count == at_statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with connection.execute_wrapper(wrapper):
        send()


def lives() -> Iterator[dict[str, Any]]:
    """Each message's life: where its first sender died, and what was known then."""
    for at_statement in range(1, 100):
        for is_done in (False, True):
            with transaction.atomic():
                key = f"{at_statement}-{is_done}"
                row = outbox.post("needs_you", unique_key=key, address="a@example.org", due_at=timezone.now())
            ended_by = in_child(lambda: send_and_die(at_statement=at_statement, is_done=is_done))  # noqa: B023 - now
            row.refresh_from_db()
            yield {
                "id": str(row.pk),
                "statement": key,
                "killed": ended_by == -signal.SIGKILL,
                "claimed": row.attempts == 1,
                "handing_over": row.handing_over_at is not None,
                "sent": row.sent_at is not None,
            }
            OutboxMessage.objects.filter(pk=row.pk, sent_at=None).update(
                claimed_until=timezone.now() - datetime.timedelta(seconds=1)
            )
            in_child(send)
            if not ended_by:
                return


if __name__ == "__main__":
    for life in lives():
        print(json.dumps(life), flush=True)  # or the next child says it again

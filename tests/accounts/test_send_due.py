"""``manage.py send_due`` against a real mail server, and really killed: with SIGKILL, at every step."""

import datetime
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import outbox
from accounts.mailing import message_id
from accounts.models import OutboxMessage
from tests.accounts.postbox import STEPS, Postbox, opened
from tests.walled import TOLD

pytestmark = pytest.mark.django_db(transaction=True)
Doors = tuple[Postbox, dict[str, str]]


@pytest.fixture
def doors() -> Iterator[Doors]:
    with opened() as doors:
        yield doors


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen:
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "send_due", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def send(environment: dict[str, str], *arguments: str) -> str:
    """Send once, to the end."""
    process = start(environment, *arguments)
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    return said


def post(count: int) -> list[OutboxMessage]:
    with transaction.atomic():
        for n in range(count):
            outbox.post("needs_you", unique_key=f"key-{n}", address=f"p{n}@example.org", due_at=timezone.now())
    return list(OutboxMessage.objects.order_by("due_at"))


def let_the_lease_run_out() -> None:
    """What five minutes do."""
    past = timezone.now() - datetime.timedelta(seconds=1)
    OutboxMessage.objects.unsent().exclude(claimed_until=None).update(claimed_until=past)


def kill(process: subprocess.Popen) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)


def end_its_connections() -> None:
    """What happens when a whole machine dies: else PostgreSQL carries out a statement that it has received."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def kill_at(step: str, postbox: Postbox, environment: dict[str, str], first: OutboxMessage) -> OutboxMessage:
    """Start a sender, kill it when the mail server is at that step of the first message, and return what is stored.

    For ``said`` we hold the row while the server says that it has taken the mail: so the sender is killed before it
    can record that, however fast it is.
    """
    hold_at = "taken" if step == "said" else step
    reached = {name: threading.Event() for name in STEPS}
    may_go_on = threading.Event()

    def stay(name: str) -> None:
        reached[name].set()
        if name == hold_at:
            assert may_go_on.wait(timeout=60)

    postbox.on_step = stay
    sender = start(environment)
    assert reached[hold_at].wait(timeout=60)
    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(pk=first.pk)
        if step == "said":
            may_go_on.set()
            assert reached["said"].wait(timeout=60)
        kill(sender)
        end_its_connections()
    may_go_on.set()
    return OutboxMessage.objects.get(pk=first.pk)


@pytest.mark.parametrize("step", STEPS)
def test_a_sender_killed_at_a_step_loses_nothing(step: str, doors: Doors) -> None:
    postbox, environment = doors
    messages = post(3)

    row = kill_at(step, postbox, environment, messages[0])
    send(environment)
    held = len(postbox.copies)
    let_the_lease_run_out()
    send(environment)

    assert (row.attempts, row.sent_at) == (1, None)
    assert row.may_have_arrived is (step != "EHLO")  # only then are we in doubt
    assert held == 3 - (step not in {"taken", "said"})  # nobody took it from a sender that might have been alive
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0
    # The one case that no sender can know of: taken, and killed before that was stored. Twice, under one Message-ID.
    expected = Counter(message_id(message) for message in messages)
    expected[message_id(messages[0])] += step in {"taken", "said"}
    assert postbox.copies == expected


def test_a_sender_killed_at_any_statement_loses_nothing(doors: Doors) -> None:
    postbox, environment = doors

    done = subprocess.run(
        [sys.executable, "-m", "tests.accounts.dying_sender"],
        env={**environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    lives = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    killed = [life["killed"] for life in lives]
    # All, up to the first that had no such statement any more.
    assert killed == sorted(killed, reverse=True), lives[-3:]
    assert killed[0] is not killed[-1]
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0
    in_doubt = {life["id"] for life in lives if life["handing_over"] and not life["sent"]}
    doubled = {message.partition("@")[0][1:] for message, count in postbox.copies.items() if count == 2}
    assert {message.partition("@")[0][1:] for message in postbox.copies} == {life["id"] for life in lives}
    assert set(postbox.copies.values()) == {1, 2}
    # The window: after the hand-over began, until it is stored that it was taken. There, and nowhere else, is a mail
    # handed over twice, under one Message-ID. It is that short: two statements are in it. On PostgreSQL each is in a
    # transaction that is told first who acts, and what counts is its end: both sides of the second two are in it.
    assert doubled <= in_doubt
    assert (len(doubled), len(in_doubt)) == ((4, 4) if TOLD else (1, 2))


def test_two_senders_send_each_message_once(doors: Doors) -> None:
    postbox, environment = doors
    messages = post(40)
    both = threading.Barrier(2)

    def meet(step: str) -> None:
        if step == "EHLO":
            both.wait(timeout=60)

    postbox.on_step = meet

    senders = [start(environment), start(environment)]
    for sender in senders:
        sender.communicate(timeout=60)

    assert [sender.returncode for sender in senders] == [0, 0]
    assert postbox.copies == Counter(message_id(message) for message in messages)


def test_the_loop_ends_when_it_is_told(doors: Doors) -> None:
    postbox, environment = doors
    post(2)
    arrived = threading.Event()
    postbox.on_step = lambda step: arrived.set() if step == "said" else None

    sender = start(environment, "--loop", "--every", "300")
    assert arrived.wait(timeout=60)
    sender.send_signal(signal.SIGTERM)
    sender.communicate(timeout=60)

    assert sender.returncode == 0
    assert OutboxMessage.objects.exclude(sent_at=None).count() == len(postbox.mail) > 0
    assert OutboxMessage.objects.filter(sent_at=None).exclude(handing_over_at=None).count() == 0

"""The outbox: what is posted, once, with what it tells of; and what becomes of it when it is sent."""

import datetime
import itertools
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from accounts import outbox
from accounts.mailing import message_id
from accounts.models import OutboxMessage, User
from accounts.models.outbox import LEASE, MOST_ATTEMPTS, RETRY_AFTER
from accounts.outbox import Content
from accounts.sending import GoneError, NotTakenError, Sender, Tally
from tests.factories import NOON, ClinicFactory, UserFactory

pytestmark = pytest.mark.django_db
SECOND = datetime.timedelta(seconds=1)


def post(key: str = "a key", **changes: Any) -> Any:
    given: dict[str, Any] = {"unique_key": key, "due_at": NOON, **changes}
    if "address" not in given:
        given.setdefault("to", UserFactory())
    return outbox.post("needs_you", **given)


def send(at: datetime.datetime = NOON) -> Tally:
    return Sender(clock=lambda: at).send_due()


# Posting --------------------------------------------------------------------------------------------------------------
def test_the_same_key_is_one_message() -> None:
    first = post("once")
    second = post("once")

    assert first == OutboxMessage.objects.get()
    assert second is None


def test_a_second_post_leaves_the_transaction_whole() -> None:
    post("once")

    with transaction.atomic():
        post("once")
        clinic = ClinicFactory()

    assert clinic.pk


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_is_not_told() -> None:
    class UndoneError(Exception):
        pass

    def undo() -> None:
        with transaction.atomic():
            post("undone")
            raise UndoneError

    with pytest.raises(UndoneError):
        undo()

    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_posted_outside_of_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        post(address="a@example.org")

    assert not OutboxMessage.objects.exists()


def test_posting_many_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    person = UserFactory()
    post("3", to=person)
    drafts = [outbox.draft("needs_you", unique_key=str(n), to=person, due_at=NOON) for n in range(400)]

    with django_assert_max_num_queries(10):
        new = outbox.post_many(drafts)

    assert new == 399
    assert OutboxMessage.objects.count() == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "https://elsewhere.example/"},
        {"path": "//elsewhere.example/"},
        {"path": "patients/"},
        {"channel": "pigeon"},
        {"address": ""},
    ],
)
def test_what_cannot_be_sent_is_not_posted(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        post(**wrong)

    assert not OutboxMessage.objects.exists()


def test_a_kind_without_a_composer_is_not_posted() -> None:
    with pytest.raises(ValueError, match="gossip"):
        outbox.post("gossip", unique_key="1", address="a@example.org", due_at=NOON)


@pytest.mark.parametrize(
    "wrong", [{"channel": "fax"}, {"address": "", "recipient": None}, {"sent_at": NOON, "cancelled_at": NOON}]
)
def test_the_database_refuses_what_must_never_be(wrong: dict[str, Any]) -> None:
    message = post(address="a@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=message.pk).update(**wrong)


# Sending --------------------------------------------------------------------------------------------------------------
def test_needs_you_says_where_and_nothing_else() -> None:
    person = UserFactory(full_name="Sam Okoye")
    clinic = ClinicFactory(name="Riverside")
    message = post(to=person, clinic=clinic, path="/prescriptions/6b1f/")

    send()

    [sent] = mail.outbox
    assert (sent.subject, sent.to) == ("Something needs you", [person.email])
    assert "http://127.0.0.1:8000/prescriptions/6b1f/" in sent.body
    assert not {"Sam", "Okoye", "Riverside"} & set(sent.message().as_string().split())
    assert sent.extra_headers["Message-ID"] == f"<{message.pk}@127.0.0.1>" == message_id(message)
    message.refresh_from_db()
    assert (message.sent_at, message.attempts, message.claimed_until) == (NOON, 1, None)


def test_what_is_sent_is_not_sent_again() -> None:
    post()

    assert [send().sent, send(NOON + 9 * LEASE).sent] == [1, 0]
    assert len(mail.outbox) == 1


def test_what_is_not_due_waits() -> None:
    post()

    assert [send(NOON - SECOND).sent, send(NOON).sent] == [0, 1]


def test_the_longest_due_goes_first() -> None:
    post("late", address="late@example.org", due_at=NOON)
    post("early", address="early@example.org", due_at=NOON - SECOND)

    send()

    assert [message.to for message in mail.outbox] == [["early@example.org"], ["late@example.org"]]


def test_mail_goes_to_where_the_person_reads_it_now() -> None:
    person = UserFactory(email="old@example.org")
    post(to=person)
    User.objects.filter(pk=person.pk).update(email="new@example.org")

    send()

    assert mail.outbox[0].to == ["new@example.org"]


def test_a_closed_account_gets_nothing() -> None:
    person = UserFactory()
    message = post(to=person)
    User.objects.filter(pk=person.pk).update(is_active=False)

    tally = send()

    message.refresh_from_db()
    assert (tally.cancelled, message.cancelled_at, mail.outbox) == (1, NOON, [])


def test_what_was_taken_back_is_not_sent() -> None:
    post("taken back")
    post("wanted")

    taken_back = OutboxMessage.objects.filter(unique_key="taken back").cancel(at=NOON)

    assert (taken_back, send().sent, len(mail.outbox)) == (1, 1, 1)


def not_wanted(message: OutboxMessage, *, at: datetime.datetime) -> None:
    """A composer that finds no words."""


def broken(message: OutboxMessage, *, at: datetime.datetime) -> Content:
    """A composer that fails, over a name."""
    raise KeyError("Margaret Ellison")


@override_settings(OUTBOX_COMPOSERS={"needs_you": f"{__name__}.not_wanted"})
def test_what_is_no_longer_wanted_is_cancelled() -> None:
    message = post()

    tally = send()

    message.refresh_from_db()
    assert (tally.cancelled, message.cancelled_at, mail.outbox) == (1, NOON, [])


@override_settings(OUTBOX_COMPOSERS={"needs_you": f"{__name__}.broken"})
def test_a_composer_that_fails_stops_nobody_else_and_tells_no_name(caplog: pytest.LogCaptureFixture) -> None:
    message = post()

    tally = send()

    message.refresh_from_db()
    assert (tally.failed, message.sent_at) == (1, None)
    assert message.last_error.startswith("KeyError at test_outbox.py:")
    assert message.last_error in caplog.text
    assert "Margaret" not in caplog.text


class Line:
    """A channel that does what the test says."""

    says: Exception | None = None
    opening: Exception | None = None
    opened = 0

    def open(self) -> None:
        Line.opened += 1
        if Line.opening:
            raise Line.opening

    def deliver(self, message: OutboxMessage, content: Content) -> None:
        if Line.says:
            raise Line.says

    def close(self) -> None:
        pass


@pytest.fixture
def line(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Line]:
    settings.OUTBOX_CHANNELS = {"mail": f"{__name__}.Line"}
    for name in ("says", "opening"):
        monkeypatch.setattr(Line, name, None)
    monkeypatch.setattr(Line, "opened", 0)
    return Line


def test_a_failure_is_tried_again_later_each_time_and_then_given_up(line: type[Line]) -> None:
    message = post()
    line.says = NotTakenError("SMTPDataError 451")
    tried_at = []
    at = NOON

    for minute in range(60 * 24 * 2):
        at = NOON + datetime.timedelta(minutes=minute)
        if send(at).failed:
            tried_at.append(at)

    message.refresh_from_db()
    assert [later - sooner for sooner, later in itertools.pairwise(tried_at)] == list(RETRY_AFTER)
    assert (message.attempts, message.last_error, message.sent_at) == (MOST_ATTEMPTS, "SMTPDataError 451", None)
    assert list(OutboxMessage.objects.stuck(at=at)) == [message]


def test_what_was_given_up_is_sent_once_the_cause_is_mended(line: type[Line]) -> None:
    message = post()
    OutboxMessage.objects.update(attempts=MOST_ATTEMPTS)

    before = send().sent
    OutboxMessage.objects.retry(at=NOON)

    assert (before, send().sent) == (0, 1)
    message.refresh_from_db()
    assert message.sent_at == NOON


@pytest.mark.parametrize(
    ("error", "in_doubt"),
    [
        (NotTakenError("SMTPDataError 554"), False),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
    ],
)
def test_a_silence_is_kept_apart_from_a_no(error: Exception, in_doubt: bool, line: type[Line]) -> None:
    message = post()
    line.says = error

    send()

    message.refresh_from_db()
    assert message.may_have_arrived is in_doubt


def test_a_no_does_not_settle_an_earlier_silence(line: type[Line]) -> None:
    message = post()
    line.says = TimeoutError()
    send()
    line.says = NotTakenError("SMTPDataError 451")

    send(NOON + RETRY_AFTER[0])

    message.refresh_from_db()
    assert message.attempts == 2
    assert message.may_have_arrived


def test_where_it_should_go_is_gone(line: type[Line]) -> None:
    message = post()
    line.says = GoneError()

    tally = send()

    message.refresh_from_db()
    assert (tally.cancelled, message.cancelled_at) == (1, NOON)


def test_a_server_that_cannot_be_reached_costs_one_message_one_attempt(line: type[Line]) -> None:
    for n in range(5):
        post(str(n))
    line.opening = ConnectionRefusedError()

    tally = send()

    assert (tally.failed, line.opened) == (1, 1)
    assert sorted(OutboxMessage.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    assert not OutboxMessage.objects.exclude(handing_over_at=None).exists()


def test_one_connection_serves_a_pass(line: type[Line]) -> None:
    for n in range(5):
        post(str(n))

    send()

    assert line.opened == 1


def test_mail_to_nobody_is_not_taken_for_sent() -> None:
    message = post()
    User.objects.update(email="")

    send()

    message.refresh_from_db()
    assert (message.sent_at, message.last_error) == (None, "nobody to send it to")


def test_what_a_sender_began_to_hand_over_is_not_forgotten() -> None:
    written, begun, gone = post("written"), post("begun"), post("gone")
    OutboxMessage.objects.filter(pk=begun.pk).update(handing_over_at=NOON)
    OutboxMessage.objects.filter(pk=gone.pk).update(handing_over_at=NOON, sent_at=NOON)

    forgotten = OutboxMessage.objects.forget()

    assert forgotten == 1
    assert set(OutboxMessage.objects.all()) == {begun, gone}
    assert post("written").pk != written.pk


# Claims ---------------------------------------------------------------------------------------------------------------
def test_a_claimed_message_is_nobody_elses_until_the_lease_runs_out() -> None:
    message = post()

    claims = [OutboxMessage.objects.claim(at=NOON + delay) for delay in (SECOND, LEASE, SECOND + LEASE)]

    assert claims == [message, None, message]


def test_a_sender_that_lost_its_lease_does_not_hand_over() -> None:
    post()
    slow = OutboxMessage.objects.claim(at=NOON)
    quick = OutboxMessage.objects.claim(at=NOON + LEASE)

    assert slow.begin_hand_over(at=NOON + LEASE) is False
    assert quick.begin_hand_over(at=NOON + LEASE) is True
    assert quick.begin_hand_over(at=NOON + 2 * LEASE) is False


def test_what_became_of_a_lost_claim_changes_nothing() -> None:
    message = post()
    slow = OutboxMessage.objects.claim(at=NOON)
    OutboxMessage.objects.claim(at=NOON + LEASE)

    slow.mark_failed("TimeoutError", at=NOON + LEASE)
    slow.cancel(at=NOON + LEASE)

    message.refresh_from_db()
    assert (message.last_error, message.cancelled_at, message.claimed_until) == ("", None, NOON + 2 * LEASE)


def test_what_was_taken_is_sent_although_the_lease_ran_out() -> None:
    message = post()
    slow = OutboxMessage.objects.claim(at=NOON)
    quick = OutboxMessage.objects.claim(at=NOON + LEASE)

    slow.mark_sent(at=NOON + LEASE)

    assert quick.begin_hand_over(at=NOON + LEASE) is False
    message.refresh_from_db()
    assert message.sent_at == NOON + LEASE


def test_overdue_tells_that_nobody_sends() -> None:
    message = post()
    hour = datetime.timedelta(hours=1)

    overdue = [OutboxMessage.objects.overdue(at=NOON + delay, by=hour) for delay in (hour - SECOND, hour)]

    assert [list(rows) for rows in overdue] == [[], [message]]


def test_a_message_has_one_secret_for_life() -> None:
    message, other = post("1"), post("2")

    tokens = [outbox.token_of(row) for row in (message, OutboxMessage.objects.get(pk=message.pk), other)]

    assert tokens[0] == tokens[1] != tokens[2]
    assert [len(token) for token in tokens] == [43, 43, 43]


# Planning -------------------------------------------------------------------------------------------------------------
planned: list[datetime.datetime] = []


def plan(*, at: datetime.datetime) -> None:
    """Plan nothing, and remember it."""
    planned.append(at)


def plan_badly(*, at: datetime.datetime) -> None:
    """Fail, over a name."""
    raise ValueError("Margaret Ellison")


@override_settings(OUTBOX_SCHEDULERS=[f"{__name__}.plan_badly", f"{__name__}.plan"])
def test_one_planner_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    planned.clear()

    Sender(clock=lambda: NOON).plan()

    assert planned == [NOON]
    assert "ValueError at test_outbox.py" in caplog.text
    assert "Margaret" not in caplog.text


def test_claiming_reads_an_index(django_assert_max_num_queries: Any) -> None:
    post()

    with django_assert_max_num_queries(5):
        OutboxMessage.objects.claim(at=NOON)

    explained = OutboxMessage.objects.due(at=NOON).order_by("due_at", "id").explain()
    assert connection.vendor != "sqlite" or "outbox_message_waiting" in explained

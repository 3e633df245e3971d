"""The chain names what was inserted, changed, removed or moved; and an erased patient leaves it whole."""

import datetime
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts import acting
from audit import sealing, triggers
from audit.chain import Head, link_of, verify
from audit.models import Event, Seal
from audit.sealing import seal_events
from clinic.privacy import ledger
from clinic.privacy.erasing import erase, remove
from patients.models import Patient
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db

IS_POSTGRES = connection.vendor == "postgresql"
EVENTS, SEALS = ("audit.event", "audit.seal") if IS_POSTGRES else ("audit_event", "audit_seal")
GUARDS = {
    "audit_event": ("event_not_deleted", "event_not_changed"),
    "audit_seal": ("seal_not_deleted", "seal_not_changed"),
}


def sql(text: str, *values: Any) -> None:
    """As somebody who may do everything, and takes the stumbling blocks away first."""
    with connection.cursor() as cursor:
        if IS_POSTGRES:
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            for names in GUARDS.values():
                for name in names:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(text, values)
        if IS_POSTGRES:
            cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def sealed() -> list[Event]:
    """Three events of one patient, sealed as the last ones."""
    patient = PatientFactory(full_name='Ada Ärmel "A" \\ \x1f')
    for note in ("one", "two"):
        Patient.objects.filter(pk=patient.pk).update(note=note)
    seal_events(everything=True)
    with acting.everywhere("a test"):
        return list(Event.objects.filter(patient_id=patient.pk).order_by("pk"))


def about(events: list[Event]) -> uuid.UUID:
    """The patient of these events."""
    assert events[0].patient_id
    return events[0].patient_id


def faults(heads: list[Head] | None = None) -> list[str]:
    with acting.everywhere("a test"):
        return verify(heads or [], erased=ledger.erased).faults


def place_of(event: Event) -> int:
    return Seal.objects.get(event_id=event.pk).position


def test_the_record_is_whole(sealed: list[Event]) -> None:
    with acting.everywhere("a test"):
        verdict = verify(erased=ledger.erased)

    assert verdict.faults == []
    assert verdict.sealed >= 3
    assert (verdict.unsealed, verdict.last.event_id) == (0, sealed[-1].pk)


INSERT = (
    f"INSERT INTO {EVENTS} (at, role, table_name, object_id, action, address, door, content)"
    " VALUES (%s, 'clinician', 'patients_patient', '', 'view', '', '', '{}')"
)
TAMPERING: dict[str, tuple[Callable[[list[Event]], None], str]] = {
    "content": (
        lambda events: sql(f"UPDATE {EVENTS} SET content = '{{}}' WHERE id = %s", events[1].pk),
        "event {1}: changed: its content",
    ),
    "who": (
        lambda events: sql(f"UPDATE {EVENTS} SET role = 'patient' WHERE id = %s", events[1].pk),
        "event {1}: changed, or not",
    ),
    "when": (
        lambda events: sql(f"UPDATE {EVENTS} SET at = %s WHERE id = %s", timezone.now(), events[1].pk),
        "event {1}: changed, or not",
    ),
    "an event removed": (
        lambda events: sql(f"DELETE FROM {EVENTS} WHERE id = %s", events[1].pk),
        "event {1}: missing (seal ",
    ),
    "its seal removed": (
        lambda events: sql(f"DELETE FROM {SEALS} WHERE event_id = %s", events[1].pk),
        "seal {place}: missing",
    ),
    "two in another order": (lambda events: swap(events[1], events[2]), "event {2}: changed"),
    "one of yesterday put in": (
        lambda _events: sql(INSERT, timezone.now() - datetime.timedelta(days=1)),
        "event {new}: inserted: it says",
    ),
}


def swap(one: Event, other: Event) -> None:
    first, second = place_of(one), place_of(other)
    for event_id, position in ((-1, first), (one.pk, second), (other.pk, first)):
        sql(f"UPDATE {SEALS} SET event_id = %s WHERE position = %s", event_id, position)


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_named(sealed: list[Event], what: str) -> None:
    tamper, expected = TAMPERING[what]
    place = place_of(sealed[1])

    tamper(sealed)

    newest = Event.objects.order_by("pk").values_list("pk", flat=True).last()
    said = expected.format(*(event.pk for event in sealed), place=place, new=newest)
    assert [fault for fault in faults() if fault.startswith(said)], faults()


def test_each_link_rests_on_the_one_before(sealed: list[Event]) -> None:
    seals = list(Seal.objects.order_by("position"))
    hashes = [seal.hash for seal in seals]

    with acting.everywhere("a test"):
        first, second = (Event.objects.get(pk=seal.event_id) for seal in seals[-2:])
        alone = link_of("", second, seals[-1].digest)
        after_it = link_of(hashes[-2], second, seals[-1].digest)
        after_another = link_of(link_of("", first, "0" * 64), second, seals[-1].digest)

    assert hashes[-1] == after_it
    assert len({alone, after_it, after_another}) == 3


def test_the_verifier_names_a_table_without_its_trigger(sealed: list[Event], capsys: Any) -> None:
    for name in triggers.present(connection)["patients_condition"]:
        sql(f'DROP TRIGGER "{name}"' + (" ON patients_condition" if IS_POSTGRES else ""))

    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_audit")

    assert "patients_condition: not all of it is put on record" in capsys.readouterr().out


def test_what_was_put_in_and_then_sealed_is_named(sealed: list[Event]) -> None:
    sql(INSERT, timezone.now() - datetime.timedelta(days=1))
    newest = Event.objects.order_by("pk").values_list("pk", flat=True).last()

    seal_events(everything=True)

    assert [fault for fault in faults() if fault.startswith(f"event {newest}: inserted")]


def test_a_removed_tail_is_named_by_the_head(sealed: list[Event], tmp_path: Path) -> None:
    kept = tmp_path / "heads"
    with kept.open("w") as file:
        call_command("seal_audit", stdout=file)
    last = place_of(sealed[-1])

    sql(f"DELETE FROM {SEALS} WHERE event_id = %s", sealed[-1].pk)
    sql(f"DELETE FROM {EVENTS} WHERE id = %s", sealed[-1].pk)

    assert faults() == []
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_audit", head=kept)
    assert faults([Head.read(kept.read_text())])[0].startswith(f"seal {last}: missing, the head of ")


def test_a_chain_that_was_computed_anew_is_not_the_one_of_the_head(sealed: list[Event]) -> None:
    seal = Seal.objects.last()
    kept = Head(timezone.now().date(), seal.position, seal.hash)
    sql(f"UPDATE {EVENTS} SET content = '{{}}' WHERE id = %s", sealed[0].pk)
    sql(f"DELETE FROM {SEALS}")

    seal_events(everything=True)

    assert faults() == []
    assert [fault for fault in faults([kept]) if "was rewritten" in fault]


def test_blanked_events_keep_the_chain_whole(sealed: list[Event]) -> None:
    patient = Patient.objects.get(pk=about(sealed))
    erase(patient, by=None, at=timezone.now())
    remove(patient, at=timezone.now())

    with acting.everywhere("a test"):
        events = Event.objects.filter(patient_id=sealed[0].patient_id).order_by("pk")
        assert {(event.content, event.salt) for event in events} == {(None, None)}
        assert [event.action for event in events][:: len(events) - 1] == ["add", "delete"]
        assert verify(erased=ledger.erased).blanked == len(events)
    assert faults() == []


def test_an_event_that_was_emptied_is_named_unless_its_patient_was_erased(sealed: list[Event]) -> None:
    sql(f"UPDATE {EVENTS} SET content = NULL, salt = NULL WHERE id = %s", sealed[1].pk)

    assert faults() == [f"event {sealed[1].pk}: emptied: nobody whom it is about was erased"]


@pytest.mark.postgres
def test_nobody_is_blanked_who_was_not_erased(sealed: list[Event]) -> None:
    with pytest.raises(Exception, match="was not erased"), transaction.atomic():
        sealing.blank(about(sealed))


def test_a_pass_of_the_sender_seals_and_keeps_the_head_of_the_day_before(
    sealed: list[Event], settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_HEADS = str(tmp_path / "heads")
    before = Seal.objects.last()
    Patient.objects.filter(pk=about(sealed)).update(note="three")

    sealing.seal(at=timezone.now() + datetime.timedelta(days=1))

    assert Seal.objects.last().position == before.position + 1
    assert (tmp_path / "heads").read_text() == f"{before.sealed_at.date()} {before.position} {before.hash}\n"
    assert "audit.sealing.seal" in settings.OUTBOX_SCHEDULERS


def test_a_file_without_heads_is_refused(tmp_path: Path) -> None:
    (tmp_path / "heads").write_text("nothing of the kind\n")

    with pytest.raises(CommandError, match="holds no heads"):
        call_command("verify_audit", head=tmp_path / "heads")


def test_erasing_a_record_leaves_events_that_say_nothing(sealed: list[Event]) -> None:
    patient = Patient.objects.get(pk=about(sealed))

    erase(patient, by=None, at=timezone.now())

    with acting.everywhere("a test"):
        events = Event.objects.filter(patient_id=patient.pk)
        assert len(events) > len(sealed)
        assert {event.content for event in events} == {None}
    assert faults() == []

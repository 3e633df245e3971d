"""Two at once: one activates, the other changes what is known. Real threads on PostgreSQL, with the locks and without.

A change slips through when the activation does not see it, and whoever makes it does not see the prescription either:
then nobody is told. With the locks one of the two always sees the other.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from patients.models import Condition, Patient
from prescriptions.models import PermissibilityReport, Prescription, UnsafePrescriptionError
from prescriptions.models import prescription as prescription_module
from stretches.models import Contraindication, Stretch
from tests.factories import (
    NOON,
    TODAY,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PrescribedStretchFactory,
    SourceFactory,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft():
    return PrescribedStretchFactory(prescription__patient__conditions_reviewed_on=TODAY).prescription


@contextmanager
def without_locks(monkeypatch):
    """Take away exactly the locks that the two sides take."""
    with monkeypatch.context() as patch:
        for model in (Patient, Stretch):
            patch.setattr(type(model.objects.all()), "select_for_update", lambda self, **_: self)
        patch.setattr(prescription_module, "lock_stretches", lambda _: None)
        yield


def in_thread(pool: ThreadPoolExecutor, work: Callable[[], object]):
    def run():
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


def race(monkeypatch, draft, change: Callable[[], bool]) -> bool:
    """Let the change happen between the activation's check and its commit, as far as the locks let it.

    ``change`` returns whether its author saw the prescription in force before committing. Returns whether the change
    slipped through.
    """
    checked, changed = threading.Event(), threading.Event()
    write = PermissibilityReport.write

    def write_late(*args, **kwargs):
        checked.set()
        changed.wait(timeout=0.5)  # with the locks the change waits for us: then we go on
        return write(*args, **kwargs)

    def activate() -> bool:
        try:
            draft.activate(by=draft.created_by, at=NOON)
        except UnsafePrescriptionError:
            return True
        return False

    def change_meanwhile() -> bool:
        assert checked.wait(timeout=5)
        seen = change()
        changed.set()
        return seen

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(PermissibilityReport, "write", write_late)
        activation, author = in_thread(pool, activate), in_thread(pool, change_meanwhile)
        activation_saw_it, author_saw_it = activation.result(timeout=10), author.result(timeout=10)
    return not activation_saw_it and not author_saw_it


def record_a_condition(draft) -> Callable[[], bool]:
    code = ConditionCodeFactory()
    ContraindicationFactory(stretch=draft.items.get().stretch, condition_code=code)

    def change() -> bool:
        with transaction.atomic():
            Condition(patient=draft.patient, code=code).record(by=draft.created_by)
            return Prescription.objects.active().filter(patient=draft.patient).exists()

    return change


def publish_a_contraindication(draft) -> Callable[[], bool]:
    code = ConditionFactory(patient=draft.patient).code
    stretch, source = draft.items.get().stretch, SourceFactory()

    def change() -> bool:
        with transaction.atomic():
            Contraindication(
                stretch=stretch,
                condition_code=code,
                severity="absolute",
                rationale="Because.",
                source=source,
                confidence="high",
            ).save()
            return Prescription.objects.active().filter(items__stretch=stretch).exists()

    return change


def retire_the_stretch(draft) -> Callable[[], bool]:
    stretch = draft.items.get().stretch

    def change() -> bool:
        with transaction.atomic():
            stretch.status = "retired"
            stretch.save()
            return Prescription.objects.active().filter(items__stretch=stretch).exists()

    return change


@pytest.mark.parametrize("prepare", [record_a_condition, publish_a_contraindication, retire_the_stretch])
def test_with_the_locks_nothing_slips_through(monkeypatch, draft, prepare):
    assert not race(monkeypatch, draft, prepare(draft))


@pytest.mark.parametrize("prepare", [record_a_condition, publish_a_contraindication, retire_the_stretch])
def test_without_the_locks_it_does(monkeypatch, draft, prepare):
    change = prepare(draft)

    with without_locks(monkeypatch):
        slipped = race(monkeypatch, draft, change)

    assert slipped


@pytest.mark.parametrize("prepare", [record_a_condition, publish_a_contraindication])
def test_what_slips_through_nevertheless_is_not_shown(monkeypatch, draft, prepare):
    change = prepare(draft)
    with without_locks(monkeypatch):
        race(monkeypatch, draft, change)

    (line,) = Prescription.objects.get().lines_on(TODAY)

    assert not line.is_safe


def test_twenty_identical_activations_make_one(draft):
    def activate() -> bool:
        try:
            Prescription.objects.get(pk=draft.pk).activate(by=draft.created_by, at=NOON)
        except prescription_module.TransitionError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        done = [in_thread(pool, activate) for _ in range(20)]
        outcomes = [future.result(timeout=30) for future in done]

    assert outcomes.count(True) == 1
    assert PermissibilityReport.objects.count() == 1

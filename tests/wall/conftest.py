"""Two clinics with rows in every walled table."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import outbox
from accounts.models import Clinic, Membership, User
from patients.models import OutcomeScore
from prescriptions.models import OverriddenContraindication, Override, PermissibilityReport
from routines.models import Proposal, RedFlagScreen, StretchLog
from stretches.adapting import adapt
from stretches.models import (
    CatalogueRelease,
    ContraindicationProposal,
    Movement,
    RedFlagAction,
    RedFlagQuestion,
    SignOff,
    Stretch,
    StretchDecision,
    StretchPhoto,
    StretchVideo,
)
from tests.factories import ConditionFactory, ContraindicationFactory, SourceFactory, StretchFactory
from tests.permissions.world import OTHER, OWN, World, build


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        there = build()
        for what, clinic in ((OWN, there.clinic), (OTHER, there.elsewhere)):
            add_what_no_page_names(there.objects[what], clinic)
        yield there
        transaction.set_rollback(True)


def add_what_no_page_names(ids: dict[str, Any], clinic: Clinic) -> None:
    """One row more of whatever the pages' world has none of: entries of the clinic's own, and what hangs on them."""
    by = User.objects.get(pk=ids["clinician"])
    movement = Movement.objects.get_or_create(slug="flexion", defaults={"name": "Flexion"})[0]
    original = StretchFactory()
    original.movements.add(movement)
    original.equipment.create(slug=f"belt-{clinic.pk}", name=f"Belt {clinic}")
    against = ContraindicationFactory(stretch=original)
    against.movements.add(movement)
    copy = adapt(original, clinic=clinic, by=by)
    copy.easier.add(Stretch.objects.get(pk=ids["reviewed stretch"]))
    copy.save()  # its version has the links
    about = {"stretch": copy, "condition_code": against.condition_code, "source": SourceFactory()}
    asked = ContraindicationProposal.objects.create(
        **about, severity="absolute", rationale="It may be.", confidence="low"
    )
    asked.movements.add(movement)
    for row in copy.contraindications.all():
        row.save()
        SignOff.objects.create(
            contraindication=row,
            stretch=copy,
            condition_code=row.condition_code,
            severity=row.severity,
            rationale=row.rationale,
            citation="A paper.",
            signed_by=by,
            name="Somebody",
            registration="PH 1",
            signed_at=timezone.now(),
        )
    StretchPhoto.objects.create(stretch=copy, key=copy.pk.hex, alt="On the back.", width=4, height=3)
    StretchVideo.objects.create(stretch=copy, provider="youtube", video_id="dQw4w9WgXcQ")
    StretchDecision.objects.create(stretch=copy, kind="drafted", why="A test.")
    CatalogueRelease.record_edit("an entry", by=by, clinic_id=clinic.pk)
    Proposal.objects.get(pk=ids["proposal"]).logs.add(StretchLog.objects.get(pk=ids["log"]))
    score = OutcomeScore.objects.get(pk=ids["score"])
    score.activities.create(clinic=clinic, position=1, activity="Walking", rating=4)
    screen = RedFlagScreen.objects.filter(clinic=clinic).first()
    screen.answers.create(clinic=clinic, question=a_question(), wording="Numb?", is_yes=False)
    override = Override.objects.filter(clinic=clinic)[0]
    condition = ConditionFactory(patient_id=ids["patient"], clinic=clinic, code=against.condition_code, recorded_by=by)
    OverriddenContraindication.objects.create(
        clinic=clinic, override=override, contraindication=against, condition=condition
    )
    with transaction.atomic():
        outbox.post("needs_you", unique_key=f"wall:{clinic.pk}", due_at=timezone.now(), to=by, clinic=clinic)
    assert PermissibilityReport.objects.filter(clinic=clinic).exists()
    assert Membership.objects.filter(clinic=clinic).exists()


def a_question() -> RedFlagQuestion:
    action = RedFlagAction.objects.get_or_create(tier="urgent", defaults={"message": "Call."})[0]
    about = {"question": "Numb?", "action": action, "source": SourceFactory()}
    return RedFlagQuestion.objects.get_or_create(slug="numb", defaults=about)[0]

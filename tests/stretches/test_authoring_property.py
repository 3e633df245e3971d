"""Random authoring, by two admins in the admin site and by whoever goes around it: what is offered was decided about.

After every step each stretch that the safety rule would offer to somebody has to be reviewed, with every proposal
decided, and with every rule that its movements call for satisfied or answered. That is found out a second time here,
week by week and code by code.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.forms.seen import fingerprint
from accounts.models import User
from patients.models import Patient
from prescriptions import safety
from prescriptions.safety import Verdict
from stretches import pictograms, review
from stretches.impact import change_begins
from stretches.models import (
    ConditionCode,
    Contraindication,
    ContraindicationProposal,
    Movement,
    MovementRule,
    Stretch,
    UndecidedError,
)
from stretches.proposing import propose
from tests.admin_pages import admin_url, form_of
from tests.factories import (
    NOON,
    TODAY,
    AdminFactory,
    ConditionCodeFactory,
    PatientFactory,
    SourceFactory,
    StretchFactory,
)

SEVERITIES = ["absolute", "relative", "precaution"]
WINDOWS = [(None, None), (None, 6), (6, 12)]
THREE = st.integers(0, 2)
TWO = st.integers(0, 1)


class Stage:
    """Three stretches, three codes one below the other, three movements, and two admins."""

    def __init__(self) -> None:
        self.patient: Patient = PatientFactory(conditions_reviewed_on=TODAY)
        self.source = SourceFactory()
        self.movements = [Movement.objects.create(slug=f"m-{n}", name=f"Movement {n}") for n in range(3)]
        self.codes: list[ConditionCode] = []
        for _ in range(3):
            below = self.codes[-1:]
            self.codes.append(ConditionCodeFactory(broader=below, window_anchor="onset_date"))
        drawn = sorted(pictograms.slugs())[:3]
        self.stretches = [
            StretchFactory(slug=slug, status="draft" if n else "reviewed") for n, slug in enumerate(drawn)
        ]
        self.stretches[0].movements.set(self.movements[:1])
        self.admins: list[User] = [AdminFactory(), AdminFactory()]
        self.clients = [self._client(admin) for admin in self.admins]
        self.forms = [
            form_of(self.clients[0].get(admin_url(Stretch, "change", stretch.pk))) for stretch in self.stretches
        ]

    def _client(self, admin: User) -> Client:
        admin.let_edit_catalogue()
        client = Client()
        client.force_login(admin)
        return client


class Authoring(RuleBasedStateMachine):
    """What can be done to a catalogue, and around it."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    # Writing: the form of the admin site, and what the pages of rules and contraindications call ----------------------
    @rule(who=TWO, number=THREE, movements=st.sets(THREE, min_size=1), status=st.sampled_from(["draft", "reviewed"]))
    def write_a_stretch(self, who: int, number: int, movements: set[int], status: str) -> None:
        stretch = self.stage.stretches[number]
        data = self.stage.forms[number] | {
            "movements": [str(self.stage.movements[each].pk) for each in movements],
            "status": status,  # of which a browser offers nothing
            "seen": fingerprint(stretch),
        }
        answer = self.stage.clients[who].post(admin_url(Stretch, "change", stretch.pk), data)
        assert answer.status_code == 302

    @rule(
        who=TWO,
        movement=THREE,
        code=THREE,
        severity=st.sampled_from(SEVERITIES),
        window=st.sampled_from(WINDOWS),
        settling=st.sampled_from(["now", "later", "later"]),
    )
    def write_a_rule(self, who: int, movement: int, code: int, severity: str, window: Any, settling: str) -> None:
        asked = MovementRule.objects.create(
            condition_code=self.stage.codes[code],
            severity=severity,
            from_week=window[0],
            until_week=window[1],
            rationale=f"Rule {MovementRule.objects.count()}",
            source=self.stage.source,
            confidence="high",
        )
        asked.movements.add(self.stage.movements[movement])
        accepting = asked if settling == "now" else None
        propose(by=self.stage.admins[who], at=NOON, why="A new rule.", accepting=accepting)

    @rule(who=TWO, severity=st.sampled_from([*SEVERITIES, "deleted"]))
    def take_a_contraindication_back(self, who: int, severity: str) -> None:
        row = Contraindication.objects.order_by("pk").first()
        if row is None:
            return
        if severity == "deleted":
            row.delete()
        else:
            row.severity = severity
            row.save()
        propose([row.stretch_id], by=self.stage.admins[who], at=NOON, why="A contraindication was changed.")

    # On the page of a review: what its buttons call -------------------------------------------------------------------
    @rule(who=TWO, number=THREE, decision=st.sampled_from(["accept", "change", "reject", "leave one"]))
    def decide_and_publish(self, who: int, number: int, decision: str) -> None:
        stretch, by = self.stage.stretches[number], self.stage.admins[who]
        for proposal in stretch.proposals.undecided()[decision == "leave one" :]:
            match decision:
                case "change":
                    proposal.change(
                        by=by,
                        at=NOON,
                        reason="We know.",
                        severity="precaution",
                        from_week=1,
                        until_week=2,
                        rationale=".",
                    )
                case "reject":
                    proposal.reject(by=by, at=NOON, reason="We know.")
                case _:
                    proposal.accept(by=by, at=NOON)
        self.move(who, number, review.publish)
        self.move(1 - who, number, review.publish)

    @rule(who=TWO, number=THREE, step=st.sampled_from([review.publish, review.take_back, review.retire]))
    def move(self, who: int, number: int, step: Callable[..., Any]) -> None:
        stretch = Stretch.objects.get(pk=self.stage.stretches[number].pk)
        try:
            step(stretch, by=self.stage.admins[who], at=NOON, why="So be it.", change=change_begins([], at=NOON))
        except review.NotReadyError:
            return

    # Around it --------------------------------------------------------------------------------------------------------
    @rule(number=THREE, way=st.sampled_from(["save", "update", "bulk_update", "proposal"]))
    def go_around(self, number: int, way: str) -> None:
        stretch = Stretch.objects.get(pk=self.stage.stretches[number].pk)
        proposal = ContraindicationProposal.objects.exclude(state="open").first()
        try:
            with transaction.atomic():
                if way == "proposal" and proposal:
                    ContraindicationProposal.objects.filter(pk=proposal.pk).update(state="open", decided_at=None)
                elif way == "save":
                    stretch.status = "reviewed"
                    stretch.save()
                elif way == "update":
                    Stretch.objects.filter(pk=stretch.pk).update(status="reviewed")
                elif way == "bulk_update" and stretch.proposals.undecided().exists():
                    stretch.status = "reviewed"
                    Stretch.objects.bulk_update([stretch], ["status"])
        except (UndecidedError, IntegrityError):  # PostgreSQL may be faster than the model
            return

    # What has to be true ----------------------------------------------------------------------------------------------
    @invariant()
    def what_is_offered_was_decided_about(self) -> None:
        circumstances = safety.circumstances_of(self.stage.patient, on=TODAY)
        offered = safety.with_verdict(circumstances, Verdict.ALLOWED, Stretch.objects.all())
        for stretch in offered:
            assert stretch.status == "reviewed"
            assert not stretch.proposals.filter(state="open").exists()
            for asked in MovementRule.objects.filter(movements__in=stretch.movements.all()).distinct():
                assert is_answered(stretch, asked) or is_satisfied(stretch, asked), (stretch, asked)


def is_answered(stretch: Stretch, asked: MovementRule) -> bool:
    """Whether somebody decided otherwise than the rule."""
    decided = stretch.proposals.filter(state__in=["changed", "rejected"], rule=asked, severity=asked.severity)
    return any(each.reason and each.decided_by_id for each in decided)


def is_satisfied(stretch: Stretch, asked: MovementRule) -> bool:
    """Whether in each week the stretch has a row at least as severe on the code or one above it."""
    above: list[int] = []
    code: ConditionCode | None = asked.condition_code
    while code is not None:
        above.append(code.pk)
        code = code.broader.first()
    enough = SEVERITIES[: SEVERITIES.index(asked.severity) + 1]
    rows = [row for row in stretch.contraindications.all() if row.severity in enough and row.condition_code_id in above]
    weeks = range(asked.from_week or 0, asked.until_week or 30)
    return all(
        any((row.from_week or 0) <= week and (row.until_week is None or week < row.until_week) for row in rows)
        for week in weeks
    )


# Making a counterexample small takes minutes, and whoever breaks the code on purpose needs none.
PHASES = [phase for phase in Phase if phase is not Phase.shrink or "MUTATION" not in os.environ]


@pytest.mark.django_db
def test_no_stretch_is_offered_about_which_something_is_undecided() -> None:
    Authoring.stage = Stage()

    run_state_machine_as_test(
        Authoring,
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )

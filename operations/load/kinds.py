"""Kinds of patient: which conditions they have, and what the safety rule lets all of them do on every day.

The rule itself is asked, once for each kind, about a patient who is taken back at once. A stretch is prescribed to a
kind only if nothing speaks against it in any window, or nothing but advice that holds on every day: so that what is
made here is safe whenever it is looked at, and its permissibility reports can be reproduced.
"""

import dataclasses
import datetime
import random
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import Clinic, User
from patients.models import Condition, Patient
from prescriptions import safety
from prescriptions.models import PrescribedStretch
from prescriptions.models.report import reasons_of
from stretches.models import ConditionCode, Stretch, StretchStatus

KINDS = 40
STRETCHES_AT_LEAST = 4


@dataclasses.dataclass(frozen=True)
class Choice:
    """A stretch that a kind may do, its dose and, for the report, its verdict; ``concerns`` are places in ``codes``."""

    line: PrescribedStretch
    verdict: str
    issues: tuple[dict[str, Any], ...]
    concerns: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Kind:
    """What patients of one kind have, and may do."""

    codes: tuple[ConditionCode, ...]
    choices: tuple[Choice, ...]


def kinds(choose: random.Random) -> list[Kind]:
    """So many kinds, those first who have nothing that matters.

    Raises:
        LookupError: the catalogue lets hardly anything be prescribed.
    """
    codes = list(ConditionCode.objects.filter(is_selectable=True).order_by("slug"))
    stretches = list(
        Stretch.objects.filter(clinic=None, status=StretchStatus.REVIEWED).order_by("difficulty", "name", "id")
    )
    found = [_kind((), stretches)]
    for _ in range(4 * KINDS):
        kind = _kind(tuple(choose.sample(codes, min(len(codes), choose.choice((1, 1, 2, 2, 3))))), stretches)
        if len(kind.choices) >= STRETCHES_AT_LEAST:
            found.append(kind)
        if len(found) == KINDS:
            break
    if len(found[0].choices) < STRETCHES_AT_LEAST:
        raise LookupError("The catalogue has too few reviewed stretches: run load_catalogue first.")
    return found


def _kind(codes: Sequence[ConditionCode], stretches: Sequence[Stretch]) -> Kind:
    today = datetime.date(2026, 1, 15)  # of no importance: without a date, every window applies
    with transaction.atomic():
        clinic = Clinic.objects.create(name="Asked for")
        by = User.objects.create(email="asked-for@load.example", full_name="Asked for")
        patient = Patient(clinic=clinic, full_name="Asked for", born_on=today)
        Patient.objects.bulk_create([patient])
        conditions = [Condition(clinic=clinic, patient=patient, code=code, recorded_by=by) for code in codes]
        Condition.objects.bulk_create(conditions)
        places = {str(condition.pk): place for place, condition in enumerate(conditions)}
        assessments = safety.assess(safety.circumstances_of(patient, on=today), stretches)
        transaction.set_rollback(True)
    choices = []
    for stretch in stretches:
        assessment = assessments[stretch.pk]
        advises = (safety.Verdict.CAUTION, safety.Verdict.ALLOWED)
        if assessment.verdict in advises and not any(issue.is_date_missing for issue in assessment.issues):
            issues = tuple(reasons_of(assessment))
            concerns = tuple(places[issue["condition_id"]] for issue in issues)
            line = PrescribedStretch.with_default_dose(stretch)
            choices.append(Choice(line, assessment.verdict.value, issues, concerns))
    return Kind(tuple(codes), tuple(choices))

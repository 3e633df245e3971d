"""Random days in two clinics: whatever people do, in whatever order, nobody is shown what they must not do.

Clinicians, patients and admins act through the product's own doors, by its pages and by its functions. After every
step each page is held against ``second_rule``, which was told what was done and knows nothing of the product.
"""

import os

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.days.clinicians import Drafts, KeepsRecords, LooksAfter, Prescribes
from tests.days.looking import Looks
from tests.days.others import Decides, Edits, Logs
from tests.days.world import START, build

EXAMPLES = int(os.environ.get("RANDOM_DAYS", "4"))
STEPS = 35


class RandomDays(KeepsRecords, Drafts, Prescribes, LooksAfter, Logs, Decides, Edits, Looks):
    """All of it."""


@pytest.mark.django_db
def test_nobody_is_shown_what_they_must_not_do():
    with time_machine.travel(START, tick=False):
        RandomDays.world = build()

    run_state_machine_as_test(
        RandomDays,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="RANDOM_DAYS" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if {"MUTATION", "CI"} & os.environ.keys() else [Phase.generate, Phase.shrink],
            print_blob=True,
        ),
    )

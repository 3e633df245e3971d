"""Take out every access check, one after the other, in one process and one world, and print what noticed."""

import ast
import functools
import pathlib
import re
import sys
import tempfile
from collections.abc import Iterator

from tests.permissions import alone
from tests.permissions.access_checks import ROOT, Check, checks
from tests.permissions.asking import Probe, Questions
from tests.permissions.foreign_ids import FOREIGN, got_through
from tests.permissions.narrowing import rights_for_nothing, too_wide
from tests.permissions.rights_end import ENDS, not_ended
from tests.promises import Protection
from tests.promises.running import Runner

ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| (?!\*\*nothing)", re.MULTILINE)


def probes() -> list[Probe]:
    """What is asked beside the table."""
    return [
        Probe(lambda world: next(too_wide(world), "")),
        Probe(lambda world: next((f"{each}, without a permission" for each in rights_for_nothing(world)), "")),
        *(Probe(functools.partial(got_through, foreign), foreign.page) for foreign in FOREIGN),
        *(Probe(functools.partial(not_ended, end), end.page) for end in ENDS),
    ]


ELSEWHERE = {
    "accounts/inviting.py:compose": ["accounts/test_staff_invitations.py"],
    "accounts/models/people.py:ClinicQuerySet": ["stretches/test_own_doors.py"],
    "accounts/models/session.py:SessionQuerySet.own": ["accounts/test_session_pages.py"],
    "accounts/proving.py": ["accounts/test_second_step.py"],
    "accounts/views/sessions.py": ["accounts/test_session_pages.py"],
    "audit/models.py:EventQuerySet.own": ["audit/test_views.py"],
    "clinic/attention/subjects.py": ["clinic/test_attention_decisions.py"],
    "clinic/views/queue.py:home": ["clinic/test_home.py"],
    "clinic/views/queue.py:attention_decision_record": ["clinic/test_attention_decisions.py"],
    "patients/inviting.py:compose": ["patients/test_invitations.py"],
    "patients/views/condition.py:_tell_clinician": ["patients/test_condition_effect.py"],
    "prescriptions/views/builder.py": ["prescriptions/test_withheld_stretch_list.py"],
    "prescriptions/views/lines.py": ["prescriptions/test_builder_doors.py"],
    "prescriptions/views/own_templates.py": ["prescriptions/test_own_templates.py"],
    "routines/views/log.py": ["routines/test_log.py"],
    "routines/views/looks.py": ["audit/test_views.py"],
    "routines/views/reminders.py:reminder_edit": ["routines/test_push.py"],
    "stretches/admin/base.py:HistoricCatalogueAdmin.save_form": ["stretches/test_admin.py"],
    "stretches/admin/exchange.py": ["stretches/test_admin_refusals.py", "stretches/test_exchange_admin.py"],
    "stretches/admin/lint.py": ["stretches/test_admin_refusals.py"],
    "stretches/admin/review.py": ["stretches/test_admin_refusals.py", "stretches/test_own_doors.py"],
    "stretches/": ["stretches/test_own_doors.py", "stretches/test_catalogue_pages.py"],
    "stretches/views/pictures.py": ["stretches/test_photo_pages.py", "stretches/test_views.py"],
}
"""By the beginning of a check's name, the longest first: tests of what is no answer to a stranger, or tells no name.

Mail, an old version, another's devices on one's page, a count.
"""


def elsewhere_of(check: Check) -> list[str]:
    """Where to ask about a check, if anywhere."""
    found = max((each for each in ELSEWHERE if check.source and check.name.startswith(each)), key=len, default="")
    return [f"tests/{path}" for path in ELSEWHERE.get(found, ())]


class Elsewhere:
    """The tests named above, on a copy of the project without the check; made when something has to be asked there."""

    def __init__(self, folder: pathlib.Path, asked: list[Check]) -> None:
        self.folder = folder
        self.runner: Runner | None = None
        self.protections = [_protection(each, tests) for each in asked if (tests := elsewhere_of(each))]

    @functools.cached_property
    def running(self) -> Runner:
        """The copy, in which these tests are green."""
        self.runner = Runner(self.folder)
        if red := self.runner.prepare(self.protections):
            self.close()
            raise SystemExit(f"Mend this first:\n{red}")
        return self.runner

    def noticed(self, check: Check) -> str:
        """The test that turned red, or ""."""
        tests = elsewhere_of(check)
        return self.running.noticed(_protection(check, tests)) if tests else ""

    def close(self) -> None:
        """End the process that asks."""
        if self.runner:
            self.runner.close()


def _protection(check: Check, tests: list[str]) -> Protection:
    assert check.without
    return Protection(check.name, check.path, (ROOT / check.path).read_text(), ast.unparse(check.without), tuple(tests))


def rows(questions: Questions, elsewhere: Elsewhere, asked: list[Check]) -> Iterator[tuple[Check, str]]:
    """Each check, and what turned red without it: what is found at once first."""
    left = []
    for check in asked:
        if red := questions.caught_at_once(check):
            yield check, red
        else:
            left.append(check)
    if left:
        questions.listen()
    for check in left:
        yield check, questions.caught(check) or elsewhere.noticed(check)


def main(only: str = "", file: str = "") -> int:
    """Print a row for each check; 1 if one was not missed.

    ``only`` is a part of a check's name. What has a row in ``file`` already is left out, and each new row is written
    there at once: a run that was interrupted goes on.
    """
    kept = pathlib.Path(file) if file else None
    done = set(ROW.findall(kept.read_text())) if kept and kept.exists() else set()
    asked = [each for each in checks() if only in each.name and (each.name, each.words) not in done]
    print("| check | taken out | noticed by |\n|---|---|---|")
    unnoticed = 0
    with alone.a_world() as world, tempfile.TemporaryDirectory(prefix="limber-access-") as folder:
        questions, elsewhere = Questions(asked, probes(), world), Elsewhere(pathlib.Path(folder), asked)
        for check, noticed in rows(questions, elsewhere, asked):
            unnoticed += not noticed
            row = f"| `{check.name}` | `{check.words}` | {noticed or '**nothing**'} |"
            print(row, flush=True)
            if kept:
                with kept.open("a") as out:
                    out.write(f"{row}\n")
        elsewhere.close()
    if questions.red_before:
        print("Mend these, which are red anyway:", *questions.red_before, sep="\n", file=sys.stderr)
    print(f"\n{len(asked)} checks, {unnoticed} of which nothing missed.")
    return 1 if unnoticed or questions.red_before else 0

"""Tests that notice without a check what is no answer to a stranger, or tells no name: mail, an old version, a count.

They run in a process of their own, with a check in its place and then without it: ``tests.permissions.without``.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.permissions.access_checks import ROOT, Check
from tests.permissions.without import ASKED, SAID

OWN, PAGES = "stretches/test_own_doors.py::test_", "stretches/test_catalogue_pages.py::test_"
SESSIONS, TEMPLATES = "accounts/test_session_pages.py::test_session_", "prescriptions/test_own_templates.py::test_"
FILES, ONLY_LOOKS = (
    "stretches/test_exchange_admin.py::test_the_catalogue_as",
    "stretches/test_admin_refusals.py::test_who_may_only",
)
WITHDRAWN = "test_a_withdrawn_invitation_is_not_mailed_in_the_name_of_another"

ELSEWHERE = {
    "accounts/inviting.py:compose": f"accounts/test_staff_invitations.py::{WITHDRAWN}",
    "accounts/models/people.py:ClinicQuerySet.caring_for": f"{OWN}the_picture_of_an_own_stretch",
    "accounts/models/session.py:SessionQuerySet.own": f"{SESSIONS}list_names_each",
    "accounts/proving.py": "accounts/test_second_step.py::test_patients_have_no_such_page",
    "accounts/views/sessions.py:session_list": f"{SESSIONS}list_names_each",
    "accounts/views/sessions.py:session_revoke": f"{SESSIONS}revoke_ends_one",
    "audit/models.py:EventQuerySet.own": "audit/test_views.py::test_look_list_tells",
    "clinic/attention/subjects.py": "clinic/test_attention_decisions.py::test_there_was_no_line",
    "clinic/views/queue.py:home": "clinic/test_home.py::test_home_tells_who_belongs_to_no_clinic",
    "clinic/views/queue.py:attention_decision_record": "clinic/test_attention_decisions.py::test_a_kind",
    "patients/inviting.py:compose": f"patients/test_invitations.py::{WITHDRAWN}",
    "patients/views/condition.py:_tell_clinician": "patients/test_condition_effect.py::test_who_does_not_treat",
    "prescriptions/views/own_templates.py:_made_of": f"{TEMPLATES}nothing_is_made_of",
    "prescriptions/views/own_templates.py:template_line_add": f"{TEMPLATES}only_a_reviewed",
    "routines/views/log.py": "routines/test_log.py::test_a_page_about_nothing_is_not_found",
    "routines/views/looks.py": "audit/test_views.py::test_look_list_tells",
    "routines/views/reminders.py:reminder_edit": "routines/test_push.py::test_the_page_names_no_device",
    "stretches/admin/base.py:HistoricCatalogueAdmin.save_form": "stretches/test_admin.py::test_an_old_version",
    "stretches/admin/exchange.py": ONLY_LOOKS,
    "stretches/admin/exchange.py:CatalogueImportAdmin.export_view raise Http404": FILES,
    "stretches/admin/impact.py": f"{OWN}who_writes_a_rule",
    "stretches/admin/lint.py": ONLY_LOOKS,
    "stretches/admin/owned.py:OwnedRightsAdmin._ensure_visible_history": f"{OWN}an_own_row_that_was_deleted",
    "stretches/admin/owned.py:seen_by": f"{OWN}no_count_tells",
    "stretches/admin/review.py": ONLY_LOOKS,
    "stretches/admin/": OWN,
    "stretches/browsing/": f"{OWN}no_page_of_the_catalogue",
    "stretches/browsing/reasons.py:prescribed": f"{PAGES}stretch_detail_names",
    "stretches/lint.py": f"{OWN}no_page_of_the_admin",
    "stretches/models/": OWN,
    "stretches/models/ownership.py:treated_in": f"{OWN}the_picture_of_an_own_stretch",
    "stretches/views/catalogue.py": f"{PAGES}counts_are_kept",
    "stretches/views/pictures.py:stretch_photo": "stretches/test_photo_pages.py::test_stretch_photo_of_another_name",
    "stretches/views/pictures.py:stretch_picture": "stretches/test_views.py::test_stretch_picture_knows_no_other_theme",
}
"""By the beginning of a check's name and words, the longest first: the file, and how the names of its tests begin."""


def tests_of(check: Check) -> str:
    """Where to ask about a check, or ""."""
    name = f"{check.name} {check.words}"
    found = max((each for each in ELSEWHERE if check.source and name.startswith(each)), key=len, default="")
    return ELSEWHERE.get(found, "")


def noticed(asked: list[Check]) -> Iterator[tuple[Check, str]]:
    """Each check that has tests of its own, and the first of them that turned red without it, or ""."""
    named = {check: tests for check in asked if (tests := tests_of(check))}
    if not named:
        return
    with tempfile.TemporaryDirectory(prefix="limber-access-") as folder:
        said = pathlib.Path(folder, "said")
        given = {ASKED: json.dumps([[each.name, each.words] for each in named]), SAID: str(said)}
        files = sorted({f"tests/{tests.partition('::')[0]}" for tests in named.values()})
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.permissions.without",
            "-p",
            "no:cacheprovider",
            "-n",
            "0",
            "-q",
            *files,
        ]
        left_out = ("VAR_DIR", "DATABASE_URL", "PYTEST_XDIST_WORKER")
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        done = subprocess.run(command, cwd=ROOT, env=environment | given, capture_output=True, text=True, check=False)
        if not said.exists():
            raise SystemExit(f"These tests did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        missed = json.loads(said.read_text())
    yield from ((check, missed.get(f"{check.name} {check.words}", "")) for check in named)

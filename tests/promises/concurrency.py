"""Sent twice is stored once, and nothing that somebody else saved meanwhile is overwritten unseen."""

from tests.promises import Protection

FORMS = "tests/permissions/test_forms.py::"
WAITS = ("tests/permissions/test_locks.py::test_who_writes_waits_before_looking",)

RECORDS = "patients/models/records.py"
OUTCOME = "patients/models/outcome.py"
INVITATION = "patients/models/invitation.py"
STAFF_INVITATION = "accounts/models/staff_invitation.py"
DRAFTING = "prescriptions/drafting.py"
TEMPLATES = "prescriptions/own_templates.py"
REMINDER = "routines/models/reminder.py"
ADMIN_SITE = "clinic/admin_site.py"
LOCK = "Patient.objects.locked("
CHOSEN = '            self.instance.pk = cleaned["new_id"]\n'


def _once(what: str, path: str, old: str, new: str, *names: str) -> Protection:
    """A form that makes one row, however often it is sent."""
    return Protection(
        f"20 identical posts make one row: {what}",
        path,
        old,
        new,
        tuple(f"{FORMS}test_twenty_identical_posts_make_one_row[{name}]" for name in names),
    )


def _stale(what: str, path: str, old: str, new: str, name: str) -> Protection:
    """A form that shows both versions where somebody else was faster."""
    tests = (f"{FORMS}test_a_stale_edit_gets_both_versions[{name}]",)
    return Protection(f"a stale edit gets 409 with both versions: {what}", path, old, new, tests)


def _locked(what: str, path: str, old: str, new: str, tests: tuple[str, ...]) -> Protection:
    """A lock; only PostgreSQL has several writers at once."""
    return Protection(f"at the same moment: {what}", path, old, new, tests, on="postgres")


PROTECTIONS = [
    _once("patient", "patients/forms/patient.py", CHOSEN, "            pass\n", "patients:patient_add"),
    _once("condition", "patients/forms/condition.py", CHOSEN, "            pass\n", "patients:condition_add"),
    _once("score", "patients/forms/outcome.py", CHOSEN, "            pass\n", "patients:outcome_score_add"),
    _once(
        "invitation by mail",
        INVITATION,
        "            pk=new_id or uuid.uuid4(),\n",
        "            pk=uuid.uuid4(),\n",
        "patients:invitation_add",
    ),
    _once(
        "invitation on paper",
        INVITATION,
        "lambda each: [each.is_open(at=at), each.address]):\n            return stored\n",
        "lambda each: [each.is_open(at=at), each.address]):\n            pass\n",
        "prescriptions:prescription_print",
    ),
    _once(
        "invitation of staff",
        STAFF_INVITATION,
        "                pk=new_id or uuid.uuid4(),\n",
        "                pk=uuid.uuid4(),\n",
        "accounts:staff_invitation_add",
    ),
    Protection(
        "20 identical posts make one row: draft",
        DRAFTING,
        "        if draft := patient.prescriptions.drafts().first():\n            return draft\n",
        "",
        ("tests/prescriptions/test_builder.py::test_prescription_add_goes_on_with_the_open_draft",),
    ),
    _once(
        "draft of what is in force",
        "prescriptions/models/prescription.py",
        "            if draft := Prescription.objects.drafts().filter(patient=self.patient_id).first():\n"
        "                return draft\n",
        "",
        "prescriptions:prescription_revise",
        "prescriptions:prescription_add",
    ),
    _once(
        "stretch in a draft",
        DRAFTING,
        "        line = draft.items.filter(stretch=stretch).first()\n        is_new",
        "        line = None\n        is_new",
        "prescriptions:prescribed_stretch_add",
    ),
    _once(
        "template",
        "prescriptions/forms/template.py",
        '        template.pk = self.cleaned_data["new_id"]\n',
        "",
        "prescriptions:template_add",
    ),
    _once(
        "stretch in a template",
        TEMPLATES,
        "        if there := next((line for line in lines if line.stretch_id == stretch.pk), None):\n",
        "        if there := None:\n",
        "prescriptions:template_line_add",
    ),
    _once(
        "rows of the admin site",
        ADMIN_SITE,
        "        if limits.take(slots, at=timezone.now()):\n",
        "        if True:\n",
        "admin:accounts_clinic_add",
    ),
    _stale(
        "patient",
        RECORDS,
        "            if as_seen([locked], fields) != seen:\n",
        "            if False:\n",
        "patients:patient_edit",
    ),
    _stale(
        "condition",
        RECORDS,
        "elif seen is not None and as_seen(stored := rows.filter(pk=self.pk), CONDITION_FIELDS) != seen:",
        "elif False:",
        "patients:condition_edit",
    ),
    _stale(
        "score",
        OUTCOME,
        "elif seen is not None and (stored := rows.filter(pk=self.pk).first()) and stored.as_seen() != seen:",
        "elif False:",
        "patients:outcome_score_edit",
    ),
    _stale(
        "message to the patient",
        DRAFTING,
        "if note_as_seen(draft) != seen and draft.note != note:",
        "if False:",
        "prescriptions:message_edit",
    ),
    _stale(
        "dose",
        DRAFTING,
        "        if dose_as_seen(stored) != seen:\n",
        "        if False:\n",
        "prescriptions:prescribed_stretch_edit",
    ),
    _stale("template", TEMPLATES, "if as_seen(stored) != seen:", "if False:", "prescriptions:template_edit"),
    _stale(
        "dose in a template",
        TEMPLATES,
        "if dose_as_seen(now) != seen:",
        "if False:",
        "prescriptions:template_line_edit",
    ),
    _stale(
        "reminders",
        REMINDER,
        "if seen is not None and stored.as_seen() != seen:",
        "if False:",
        "routines:reminder_edit",
    ),
    _stale(
        "rows of the admin site",
        "accounts/forms/seen.py",
        'and cleaned.get("seen") != self.initial["seen"]:',
        "and False:",
        "admin:stretches_muscle_change",
    ),
    _stale(
        "the answer of the admin site says so",
        ADMIN_SITE,
        "            if _is_stale(response):\n",
        "            if False:\n",
        "admin:accounts_clinic_change",
    ),
    Protection(
        "a review attests the conditions that were seen",
        RECORDS,
        "if seen is not None and locked.conditions_as_seen() != seen:",
        "if False:",
        ("tests/patients/test_conditions_review.py",),
    ),
    _locked(
        "a new invitation waits for another",
        INVITATION,
        f"        {LOCK}patient.pk)\n        invitation = ",
        "        invitation = ",
        WAITS,
    ),
    _locked(
        "an invitation of staff waits for another",
        STAFF_INVITATION,
        "            Clinic.objects.select_for_update().get(pk=clinic.pk)\n",
        "",
        WAITS,
    ),
    _locked("a draft waits for another", DRAFTING, f"        {LOCK}patient.pk)\n", "", WAITS),
    _locked(
        "a patient's row is edited by one",
        RECORDS,
        f"            locked = {LOCK}self.pk)\n            if as_seen(",
        "            locked = Patient.objects.get(pk=self.pk)\n            if as_seen(",
        WAITS,
    ),
    _locked(
        "a condition is edited by one",
        RECORDS,
        f"            {LOCK}self.patient_id)\n            rows = Condition.",
        "            rows = Condition.",
        WAITS,
    ),
    _locked("a score is edited by one", OUTCOME, f"            {LOCK}self.patient_id)\n", "", WAITS),
    _locked("reminders are edited by one", REMINDER, f"            {LOCK}self.patient_id)\n", "", WAITS),
    _locked(
        "a template is edited by one",
        TEMPLATES,
        "stored = Template.objects.select_for_update().get(",
        "stored = Template.objects.get(",
        WAITS,
    ),
    _locked(
        "a dose in a template is edited by one",
        TEMPLATES,
        'TemplateLine.objects.select_for_update(of=("self",)).select_related(',
        "TemplateLine.objects.select_related(",
        WAITS,
    ),
    _locked(
        "a catalogue row is edited by one",
        "stretches/admin/base.py",
        "        self.lock(found)\n",
        "",
        WAITS,
    ),
    _locked(
        "a clinic, a person and a role are edited by one",
        "accounts/admin.py",
        ".select_for_update(no_key=True)",
        "",
        WAITS,
    ),
]

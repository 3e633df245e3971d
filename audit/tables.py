"""What goes on record: every table that holds something of a patient, and the grants of roles in a clinic."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recorded:
    """How the rows of one table are put on record."""

    patient: str = "patient_id"
    """The column that names the patient; empty where a row is about none, such as a role in a clinic."""
    through: tuple[str, str] | None = None
    """A column, and the table that it leads to and in which the patient stands."""
    concealed: frozenset[str] = frozenset()
    """Columns of which the record says that they changed, and never what they hold: secrets, and whole documents."""
    reasons: tuple[str, ...] = ()
    """Columns in which somebody says why."""


def _through(column: str, table: str, *, concealed: frozenset[str] = frozenset()) -> Recorded:
    return Recorded(patient="", through=(column, table), concealed=concealed)


TOKEN = frozenset({"token_hash"})

RECORDED: dict[str, Recorded] = {
    "accounts_membership": Recorded(patient=""),
    "accounts_staffinvitation": Recorded(patient="", concealed=TOKEN),
    "patients_patient": Recorded(patient="id"),
    "patients_condition": Recorded(),
    "patients_invitation": Recorded(concealed=TOKEN),
    "patients_outcomescore": Recorded(),
    "patients_outcomeactivity": _through("score_id", "patients_outcomescore"),
    "prescriptions_prescription": Recorded(reasons=("status_reason", "count_reason")),
    "prescriptions_prescribedstretch": _through("prescription_id", "prescriptions_prescription"),
    "prescriptions_override": Recorded(reasons=("reason", "reason_text")),
    "prescriptions_overriddencontraindication": _through("override_id", "prescriptions_override"),
    # Kept in full by the report itself, which is never edited.
    "prescriptions_permissibilityreport": _through(
        "prescription_id", "prescriptions_prescription", concealed=frozenset({"document"})
    ),
    "prescriptions_stretchpause": Recorded(reasons=("reason", "lift_note")),
    "prescriptions_routinestop": Recorded(reasons=("tier", "reopen_note")),
    "routines_sessionlog": Recorded(),
    "routines_stretchlog": _through("session_id", "routines_sessionlog"),
    "routines_proposal": Recorded(reasons=("rationale", "decision_note")),
    "routines_redflagscreen": Recorded(),
    "routines_redflaganswer": _through("screen_id", "routines_redflagscreen"),
    "routines_reminderpreference": Recorded(concealed=frozenset({"feed_hash"})),
    "routines_remindertime": _through("preference_id", "routines_reminderpreference"),
    "clinic_attentiondecision": Recorded(reasons=("decision", "note")),
    "clinic_erasurerequest": Recorded(reasons=("words", "reason")),
}

NOT_RECORDED: dict[str, str] = {
    "accounts_outboxmessage": "what is to be sent; it says that there is something to read, never what",
    "stretches_stretch": "the catalogue: true of no one in particular, with a history of its own",
    "stretches_contraindication": "the catalogue",
    "stretches_cataloguerelease": "the catalogue",
    "prescriptions_template": "a clinic's own templates: true of no one in particular, with a history of their own",
    "prescriptions_templatephase": "templates",
    "prescriptions_templateline": "templates",
}
"""Tables with a clinic that hold nothing of a patient, and why."""

IMPLIED = frozenset({"id", "clinic_id", "patient_id"})
"""Columns that every event has of its own: they need not be said again in what was added."""

"""What is stored of what was prescribed, field by field: see ``accounts.personal``."""

from django.utils.translation import gettext_lazy as _

from accounts.personal import Table

_DOSE = "start_hold_seconds target_hold_seconds repetitions side days_per_week is_on_getting_up is_midday is_afternoon"
_DOSE_AND_NOTE = f"{_DOSE} is_before_bed note"

TABLES = (
    Table(
        "prescriptions.Prescription",
        "What was prescribed, when, and by whom.",
        not_personal="clinic",
        keep="id patient status note replaces created_by created_at activated_by activated_at ended_by ended_at"
        " status_reason template_phase count_reason confidence_score",
        patient="patient",
        title=_("What was prescribed"),
    ),
    Table(
        "prescriptions.PrescribedStretch",
        "One stretch of a prescription, with its dose.",
        not_personal="clinic position",
        keep=f"id prescription stretch {_DOSE_AND_NOTE}",
        patient="prescription__patient",
        title=_("Stretches that were prescribed"),
    ),
    Table(
        "prescriptions.PermissibilityReport",
        "Why each stretch was permissible when the prescription came into force.",
        not_personal="clinic release",
        keep="id prescription made_by made_at document",
        patient="prescription__patient",
        off_paper="document",
        title=_("Safety reports"),
    ),
    Table(
        "prescriptions.Override",
        "A decision to go ahead in spite of a relative contraindication.",
        not_personal="clinic",
        keep="id patient prescription stretch reason reason_text mitigation alternatives expires_on decided_by"
        " decided_at",
        patient="patient",
        title=_("Decisions to go ahead with care"),
    ),
    Table(
        "prescriptions.OverriddenContraindication",
        "What was decided about, as it was shown.",
        not_personal="clinic",
        keep="id override contraindication condition condition_code severity rationale citation path",
        patient="override__patient",
        off_paper="severity",  # always the same: only the relative can be overridden
        title=_("What these decisions were about"),
    ),
    Table(
        "prescriptions.StretchPause",
        "A stretch that was paused by pain, and who lifted that.",
        not_personal="clinic",
        keep="id patient stretch reason paused_at lifted_by lifted_at lift_note",
        patient="patient",
        title=_("Pauses"),
    ),
    Table(
        "prescriptions.RoutineStop",
        "A routine that was stopped by a red flag, and who reopened it.",
        not_personal="clinic",
        keep="id patient tier message stopped_at reopened_by reopened_at reopen_note",
        patient="patient",
        off_paper="tier",
        title=_("Stops"),
    ),
    Table(
        "prescriptions.Template",
        "What a clinic prescribes often, for nobody in particular.",
        not_personal="id clinic slug name for_whom summary source citation sign_off adapted_from is_retired",
    ),
    Table(
        "prescriptions.TemplatePhase",
        "A part of a template.",
        not_personal="id clinic template position name weeks criterion",
    ),
    Table(
        "prescriptions.TemplateLine",
        "A stretch of a template.",
        not_personal=f"id clinic phase position stretch {_DOSE_AND_NOTE}",
    ),
)

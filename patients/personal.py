"""What is stored of patients, field by field: see ``accounts.personal``."""

from django.utils.translation import gettext_lazy as _

from accounts.personal import Table

TABLES = (
    Table(
        "patients.Patient",
        "Who is treated. Name and date of birth say whose record it is; how to reach somebody is not needed for that.",
        not_personal="clinic",
        keep="id full_name born_on note clinician conditions_reviewed_on conditions_reviewed_by created_at"
        " erased_at kept_until_on",
        erase="user email phone language",
        patient="pk",
        title=_("You"),
        not_of_treatment="erased_at",
        off_paper="user",
    ),
    Table(
        "patients.Condition",
        "What was found, on which every prescription rests.",
        not_personal="clinic",
        keep="id patient code free_text clinical_status verification_status anchor_on note recorded_by recorded_at",
        patient="patient",
        title=_("Conditions"),
    ),
    Table(
        "patients.Invitation",
        "How a patient comes in. Removed a month after it has ended.",
        not_personal="clinic channel tries_left",
        erase="id patient address token_hash created_by created_at expires_at used_at revoked_at",
        never_given="token_hash",
        patient="patient",
        title=_("Invitations to sign in"),
    ),
    Table(
        "patients.OutcomeMeasure",
        "Questionnaires, true of nobody in particular.",
        not_personal="id slug name short_name code position instructions activities_max scale_min scale_min_words"
        " scale_max scale_max_words is_more_better smallest_change smallest_change_words smallest_change_citation"
        " citation",
    ),
    Table(
        "patients.OutcomeScore",
        "How somebody was doing, as a clinician measured it.",
        not_personal="clinic",
        keep="id patient measure on occasion rating is_entered_in_error recorded_by recorded_at",
        patient="patient",
        title=_("How you were doing"),
    ),
    Table(
        "patients.OutcomeActivity",
        "What was hard for somebody, in their words.",
        not_personal="clinic position",
        keep="id score activity rating",
        patient="score__patient",
        title=_("What was hard for you"),
    ),
)

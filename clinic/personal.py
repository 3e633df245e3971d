"""What is stored of decisions about patients, field by field: see ``accounts.personal``."""

from django.utils.translation import gettext_lazy as _

from accounts.personal import Table

TABLES = (
    Table(
        "clinic.AttentionDecision",
        "What clinicians decided about what needed attention.",
        not_personal="clinic",
        keep="id patient kind subject decision until_on note decided_by decided_at",
        patient="patient",
        title=_("Decisions of your clinic"),
        off_paper="subject",
    ),
    Table(
        "clinic.ErasureRequest",
        "Who asked for a record to be erased, and what was decided.",
        not_personal="clinic",
        keep="id patient words asked_by asked_at decision reason decided_by decided_at",
        patient="patient",
        title=_("Requests to erase your record"),
        not_of_treatment="asked_at decided_at",
    ),
    Table(
        "clinic.Erasure",
        "The ledger: that a record was erased, by a digest only, so that a restored backup forgets again.",
        not_personal="id digest step at by erased kept made_anonymous",
    ),
    Table(
        "clinic.StretchTally",
        "What stays of the logs of erased patients: counts of all clinics together.",
        not_personal="id stretch year done partly skipped pain_answers pain_total",
    ),
)

"""What stands for a choice on a patient's paper, where the choice itself is in words for clinicians."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHOICES: dict[str, dict[str, Promise]] = {
    "patients.Condition.clinical_status": {
        "active": _("You have it now"),
        "recurrence": _("It came back"),
        "relapse": _("It got worse again"),
        "inactive": _("It is quiet now"),
        "remission": _("It got better"),
        "resolved": _("It is over"),
        "unknown": _("Not known"),
    },
    "patients.Condition.verification_status": {
        "confirmed": _("Sure"),
        "provisional": _("Likely"),
        "differential": _("One of several it may be"),
        "unconfirmed": _("Not sure yet"),
        "refuted": _("It was something else"),
        "entered-in-error": _("Noted by mistake"),
    },
    "patients.OutcomeScore.occasion": {
        "start": _("When treatment began"),
        "review": _("Later on"),
    },
    "prescriptions.Prescription.status": {
        "draft": _("Being written"),
        "active": _("In force"),
        "on-hold": _("On hold"),
        "completed": _("Completed"),
        "revoked": _("Taken back"),
    },
    "prescriptions.Override.reason": {
        "supervised-trial": _("It was tried and nothing hurt"),
        "adapted": _("It is done in another way"),
        "benefit-outweighs": _("It helps more than it may harm"),
        "specialist-advice": _("Another doctor said so"),
        "other": _("Another reason"),
    },
    "routines.Proposal.kind": {
        "up": _("Hold longer"),
        "hold": _("Go on as now"),
        "down": _("Hold less long"),
        "easier": _("Take an easier stretch"),
        "harder": _("Take a harder stretch"),
        "next-phase": _("Go on to the next part"),
    },
    "routines.Proposal.status": {
        "open": _("Not decided yet"),
        "accepted": _("Accepted"),
        "changed": _("Accepted with a change"),
        "declined": _("Declined"),
        "superseded": _("No longer needed"),
    },
    "clinic.AttentionDecision.kind": {
        "red-flag": _("Stopped by a warning sign"),
        "pause": _("A stretch was paused by pain"),
        "unsafe": _("Something was not safe any more"),
        "override": _("A decision to go ahead ran out"),
        "first-week": _("Nothing was noted yet"),
        "adherence": _("Less was done than before"),
        "review": _("Conditions had to be looked through"),
        "proposal": _("A change was proposed"),
    },
    "clinic.AttentionDecision.decision": {
        "acknowledged": _("Seen"),
        "snoozed": _("Put off"),
        "resolved": _("Dealt with"),
        "returned": _("Put back"),
    },
}
"""By table and field, then by what is stored."""

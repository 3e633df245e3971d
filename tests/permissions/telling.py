"""Whose words stand in an answer, against whose may: a page that says 200 to everybody can still tell too much.

What belongs to a clinic in the world of these tests has the clinic's name in its own; what belongs to a patient, the
patient's. So no page has to say what it shows: every answer of every address is looked through.
"""

from collections.abc import Iterator, Mapping

from tests.permissions import table
from tests.permissions.addresses import Address
from tests.permissions.world import HILLSIDE, NAMES, OTHER, OWN, RIVERSIDE, SAME, Answer

BY_LINK = {
    "account_reset_password_from_key",
    "accounts:staff_invitation_accept",
    "patients:invitation_accept",
    "routines:calendar_feed_detail",
    "routines:reminder_revoke",
}
"""Whoever holds the link is let in: the secret is the proof."""
OURS, THEIRS = {RIVERSIDE, NAMES[OWN], NAMES[SAME]}, {HILLSIDE, NAMES[OTHER]}
MAY_READ = {
    "patient": {RIVERSIDE, NAMES[OWN]},
    "other patient": {RIVERSIDE, NAMES[SAME]},
    "clinician": OURS,
    "colleague": OURS,
    "clinician elsewhere": THEIRS,
    "clinician of both": OURS | THEIRS,
    "admin": {RIVERSIDE},
    "admin elsewhere": {HILLSIDE},
    "operator": {RIVERSIDE, HILLSIDE},
}
"""Whose words somebody may read; a clinic's admin besides who asks to be erased."""
DECIDES = {"admin": OURS, "admin elsewhere": THEIRS}
CLINIC_BY_CLINIC = {"admin:stretches_movementrule_delete"}
"""Where a library admin is asked whether to go on, with numbers for each clinic: meant, and no patient among them."""
WORDS = sorted(OURS | THEIRS)


def told(address: Address, person: str, answer: Answer) -> str:
    """A word in an answer that this person may not read, or ""."""
    if address.name in BY_LINK:
        return ""
    may_read = MAY_READ.get(person, set())
    if address.route.startswith("erasures/"):
        may_read = DECIDES.get(person, may_read)
    if address.name in CLINIC_BY_CLINIC and person == "library admin":
        may_read = {RIVERSIDE, HILLSIDE}
    return next((word for word in WORDS if word not in may_read and word.encode() in answer.body), "")


def faults(address: Address, answers: Mapping[table.Key, Mapping[str, Answer]]) -> Iterator[str]:
    """Where an answer tells of somebody else's."""
    for (_, method, what), row in answers.items():
        for person, answer in row.items():
            if word := told(address, person, answer):
                yield f"{method} {what}, {person}: tells of {word}"

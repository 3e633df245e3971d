"""Whom the audit record says that a page has shown, against whom it may have shown.

A new page is asked here without anybody adding it: what its address names stands in ``addresses.PK_OF``. One that shows
patients and whose address names none is added to ``SHOWN_WITHOUT_ID``.
"""

import uuid
from collections.abc import Iterator, Mapping

from tests.permissions import table
from tests.permissions.addresses import PK_OF, PK_OF_VIEW, Address
from tests.permissions.world import NONE, OTHER, OWN, SAME, Answer, Shown, World

OF_NO_PATIENT = {"template", "phase", "template_line", "passkey", "staff invitation"}
SHOWN_WITHOUT_ID = {
    "attention_list": "list",
    "erasure_request_list": "list",
    "own_everything_detail": "view",
    "own_everything_json": "view",
    "own_everything_pdf": "view",
    "patients:patient_list": "list",
    "routines:routine_today": "view",
    "routines:routine_data": "view",
    "routines:progress_detail": "view",
    "routines:own_data_json": "view",
    "routines:own_data_pdf": "view",
    "routines:look_list": "view",
}
"""Pages of whatever is one's own, and lists. The player shows nothing: it asks for ``routine_data``."""
BY_LINK = {"routines:calendar_feed_detail"}
SHOWN = {"200", "409", "410", "422"}
TREATED = {
    "clinician": [{OWN, SAME}],
    "colleague": [{OWN, SAME}],
    "clinician elsewhere": [{OTHER}],
    "clinician of both": [{OWN, SAME}, {OTHER}],
    "admin": [{OWN, SAME}],
    "admin elsewhere": [{OTHER}],
}
"""Who is in the lists of whom, by clinic; admins have one, of who asked to be erased."""


def faults(address: Address, answers: Mapping[table.Key, Mapping[str, Answer]], world: World) -> Iterator[str]:
    """Where something was shown and is not on record, or the other way round."""
    for (_, method, what), row in answers.items():
        for person, answer in row.items():
            wanted = frozenset(_wanted(address, what, person, answer, world))
            if answer.shown != wanted or len(answer.shown) != answer.views:
                found = sorted(action for action, _ in answer.shown)
                yield f"{method} {what}, {person}: on record are {answer.views} {found}, and not the {len(wanted)} due"


def _wanted(address: Address, what: str, person: str, answer: Answer, world: World) -> Iterator[Shown]:
    if answer.said not in SHOWN or address.is_of_admin:
        return
    kind = SHOWN_WITHOUT_ID.get(address.name, "")
    mine = {"patient": OWN, "other patient": SAME}.get(person)
    if _names_a_patient(address):
        yield "view", _ids(world, {what})
    elif what == NONE and kind == "view" and mine:
        yield kind, _ids(world, {mine})
    elif what == NONE and kind == "list":
        yield from ((kind, _ids(world, of_clinic)) for of_clinic in TREATED.get(person, []))


def _names_a_patient(address: Address) -> bool:
    noun = PK_OF_VIEW.get(address.name) or PK_OF.get(address.route.partition("/")[0])
    return address.name in BY_LINK or ("pk" in address.parts and bool(noun) and noun not in OF_NO_PATIENT)


def _ids(world: World, whats: set[str]) -> frozenset[uuid.UUID]:
    return frozenset(world.objects[what]["patient"] for what in whats)

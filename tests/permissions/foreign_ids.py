"""Ids of another clinic where a page of one's own expects one of its own: in a form, or behind the question mark."""

import dataclasses
from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Clinic
from patients.models import Patient
from tests.permissions.world import BORN_ON, OTHER, OWN, Ids, World, undone
from tests.test_conventions import our_models

Sent = Callable[[Ids, Ids], dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Foreign:
    """A request to a page of one's own that names what belongs to somebody else."""

    words: str
    person: str
    page: str
    of: tuple[str, ...]
    method: str
    sent: Sent
    expected: str


SHARED = {
    "reviewed source",
    "draft source",
    "reviewed code",
    "draft code",
    "measure",
    "today",
    "reviewed stretch",
    "draft stretch",
    "reviewed photo",
    "draft photo",
    "clinic",
    "clinician",
    "passkey",
}
"""What is no secret of the other patient, or too short to look for."""

CONDITION = {"free_text": "A sore knee", "clinical_status": "active", "verification_status": "confirmed"}
LOG = {"on": "", "part_of_day": "on-getting-up", "outcome": "done", "pain_score": "1", "has_spread": "no"}
NEW_PATIENT = {"full_name": "New Person", "born_on": "1970-01-01"}

FOREIGN = [
    Foreign(
        "a template made of another clinic's prescription",
        "clinician",
        "prescriptions:template_add",
        (),
        "GET",
        lambda _own, other: {"prescription": other["active"]},
        "404",
    ),
    Foreign(
        "a template made of another clinic's template",
        "clinician",
        "prescriptions:template_add",
        (),
        "GET",
        lambda _own, other: {"template": other["template"]},
        "404",
    ),
    Foreign(
        "a patient started on another clinic's template",
        "clinician",
        "prescriptions:template_apply",
        ("patient",),
        "POST",
        lambda _own, other: {"phase": other["phase"], "what": "add"},
        "422",
    ),
    Foreign(
        "a line in place of another patient's",
        "clinician",
        "prescriptions:prescribed_stretch_add",
        ("draft",),
        "POST",
        lambda own, other: {"stretch": own["reviewed stretch"], "instead_of": other["line"]},
        "404",
    ),
    Foreign(
        "a patient added to another clinic",
        "clinician",
        "patients:patient_add",
        (),
        "POST",
        lambda _own, other: NEW_PATIENT | {"clinic": other["clinic"]},
        "302",
    ),
    Foreign(
        "a patient moved to another clinic",
        "clinician",
        "patients:patient_edit",
        ("patient",),
        "POST",
        lambda _own, other: NEW_PATIENT | {"clinic": other["clinic"], "seen": "x"},
        "409",
    ),
    Foreign(
        "a patient treated by somebody of another clinic",
        "clinician",
        "patients:patient_edit",
        ("patient",),
        "POST",
        lambda _own, other: NEW_PATIENT | {"clinician": other["clinician"]},
        "422",
    ),
    Foreign(
        "a new patient with another patient's id",
        "clinician",
        "patients:patient_add",
        (),
        "POST",
        lambda _own, other: NEW_PATIENT | {"new_id": other["patient"]},
        "302",
    ),
    Foreign(
        "a new condition with another's id",
        "clinician",
        "patients:condition_add",
        ("patient",),
        "POST",
        lambda _own, other: CONDITION | {"new_id": other["condition"]},
        "302",
    ),
    Foreign(
        "a new score with another's id",
        "clinician",
        "patients:outcome_score_add",
        ("patient", "measure"),
        "POST",
        lambda own, other: {"on": own["today"], "occasion": "review", "rating": "3", "new_id": other["score"]},
        "302",
    ),
    Foreign(
        "what another patient's condition affects",
        "clinician",
        "patients:patient_detail",
        ("patient",),
        "GET",
        lambda _own, other: {"affected_by": other["condition"]},
        "200",
    ),
    Foreign(
        "what another patient's condition affects, in a review",
        "clinician",
        "patients:conditions_review_record",
        ("patient",),
        "GET",
        lambda _own, other: {"affected_by": other["condition"]},
        "200",
    ),
    Foreign(
        "a prescription in place of another patient's",
        "clinician",
        "prescriptions:prescription_activate",
        ("draft",),
        "POST",
        lambda _own, other: {"replacing": other["active"]},
        "422",
    ),
    Foreign(
        "a log of another patient's stretch",
        "patient",
        "routines:stretch_log_record",
        ("active",),
        "GET",
        lambda _own, other: {"item": other["item"], "part_of_day": "on-getting-up"},
        "404",
    ),
    Foreign(
        "a log stored for another patient's stretch",
        "patient",
        "routines:stretch_log_record",
        ("active",),
        "POST",
        lambda own, other: LOG | {"item": other["item"], "on": own["today"]},
        "404",
    ),
    Foreign(
        "a log with the id of another patient's",
        "patient",
        "routines:stretch_log_record",
        ("active",),
        "POST",
        lambda own, other: LOG | {"item": own["item"], "on": own["today"], "id": other["log"]},
        "302",
    ),
    Foreign(
        "another person's device turned off",
        "patient",
        "routines:push_subscription_revoke",
        ("patient",),
        "POST",
        lambda _own, other: {"device": other["device"]},
        "404",
    ),
    Foreign(
        "nobody else's devices among one's own",
        "patient",
        "routines:reminder_edit",
        ("patient",),
        "GET",
        lambda _own, _other: {},
        "200",
    ),
    Foreign(
        "a patient of one clinic treated by somebody of the other",
        "clinician of both",
        "patients:patient_add",
        (),
        "POST",
        lambda own, other: NEW_PATIENT | {"clinic": own["clinic"], "clinician": other["clinician"]},
        "422",
    ),
    Foreign(
        "somebody invited to work in another clinic",
        "admin",
        "accounts:staff_invitation_add",
        (),
        "POST",
        lambda _own, other: {
            "clinic": other["clinic"],
            "address": "new@example.org",
            "full_name": "New Person",
            "role": "clinician",
        },
        "422",
    ),
    Foreign(
        "a phase of another clinic's template, edited",
        "clinician",
        "prescriptions:template_edit",
        ("template",),
        "POST",
        lambda _own, other: {
            "name": "Ours",
            "for_whom": "Everybody",
            "citation": "Practice",
            "phases-TOTAL_FORMS": "1",
            "phases-INITIAL_FORMS": "1",
            "phases-0-id": other["phase"],
            "phases-0-name": "Taken",
            "phases-0-weeks": "3",
        },
        "422",
    ),
]


def kept(world: World) -> dict[str, list[dict[str, Any]]]:
    """Everything that the other clinic has."""
    return {model.__name__: list(_rows(model, world.elsewhere)) for model in our_models()}


def _rows(model: type[Model], clinic: Clinic) -> Any:
    names = {field.name for field in model._meta.get_fields()}
    if "clinic" not in names:
        return []
    return model._default_manager.filter(clinic=clinic).order_by("pk").values()


def got_through(foreign: Foreign, world: World) -> str:
    """Send it; says what is wrong, or ""."""
    own, other = world.objects[OWN], world.objects[OTHER]
    url = reverse(foreign.page, args=[own[each] for each in foreign.of])
    sent = {name: str(value) for name, value in foreign.sent(own, other).items()}
    sent_ids = set(sent.values())
    name = Patient.objects.get(pk=other["patient"]).full_name.encode()
    if foreign.method == "GET":
        query = QueryDict(mutable=True)
        query.update(sent)
        url, sent = f"{url}?{query.urlencode()}", {}
    seen: list[Any] = []
    with undone():
        before = kept(world)
        answer = world.ask(foreign.person, foreign.method, url, sent, then=lambda: seen.append(kept(world)))
    if answer.said != foreign.expected:
        return f"{foreign.words}: {answer.said} instead of {foreign.expected}"
    said = answer.body + answer.led_to.encode()
    told = [what for what, value in other.items() if what not in SHARED and str(value) not in sent_ids]
    if name in said or any(str(other[what]).encode() in said for what in told):
        return f"{foreign.words}: the answer tells of the other patient"
    if str(other["patient"]) in answer.led_to:
        return f"{foreign.words}: it leads to the other patient"
    changed = [model for model, rows in before.items() if rows != seen[0][model]]
    return f"{foreign.words}: {', '.join(changed)} of the other clinic changed" if changed else ""


__all__ = ["BORN_ON", "FOREIGN", "Foreign", "got_through"]

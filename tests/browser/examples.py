"""For each address an example of the demo clinic: the first name of a patient leads to a page of theirs."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clinic import demo
from clinic.models import ErasureRequest
from patients.models import Invitation, Patient
from prescriptions.models import PartOfDay, PrescribedStretch, Prescription, Template
from routines.models import Proposal
from routines.proposing import propose
from stretches.models import Stretch
from tests.factories import SessionLogFactory, StretchLogFactory

DAY = datetime.timedelta(days=1)
Arguments = tuple[str, ...]
"""What an address is made of: the first name of a patient of the demo clinic, then whatever else the route takes."""


def patient(first_name: str) -> Patient:
    return Patient.objects.get(full_name__startswith=f"{first_name} ")


def prescription_of(first_name: str) -> Prescription:
    return patient(first_name).prescriptions.latest("created_at")


def template(first_word: str) -> Template:
    return Template.objects.get(name__startswith=first_word)


def of_template(page: str, first_word: str) -> uuid.UUID:
    """What the address of a template's page names: a patient, a phase, a line, or else the template."""
    match page:
        case "template_apply":
            return patient(first_word).pk
        case "template_line_add":
            return template(first_word).phases.get().pk
        case "template_line_edit":
            return template(first_word).phases.get().lines.earliest("position").pk
    return template(first_word).pk


def proposal_for(prescription: Prescription) -> Proposal:
    """What three easy days speak for."""
    item = prescription.items.earliest("position")
    for days in range(3):
        session = SessionLogFactory.create(prescription=prescription, on=prescription.clinic.today() - days * DAY)
        StretchLogFactory.create(item=item, session=session, held_seconds=60, pain_score=0)
    proposal = propose(item, at=timezone.now())
    assert proposal
    return proposal


def erasure_request_of(first_name: str) -> ErasureRequest:
    return ErasureRequest.ask(patient(first_name), by=member("sam"), at=timezone.now(), words="She moved away.")


def member(first_name: str) -> User:
    return User.objects.get(email=f"{first_name}@{demo.DOMAIN}")


def first_line(prescription: Prescription) -> PrescribedStretch:
    return prescription.items.earliest("position")


def log_of(prescription: Prescription) -> list[Any]:
    item = first_line(prescription)
    part = next(part for part in PartOfDay if getattr(item, part.field))
    return [prescription.pk, f"?item={item.pk}&part_of_day={part}"]


EXAMPLES: dict[str, Callable[..., list[Any]]] = {
    "routine_today": lambda _who: [],
    "routine_play": lambda _who: [],
    "progress_detail": lambda _who: [],
    "look_list": lambda _who: [],
    "invitation_accept": lambda who: [Invitation.on_paper(patient(who), by=member("sam"), at=timezone.now())[1]],
    "stretch_detail": lambda slug: [Stretch.objects.get(slug=slug).pk],
    "condition_detail": lambda who: [patient(who).conditions.earliest("recorded_at").pk],
    "condition_edit": lambda who: [patient(who).conditions.earliest("recorded_at").pk],
    "record_detail": lambda who: [patient(who).pk],
    "outcome_score_add": lambda who, slug: [patient(who).pk, slug],
    "outcome_score_edit": lambda who: [patient(who).outcome_scores.latest("on").pk],
    "prescribed_stretch_edit": lambda who: [first_line(prescription_of(who)).pk],
    "override_add": lambda who, slug: [prescription_of(who).pk, Stretch.objects.get(slug=slug).pk],
    "proposal_record": lambda who: [proposal_for(prescription_of(who)).pk],
    "stretch_log_record": lambda who: log_of(prescription_of(who)),
    "stretch_pause_lift": lambda who: [patient(who).stretch_pauses.get().pk],
    "red_flags_record": lambda who: [patient(who).pk],
    "reminder_edit": lambda who: [patient(who).pk],
    "routine_reopen": lambda who: [patient(who).pk],
    "everything_detail": lambda who: [patient(who).pk],
    "erasure_request_add": lambda who: [patient(who).pk],
    "own_everything_detail": lambda _who: [],
    "own_erasure_request_add": lambda who: [patient(who).pk],
    "erasure_request_record": lambda who: [erasure_request_of(who).pk],
}
"""What an address is made of that needs more than the id of a patient, or of a prescription."""


def path_of(name: str, arguments: Arguments) -> str:
    """The address of a page, and of the example that the arguments name."""
    app, _, view = name.rpartition(":")
    args: list[Any] = [each for each in arguments if not each.startswith("?")]
    if view in EXAMPLES:
        args = EXAMPLES[view](*args)
    elif view.startswith("template_"):
        args = [of_template(view, each) for each in args]
    elif app in {"prescriptions", "routines"}:
        args[0] = prescription_of(args[0]).pk
    elif app == "patients" and args:
        args[0] = patient(args[0]).pk
    query = [each for each in (*args, *arguments) if str(each).startswith("?")]
    return reverse(name, args=[each for each in args if each not in query]) + "".join(query)

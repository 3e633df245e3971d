"""A patient's own data, to take along: everything that was recorded of them, as data and on paper.

It comes through the show door like every page of theirs: what may not be done today is named as paused, without a
dose; of earlier prescriptions it names what was prescribed.
"""

import datetime
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from patients.models import Condition, Patient
from prescriptions.handout import plain
from prescriptions.models import Prescription
from prescriptions.showing import routine_of
from routines.models import RedFlagScreen, StretchLog
from stretches.wording import Wording, wording_for

_FOLDER = Path(__file__).parent
_FONTS = _FOLDER.parent / "prescriptions" / "fonts"

Document = dict[str, Any]


def own_data(patient: Patient, *, at: datetime.datetime) -> Document:
    """Everything about one record, as plain data; moments in ISO 8601, holds in seconds, pain from 0 to 10."""
    on = patient.clinic.today(at)
    routine = routine_of(patient, on=on)
    prescriptions = list(
        Prescription.objects.filter(patient=patient, activated_at__isnull=False)
        .select_related("activated_by")
        .prefetch_related("items__stretch")
    )
    logs = list(StretchLog.objects.filter(session__patient=patient).select_related("session", "stretch"))
    stretches = {item.stretch for each in prescriptions for item in each.items.all()} | {log.stretch for log in logs}
    wording = wording_for(stretches)
    return {
        "made_at": at.isoformat(),
        "clinic": {"name": patient.clinic.name, "phone": patient.clinic.phone},
        "person": {
            "name": patient.full_name,
            "born_on": patient.born_on.isoformat(),
            "email": patient.email,
            "phone": patient.phone,
        },
        "conditions": [_condition(each) for each in patient.conditions.select_related("code")],
        "today": {
            "state": routine.state.value,
            "stretches": [
                {"name": shown.words.name, "dose": [str(words) for words in shown.item.dose_words]}
                for shown in routine.stretches
            ],
            "paused": list(routine.paused),
        },
        "prescriptions": [_prescription(each, wording) for each in prescriptions],
        "logs": [_log(each, wording) for each in logs],
        "outcome_scores": [
            {
                "measure": each.measure.short_name,
                "day": each.on.isoformat(),
                "value": str(each.value),
                "activities": {activity.activity: activity.rating for activity in each.activities.all()},
            }
            for each in patient.outcome_scores.filter(is_entered_in_error=False)
            .select_related("measure")
            .prefetch_related("activities")
        ],
        "red_flag_answers": _answers(patient),
        "pauses": [
            {"reason": each.reason, "from": each.paused_at.isoformat(), "until": _moment(each.lifted_at)}
            for each in patient.stretch_pauses.all()
        ],
        "stops": [
            {"message": each.message, "from": each.stopped_at.isoformat(), "until": _moment(each.reopened_at)}
            for each in patient.routine_stops.all()
        ],
    }


def _moment(at: datetime.datetime | None) -> str | None:
    return at.isoformat() if at else None


def _condition(condition: Condition) -> Document:
    return {
        "name": str(condition),
        "clinical_status": condition.clinical_status,
        "verification_status": condition.verification_status,
        "date": condition.anchor_on.isoformat() if condition.anchor_on else None,
    }


def _prescription(prescription: Prescription, wording: Wording) -> Document:
    return {
        "status": prescription.status,
        "from": _moment(prescription.activated_at),
        "until": _moment(prescription.ended_at),
        "by": str(prescription.activated_by),
        "message": prescription.note,
        "stretches": [wording.stretch(item.stretch).name for item in prescription.items.all()],
    }


def _log(log: StretchLog, wording: Wording) -> Document:
    return {
        "day": log.session.on.isoformat(),
        "part_of_day": log.session.part_of_day,
        "stretch": wording.stretch(log.stretch).name,
        "outcome": log.outcome,
        "held_seconds": log.held_seconds,
        "pain_score": log.pain_score,
        "has_spread": log.has_spread,
        "has_settled": log.has_settled,
        "effort": log.effort,
        "note": log.note,
        "logged_at": log.logged_at.isoformat(),
    }


def _answers(patient: Patient) -> list[Document]:
    screens = RedFlagScreen.objects.filter(patient=patient).prefetch_related("answers")
    return [
        {"question": answer.wording, "answer": answer.is_yes, "answered_at": screen.answered_at.isoformat()}
        for screen in screens
        for answer in screen.answers.all()
    ]


def paper_of(documents: Iterable[Document]) -> bytes:
    """The same as a PDF, in the language that is active; one part for each clinic."""
    return printed([part_of(document) for document in documents])


def printed(parts: list[Document]) -> bytes:
    """Parts as ``part_of`` makes them, as a PDF."""
    labels = {"title": _("What your clinic has about you"), "page": _("Page")}
    data = json.dumps({"language": get_language() or "en", "labels": labels, "parts": parts})
    return typst.compile(
        _FOLDER / "export.typ",
        root=_FOLDER,
        font_paths=[_FONTS],
        ignore_system_fonts=False,
        format="pdf",
        sys_inputs={"data": data},
    )


def part_of(document: Document) -> Document:
    """One record as headings and tables of text."""
    person, yes_no = document["person"], {True: _("Yes"), False: _("No"), None: "–"}
    prescribed = document["prescriptions"]
    paused = [[name, _("Paused: ask your clinic")] for name in document["today"]["paused"]]
    sections = [
        (_("You"), [[_("Name"), person["name"]], [_("Date of birth"), _day(person["born_on"])]]),
        (_("Conditions"), [[each["name"], _day(each["date"])] for each in document["conditions"]]),
        (
            _("Your stretches today"),
            [[each["name"], ", ".join(each["dose"])] for each in document["today"]["stretches"]] + paused,
        ),
        (
            _("What was prescribed"),
            [[f"{_day(each['from'])}, {each['by']}", ", ".join(each["stretches"])] for each in prescribed],
        ),
        (_("How it went"), [[_day(each["day"]), _how(each)] for each in reversed(document["logs"])]),
        (
            _("Your answers"),
            [[each["question"], yes_no[each["answer"]]] for each in document["red_flag_answers"]],
        ),
    ]
    return {
        "clinic": plain(document["clinic"]["name"]),
        "made": _("Made on %(day)s") % {"day": _day(document["made_at"])},
        "sections": [
            {"title": title, "rows": [[plain(str(cell)) for cell in row] for row in rows] or [["–", ""]]}
            for title, rows in sections
        ],
    }


def _how(log: Document) -> str:
    words = [log["stretch"]]
    if log["held_seconds"] is not None:
        words.append(_("%(count)s s") % {"count": log["held_seconds"]})
    if log["pain_score"] is not None:
        words.append(_("pain %(score)s of 10") % {"score": log["pain_score"]})
    return ", ".join([*words, *([log["note"]] if log["note"] else [])])


def _day(moment: str | None) -> str:
    if not moment:
        return "–"
    parsed = datetime.datetime.fromisoformat(moment)
    return date_format(timezone.localtime(parsed) if parsed.tzinfo else parsed, "DATE_FORMAT")

"""The handout: one routine as words and pictures for paper, and the same as a PDF, in the language that is active."""

import base64
import contextlib
import dataclasses
import datetime
import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Literal

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext

from prescriptions.paper_words import (
    code_words,
    days_of_the_week,
    how_long_it_holds,
    labels,
    mark_of,
    prescribed_words,
    who_watches,
)
from prescriptions.showing import Routine, ShownStretch

_FOLDER = Path(__file__).parent
_INK = "#12324a"

PDF_HEADERS = {"Content-Type": "application/pdf", "Content-Disposition": 'inline; filename="stretches.pdf"'}
"""To open rather than to save, under a name that says nothing of the patient."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
"""What cannot be seen, but turns the words beside it around or is printed as a box."""


@dataclasses.dataclass(frozen=True)
class HandoutStretch:
    """One stretch on paper. ``picture`` is SVG, ``picture_words`` says what it shows."""

    name: str
    picture: str
    picture_words: str
    dose: tuple[str, ...]
    steps: tuple[str, ...]
    stop_rules: tuple[str, ...]
    advice: tuple[str, ...]
    note: str

    @property
    def picture_uri(self) -> str:
        """The picture for a page, without a request of its own."""
        return _data_uri(self.picture)


@dataclasses.dataclass(frozen=True)
class HandoutTiming:
    """Advice on the time of day, with the names of the stretches it is about."""

    advice: str
    names: str


@dataclasses.dataclass(frozen=True)
class TickPart:
    """One part of the day in the table to tick: a row for each stretch."""

    words: str
    names: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Handout:
    """All that stands on the paper, in words that are ready to print, in the language ``language``.

    ``mark`` says that it is not to be followed, and ``stamp`` says so across each page; both are empty for what is in
    force. ``qr`` is SVG.
    """

    language: str
    labels: dict[str, str]
    days: tuple[str, ...]
    clinic: str
    phone: str
    addressed: str
    prescribed: str
    printed_on: str
    stamp: str
    mark: str
    summary: str
    message_from: str
    message: str
    timing: tuple[HandoutTiming, ...]
    stretches: tuple[HandoutStretch, ...]
    paused: tuple[str, ...]
    ticks: tuple[TickPart, ...]
    urgent_care_text: str
    watching: str
    validity: str
    qr: str
    code_words: tuple[str, ...]
    """What the code does and until when, a sentence each; empty for a code that only leads to the sign-in."""
    on: datetime.date

    @property
    def qr_uri(self) -> str:
        """The code for a page."""
        return _data_uri(self.qr)


def handout_of(routine: Routine, *, link: str = "", link_until: datetime.datetime | None = None) -> Handout:
    """Put a routine into words for paper. It has to have a prescription, in force or not.

    ``link`` is the path of an invitation, which the code then opens until ``link_until``; otherwise it opens the
    patient's page, behind the sign-in.
    """
    prescription = routine.prescription
    if prescription is None:
        raise ValueError("nothing is prescribed")
    clinic = routine.patient.clinic
    clinician = plain((prescription.activated_by or prescription.created_by).full_name)
    written_on = _day_in_words(clinic.today(prescription.activated_at or prescription.created_at))
    printed_on = _day_in_words(routine.on)
    stamp, mark = mark_of(routine.state)
    return Handout(
        language=get_language() or settings.LANGUAGE_CODE,
        labels=labels(),
        days=days_of_the_week(),
        clinic=plain(clinic.name),
        phone=plain(clinic.phone),
        addressed=gettext("For %(name)s") % {"name": plain(routine.patient.full_name)},
        prescribed=prescribed_words(routine, on=written_on, by=clinician),
        printed_on=gettext("Printed on %(day)s") % {"day": printed_on},
        stamp=stamp,
        mark=mark,
        summary=summary_of(routine),
        message_from=gettext("Message from %(name)s") % {"name": clinician},
        message=plain(prescription.note),
        timing=tuple(HandoutTiming(plain(timing.advice), plain(", ".join(timing.names))) for timing in routine.timing),
        stretches=tuple(_on_paper(shown) for shown in routine.stretches),
        paused=tuple(plain(name) for name in routine.paused),
        ticks=tuple(
            TickPart(part.words, tuple(plain(shown.words.name) for shown in part.stretches)) for part in routine.parts
        ),
        urgent_care_text=plain(clinic.urgent_care_words),
        watching=who_watches(plain(clinic.phone)),
        validity=how_long_it_holds(printed_on),
        qr=_qr_svg(settings.SITE_URL + (link or reverse("routines:routine_today"))),
        code_words=code_words(until=_day_in_words(clinic.today(link_until)) if link_until else ""),
        on=routine.on,
    )


def pdf_of(handout: Handout) -> bytes:
    """Print to PDF, tagged for screen readers (PDF/UA-1); the same handout gives the same bytes.

    Words go in as data, never as source. Where our fonts lack a letter, those of the system may draw it; where nothing
    can, a box stands for it and the file claims no standard.
    """
    data = json.dumps(dataclasses.asdict(handout) | {"on": [handout.on.year, handout.on.month, handout.on.day]})

    def compiled(fonts: typst.Fonts, standard: Literal["ua-1", "1.7"]) -> bytes:
        return typst.compile(
            _FOLDER / "handout.typ",
            root=_FOLDER,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=standard,
            sys_inputs={"data": data},
        )

    for fonts in (_our_fonts, _all_fonts):
        with contextlib.suppress(typst.TypstError):
            return compiled(fonts(), "ua-1")
    return compiled(_all_fonts(), "1.7")


def plain(text: str) -> str:
    """Text as it is printed: lines that end in one way, without what cannot be seen."""
    return _UNSEEN.sub("", "\n".join(text.splitlines())).strip()


def summary_of(routine: Routine) -> str:
    """How much there is to do, in a sentence."""
    if not routine.stretches:
        return gettext("There is nothing to do for now. Ask your clinic.")
    return f"{routine.how_much}."


def _on_paper(shown: ShownStretch) -> HandoutStretch:
    stretch, words = shown.item.stretch, shown.words
    name, alt = plain(words.name), plain(words.picture)
    return HandoutStretch(
        name=name,
        picture=stretch.picture(alt=alt or name, theme="print"),
        picture_words=alt or name,
        dose=tuple(shown.item.dose_words),
        steps=tuple(plain(step) for step in words.steps),
        stop_rules=tuple(plain(rule) for rule in words.stop_rules),
        advice=tuple(plain(advice) for advice in shown.advice),
        note=plain(shown.item.note),
    )


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _day_in_words(day: datetime.date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


@cache
def _qr_svg(address: str) -> str:
    svg = io.BytesIO()
    segno.make(address, error="m").save(svg, kind="svg", xmldecl=False, border=0, dark=_INK)
    return svg.getvalue().decode()


@cache
def _our_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[_FOLDER / "fonts"])


@cache
def _all_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, font_paths=[_FOLDER / "fonts"])

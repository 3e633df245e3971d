"""Events in words: for the screen of a clinic's admin, and for its file."""

import csv
import dataclasses
import datetime
import io
import unicodedata
import zoneinfo
from collections.abc import Iterable

from django.apps import apps
from django.utils.text import capfirst

from audit.models import COMMAND, LINK, Event
from audit.words import field_in_words, where_in_words

ROLES = {"operator": "operator", LINK: "by a secret link", COMMAND: "Limber itself"}
HEAD = ("when", "who", "role", "what", "of what", "object", "patient", "fields", "patients in the list", "page", "from")


@dataclasses.dataclass(frozen=True)
class Row:
    """One event as it is shown: which fields changed, and never what stood in them."""

    event: Event
    at: datetime.datetime
    who: str
    role: str
    what: str
    thing: str
    patient: str
    fields: str
    where: str
    listed: int


def rows_of(events: Iterable[Event]) -> list[Row]:
    """In the time zone of their clinic."""
    names = {model._meta.db_table: str(model._meta.verbose_name) for model in apps.get_models()}
    return [_row(event, names) for event in events]


def _row(event: Event, names: dict[str, str]) -> Row:
    zone = zoneinfo.ZoneInfo(event.clinic.time_zone if event.clinic else "UTC")
    return Row(
        event=event,
        at=event.at.astimezone(zone),
        who=_who(event),
        role=ROLES.get(event.role, event.role),
        what=event.get_action_display(),
        thing="patients" if event.action == "list" else names.get(event.table_name, event.table_name),
        patient=event.patient_id.hex[:8] if event.patient_id else "",
        fields=", ".join(dict.fromkeys(field_in_words(each) for each in event.fields)),
        where=where_in_words(event.door),
        listed=len(event.said.get("patients", ())),
    )


def _who(event: Event) -> str:
    """A name; a patient is a number here as everywhere."""
    if event.role == "patient":
        return f"Patient {event.patient_id.hex[:8]}" if event.patient_id else "A patient"
    if event.user_id is None:
        return str(capfirst(ROLES.get(event.role, event.role)))
    return str(event.user) if event.user else "Somebody whose sign-in is gone"


def as_csv(rows: Iterable[Row], *, is_cut: bool) -> str:
    """A file for a spreadsheet, times in UTC; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for row in rows:
        event = row.event
        cells = (
            *(event.at.astimezone(datetime.UTC).isoformat(timespec="seconds"), row.who, row.role, row.what, row.thing),
            *(event.object_id, str(event.patient_id or ""), ", ".join(event.fields)),
            *(" ".join(event.said.get("patients", ())), event.door, event.address),
        )
        writer.writerow([_text(cell) for cell in cells])
    if is_cut:
        writer.writerow(["There are older ones: choose days to see them."])
    return out.getvalue()


def _text(cell: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, "CSV Injection"): an apostrophe in front makes it text."""
    first = unicodedata.normalize("NFKC", cell.lstrip()[:1])
    return f"'{cell}" if cell[:1] in {"\t", "\r", "\n"} or first in {"=", "+", "-", "@"} else cell

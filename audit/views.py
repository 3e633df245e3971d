"""The audit record, for a clinic's admin: who did what, and never what a record says.

Being the admin of a clinic opens no record: patients are numbers here, and of a change is shown what kind of thing it
was and which of its fields, not what stood in them.
"""

from typing import Any

from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.again import asks_again
from accounts.limiting import limited
from accounts.models import Clinic
from audit.forms import EventFilterForm
from audit.models import Event, EventQuerySet
from audit.rows import Row, as_csv, rows_of

EVENTS_A_PAGE = 50
EVENTS_A_FILE = 50_000
"""So that a file is made within one request; for more, choose days."""


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """The latest events of the clinics that this person administers; ``?before`` goes on where a page ended."""
    form, events = _found(request)
    found = rows_of(_before(events, request.GET.get("before", ""))[: EVENTS_A_PAGE + 1])
    context: dict[str, Any] = {
        "form": form,
        "rows": found[:EVENTS_A_PAGE],
        "before": found[EVENTS_A_PAGE - 1].event.pk if len(found) > EVENTS_A_PAGE else None,
        "is_later_page": "before" in request.GET,
        "asked": _asked(request),
        "is_guarded": connection.vendor == "postgresql",
    }
    return render(request, "audit/event_list.html", context)


@require_safe
@limited("export")
@asks_again
def event_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file, as it was filtered."""
    _, events = _found(request)
    rows: list[Row] = rows_of(events[: EVENTS_A_FILE + 1])
    headers = {"Content-Disposition": f'attachment; filename="audit-{timezone.now():%Y-%m-%d}.csv"'}
    text = as_csv(rows[:EVENTS_A_FILE], is_cut=len(rows) > EVENTS_A_FILE)
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _found(request: HttpRequest) -> tuple[EventFilterForm, EventQuerySet]:
    """What was asked for; 404 for who administers no clinic."""
    clinics = get_list_or_404(Clinic.objects.visible_to(signed_in(request)).order_by("name"))
    form = EventFilterForm(request.GET, clinics=clinics)
    # The ids once more, so that the database reads the index of the clinic backwards.
    events = Event.objects.visible_to(request.user).filter(clinic__in=[clinic.pk for clinic in clinics])
    return form, form.narrow(events.select_related("user", "clinic"))


def _before(events: EventQuerySet, mark: str) -> EventQuerySet:
    """Those older than an event; a mark that is none is left aside."""
    last = events.filter(pk=mark).first() if mark.isascii() and mark.isdigit() and len(mark) < 19 else None
    return events.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)) if last else events


def _asked(request: HttpRequest) -> str:
    """What was asked for, without the page."""
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode()

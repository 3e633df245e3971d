"""Looking back, and taking one's data along."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.limiting import limited
from accounts.replica import may_be_stale
from patients.models import Patient
from routines.export import own_data, paper_of
from routines.progress import WEEKS, progress_of


@require_safe
@gzip_page
@may_be_stale
def progress_detail(request: HttpRequest) -> HttpResponse:
    """Show this person's last weeks, one part for each clinic that treats them; ``?weeks`` looks further back."""
    records = _own_records(request)
    wanted = request.GET.get("weeks", "")
    weeks = next((each for each in WEEKS if str(each) == wanted), WEEKS[0])
    progress = [progress_of(record, on=record.clinic.today(), weeks=weeks) for record in records]
    context = {"every_progress": progress, "weeks": weeks, "choices": WEEKS}
    return render(request, "routines/progress_detail.html", context)


@require_safe
@limited("own data")
def own_data_json(request: HttpRequest) -> HttpResponse:
    """Give this person everything that is recorded of them, as data."""
    at = timezone.now()
    document = {"records": [own_data(record, at=at) for record in _own_records(request)]}
    body = json.dumps(document, ensure_ascii=False, indent=2)
    return HttpResponse(body, content_type="application/json", headers=_named(f"limber-{at:%Y-%m-%d}.json"))


@require_safe
@limited("own data")
def own_data_pdf(request: HttpRequest) -> HttpResponse:
    """Give the same as a PDF."""
    at = timezone.now()
    paper = paper_of([own_data(record, at=at) for record in _own_records(request)])
    return HttpResponse(paper, content_type="application/pdf", headers=_named(f"limber-{at:%Y-%m-%d}.pdf"))


def _own_records(request: HttpRequest) -> list[Patient]:
    """This person's records; whoever has none finds nothing."""
    records = list(Patient.objects.own(request.user).select_related("clinic").order_by("clinic__name", "pk"))
    if not records:
        raise Http404
    return records


def _named(file_name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file_name}"', "X-Content-Type-Options": "nosniff"}

"""Files into the catalogue and out of it: sent, looked at, then applied; and the whole library to take along."""

from collections.abc import Generator, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from accounts import acting
from accounts.access import signed_in
from accounts.limiting import too_often
from stretches.admin.forms import BACK, WHY
from stretches.admin.impact import SEEN, WHY_MAX_LENGTH, UnconfirmedError, ask
from stretches.catalogue.reading import BadCatalogueError
from stretches.catalogue.writing import CatalogueMovedError, Step
from stretches.exchange import incoming, outgoing
from stretches.exchange.columns import SHEETS
from stretches.exchange.landing import ImpactMovedError, Landed, Plan, impact, landing, plan
from stretches.exchange.stored import stored_catalogue
from stretches.models import CatalogueImport, CatalogueRelease

PROBLEMS_SHOWN = 500
LINES_A_PAGE = 100
NAMES_SHOWN = 100
STEPS_GO_HERE = "[steps go here]"
MOVED = "Something was changed meanwhile, so nothing was imported. Look at it again."


class ImportForm(forms.Form):
    """A file to import; ``problems`` says what is wrong with it, row by row."""

    file = forms.FileField(
        help_text=f"JSON, XLSX or CSV (saved as CSV UTF-8), of up to {incoming.BYTES_MAX // 1_000_000} MB."
        " Nothing is changed before you have seen what it would do."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: list[Problem] = []
        self.problem_count = 0

    def clean_file(self) -> "UploadedFile[bytes]":
        """Read all of it, so that whatever is wrong is said at once."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > incoming.BYTES_MAX:
            raise ValidationError(f"It is larger than {incoming.BYTES_MAX // 1_000_000} MB. Nothing was changed.")
        try:
            plan(incoming.read(file.read()))
        except BadCatalogueError as error:
            self.problem_count = len(error.problems)
            self.problems = [Problem(sentence) for sentence in error.problems[:PROBLEMS_SHOWN]]
            words = f"{self.problem_count:,} faults, listed below" if self.problem_count > 1 else error.problems[0]
            raise ValidationError(f"It cannot be imported: {words}. Nothing was changed.") from error
        return file


class Problem:
    """One fault, taken apart for a table: the row, its column, what is wrong."""

    def __init__(self, sentence: str) -> None:
        first, *rest = sentence.split(": ", 2)
        if len(rest) == 2 and " " not in rest[0]:
            self.place, self.column, self.words = first, *rest
        else:
            self.place, self.column, self.words = (first, "", ": ".join(rest)) if rest else ("", "", first)


@admin.register(CatalogueImport)
class CatalogueImportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Imports: to add one is to send a file, its page shows what it would change."""

    list_display = ("file_name", "uploaded_by", "uploaded_at", "state")
    list_select_related = ("uploaded_by",)
    search_fields = ("file_name",)
    list_per_page = 50
    actions = None
    change_list_template = "admin/stretches/catalogueimport/change_list.html"

    @admin.display(description="what became of it")
    def state(self, row: CatalogueImport) -> str:
        """What became of it, or that it waits."""
        return row.outcome or "Waits for a decision"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one: it says where rows came from."""
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the files themselves in the database."""
        return super().get_queryset(request).defer("content")

    def get_urls(self) -> list[URLPattern]:
        """Add the page of what may be taken along."""
        export = path("export/", self.admin_site.admin_view(self.export_view), name="stretches_catalogueimport_export")
        return [export, *super().get_urls()]

    # Out --------------------------------------------------------------------------------------------------------------
    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Offer the library as files, or give one: ``?file=catalogue.json``."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("file")
        if wanted is None:
            tables = [(sheet.name, sheet.name.replace("_", " ").capitalize()) for sheet in SHEETS]
            context = {**self._context(request, "Export the catalogue"), "tables": tables}
            return TemplateResponse(request, "admin/stretches/catalogueimport/export.html", context)
        if refusal := too_often(request, "export"):
            return refusal
        made = _exported(wanted)
        if made is None:
            raise Http404("There is no such file.")
        name, kind, content = made
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return HttpResponse(content, content_type=outgoing.CONTENT_TYPES[kind], headers=headers)

    # In ---------------------------------------------------------------------------------------------------------------
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take a file and keep it until somebody decides."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST" and (refusal := too_often(request, "import")):
            return refusal
        form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
        if form.is_valid():
            file = form.cleaned_data["file"]
            file.seek(0)
            CatalogueImport.objects.all().forget(at=timezone.now())
            row = CatalogueImport.objects.create(
                file_name=file.name[:255].replace("\x00", ""),
                content=file.read(),
                uploaded_by=signed_in(request),
                uploaded_at=timezone.now(),
            )
            return HttpResponseRedirect(reverse("admin:stretches_catalogueimport_change", args=[row.pk]))
        context = {**self._context(request, "Import into the catalogue"), "form": form}
        return TemplateResponse(request, "admin/stretches/catalogueimport/add.html", context)

    def change_view(  # type: ignore[override]
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        """Show what a file would change, and do what is decided."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]
                request, self.opts, object_id
            )
            return missing
        if row.content is None:
            if request.method == "POST":
                messages.warning(request, _not_done(row))
            context = {**self._context(request, str(row)), "row": row}
            return TemplateResponse(request, "admin/stretches/catalogueimport/done.html", context)
        if request.method == "POST" and "_discard" in request.POST:
            row.note_discarded()
            messages.success(request, f"“{row}” was discarded. Nothing was changed.")
            return HttpResponseRedirect(reverse("admin:stretches_catalogueimport_changelist"))
        try:
            planned = plan(incoming.read(bytes(row.content)))
        except BadCatalogueError as error:  # the catalogue has changed since the file was sent
            problems = [Problem(sentence) for sentence in error.problems[:PROBLEMS_SHOWN]]
            return self._preview(request, row, None, problems=problems)
        if request.method == "POST" and BACK not in request.POST:
            return self._decide(request, row, planned)
        return self._preview(request, row, planned)

    def _decide(self, request: HttpRequest, row: CatalogueImport, planned: Plan) -> HttpResponseBase:
        with_changes = "_all" in request.POST
        if request.POST.get("seen_plan") != planned.fingerprint:
            messages.error(request, why_not := _not_done(row))
            if why_not != MOVED:
                return HttpResponseRedirect(reverse("admin:stretches_catalogueimport_change", args=[row.pk]))
            return self._preview(request, row, planned)
        question = UnconfirmedError(*impact(planned, with_changes=with_changes, at=timezone.now()))
        why = request.POST.get(WHY, "").strip().replace("\x00", "")
        if question.affected and (request.POST.get(SEEN) != question.mark or not why or len(why) > WHY_MAX_LENGTH):
            if request.POST.get(SEEN) == question.mark:
                question.problem = f"Say why, in {WHY_MAX_LENGTH} characters: it is recorded with your name."
            return ask(self, request, question, button="Import, pause and tell them", back=BACK)
        origin = f"Imported from “{row}”" + (f", because “{why}”" if why else "")
        steps = landing(
            planned,
            with_changes=with_changes,
            by=signed_in(request),
            origin=origin,
            at=timezone.now(),
            seen=str(question.affected),
            record=row,
        )
        return self._progress(request, row, steps)

    def _preview(
        self, request: HttpRequest, row: CatalogueImport, planned: Plan | None, problems: list[Problem] | None = None
    ) -> HttpResponse:
        context = {**self._context(request, str(row)), "row": row, "problems": problems, "plan": planned}
        if planned is not None:
            new = {table.table.name: [record.key for record in table.new[:NAMES_SHOWN]] for table in planned.tables}
            lines = Paginator(planned.lines, LINES_A_PAGE)
            context |= {"lines": lines.get_page(request.GET.get("page")), "new": new, "names_shown": NAMES_SHOWN}
        return TemplateResponse(request, "admin/stretches/catalogueimport/preview.html", context)

    def _progress(
        self, request: HttpRequest, row: CatalogueImport, steps: Generator[Step, None, Landed]
    ) -> StreamingHttpResponse:
        """Answer while it is being done: the page grows by a line for each batch, and ends with what was done."""
        context = {**self._context(request, f"Importing “{row}”"), "row": row, "steps_go_here": STEPS_GO_HERE}
        page = render_to_string("admin/stretches/catalogueimport/progress.html", context, request)
        head, _, tail = page.partition(STEPS_GO_HERE)
        actor = acting.current()

        def parts() -> Iterator[str]:
            yield head
            try:
                landed = None
                with acting.inside(actor):  # the transaction of the request has ended with the view
                    while landed is None:
                        try:
                            step = next(steps)
                            line = '<p><progress max="{}" value="{}" aria-label="Rows written"></progress> {}</p>\n'
                            yield format_html(line, step.all_rows, step.done_of_all, str(step))
                        except StopIteration as end:
                            landed = end.value
                yield format_html('<p class="import-done"><strong>Done.</strong> {}</p>', str(landed))
            except (CatalogueMovedError, ImpactMovedError):
                with acting.inside(actor):
                    why_not = _not_done(row)
                yield format_html('<p class="import-done"><strong>Not done.</strong> {}</p>', why_not)
            except DatabaseError as error:
                words = f"The database refused: {str(error).strip()[:300]}. Nothing was changed."
                yield format_html('<p class="import-done"><strong>Not done.</strong> {}</p>', words)
            finally:
                steps.close()
            yield tail

        return StreamingHttpResponse(parts(), headers={"X-Accel-Buffering": "no"})

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}


def _not_done(row: CatalogueImport) -> str:
    """Why an import was not done: somebody else has done it or decided against it meanwhile, or the catalogue moved."""
    now = CatalogueImport.objects.defer("content").select_related("release__released_by").get(pk=row.pk)
    if now.applied_at is None:
        return now.outcome or MOVED
    by = f" by {now.release.released_by}" if now.release and now.release.released_by else ""
    at = date_format(timezone.localtime(now.applied_at), "DATETIME_FORMAT")
    return f"This file was imported already{by}, on {at}: {now.outcome} It was not imported a second time."


def _exported(wanted: str) -> tuple[str, str, bytes] | None:
    """The name to save it under, its format and its content."""
    stem, _, kind = wanted.rpartition(".")
    sheet = next((sheet for sheet in SHEETS if sheet.name == stem), None)
    match stem, kind:
        case "catalogue", outgoing.JSON:
            content = outgoing.as_json(stored_catalogue())
        case "catalogue", outgoing.XLSX:
            content = outgoing.as_xlsx(stored_catalogue())
        case _, outgoing.CSV if sheet is not None:
            content = outgoing.as_csv(stored_catalogue(), sheet)
        case _:
            return None
    latest = CatalogueRelease.objects.of_library().first()
    return f"limber-{stem.replace('_', '-')}-{latest.pk if latest else 0}.{kind}", kind, content

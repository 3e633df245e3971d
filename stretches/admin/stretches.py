"""Stretches, with their contraindications."""

import uuid
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.access import signed_in
from accounts.searching import SearchesMixin
from stretches.admin.base import LINES, HistoricCatalogueAdmin
from stretches.admin.forms import CatalogueForm
from stretches.admin.impact import AsksAboutImpact, UnconfirmedError, ask, conclude
from stretches.admin.photos import photo_and_video_links
from stretches.impact import change_begins
from stretches.models import CatalogueRelease, Contraindication, Stretch, StretchStatus


class StretchForm(CatalogueForm):
    """A stretch."""

    def clean(self) -> dict[str, Any]:
        """Refuse neighbours that are not easier."""
        cleaned = super().clean()
        difficulty = cleaned.get("difficulty")
        for easier in cleaned.get("easier") or ():
            if easier == self.instance:
                self.add_error("easier", "A stretch is not easier than itself.")
            elif difficulty is not None and easier.difficulty > difficulty:
                self.add_error("easier", f"{easier} is not easier: its difficulty is {easier.difficulty}.")
            elif not self.instance._state.adding and easier.easier.contains(self.instance):
                self.add_error("easier", f"{easier} has this stretch among its easier ones.")
        return cleaned


class ContraindicationInline(SearchesMixin, admin.TabularInline):  # type: ignore[type-arg]
    """What a stretch is unsafe with: rows that exist lead to their own page, new ones are written here."""

    model = Contraindication
    extra = 0
    show_change_link = True
    fields = ("condition_code", "severity", "from_week", "until_week", "rationale", "source", "confidence")
    autocomplete_fields = ("condition_code", "source")
    formfield_overrides: ClassVar[Any] = LINES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contraindication]:
        """Fetch what a row shows along with it."""
        rows: QuerySet[Contraindication] = super().get_queryset(request)
        return rows.select_related("stretch", "condition_code", "source")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave changes to the row's own page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave deletion to the row's own page."""
        return False


@admin.register(Stretch)
class StretchAdmin(AsksAboutImpact, HistoricCatalogueAdmin):
    """Stretches: drafted, reviewed, retired."""

    form = StretchForm
    list_display = ("name", "status", "difficulty", "position", "family", "contraindication_count", "confidence")
    list_filter = ("status", "difficulty", "position", "spinal_load", "is_founding", "family", "muscles")
    search_fields = ("name", "slug", "muscles__name")
    ordering = ("difficulty", "name", "id")
    autocomplete_fields = ("source", "easier")
    filter_horizontal = ("muscles", "equipment", "movements")
    inlines = (ContraindicationInline,)
    actions = ("mark_reviewed", "retire")
    instead_of_deleting = "Set its status to “Retired” instead: nobody is offered it any more, and its past stays."
    fieldsets = (
        (None, {"fields": ["name", "slug", "status", "family", "purpose"]}),
        ("How it is done", {"fields": ["position", "sides", "equipment", "steps", "stop_rules", "notes"]}),
        ("Pictures", {"fields": ["photo_and_video"]}),
        ("What it does", {"fields": ["muscles", "movements", "spinal_load"]}),
        ("How hard it is", {"fields": ["difficulty", "difficulty_basis", "easier"]}),
        (
            "Dose",
            {
                "fields": [
                    "dose_kind",
                    ("start_hold_seconds_min", "start_hold_seconds_max"),
                    ("hold_seconds_min", "hold_seconds_max", "default_hold_seconds"),
                    ("repetitions", "repetitions_stated_in_source"),
                    ("times_per_day", "days_per_week"),
                    "routine_anchors",
                    "dose_note",
                ]
            },
        ),
        ("Where it comes from", {"fields": ["source", "confidence", "is_founding", "article_rank"]}),
    )

    def concerns(self, row: Stretch) -> list[uuid.UUID]:
        """Itself: what is retired is paused, and new contraindications are written below it."""
        return [row.pk]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stretch]:
        """Count the contraindications along with the stretches."""
        stretches: QuerySet[Stretch] = super().get_queryset(request)
        return stretches.annotate(contraindication_count=Count("contraindications", distinct=True))

    @admin.display(description="contraindications", ordering="contraindication_count")
    def contraindication_count(self, stretch: Any) -> int:
        """How many contraindications it has: none is seldom right."""
        return int(stretch.contraindication_count)

    def get_readonly_fields(self, request: HttpRequest, obj: Stretch | None = None) -> Any:
        """Keep the short name: files and the picture know the stretch by it."""
        return ("slug", "photo_and_video") if obj else ("photo_and_video",)

    @admin.display(description="besides the drawing")
    def photo_and_video(self, stretch: Stretch | None) -> str:
        """Where they are changed."""
        return photo_and_video_links(stretch)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Stretch | None = None) -> Any:
        """Suggest the short name of a new stretch."""
        return {} if obj else {"slug": ("name",)}

    @admin.action(description="Mark the selected stretches as reviewed", permissions=["change"])
    def mark_reviewed(self, request: HttpRequest, queryset: QuerySet[Stretch]) -> None:
        """Let them be offered."""
        self._set_status(request, queryset, StretchStatus.REVIEWED)

    @admin.action(description="Retire the selected stretches", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Stretch]) -> HttpResponse | None:
        """Let them be offered no more; what is prescribed of them is paused, once that was confirmed."""
        try:
            self._set_status(request, queryset, StretchStatus.RETIRED)
        except UnconfirmedError as error:
            return ask(self, request, error.affected)
        return None

    def _set_status(self, request: HttpRequest, queryset: QuerySet[Stretch], status: StretchStatus) -> None:
        with transaction.atomic():
            chosen = Stretch.objects.filter(pk__in=queryset.values("pk")).exclude(status=status)
            stretches = list(chosen.select_for_update().order_by("pk"))
            change = change_begins([stretch.pk for stretch in stretches], at=timezone.now())
            for stretch in stretches:
                stretch.status = status
                stretch._history_user = request.user  # type: ignore[attr-defined]
                stretch.save(update_fields=["status"])
            if stretches:
                words = ", ".join(f"“{stretch}”" for stretch in stretches)
                CatalogueRelease.record_edit(f"{status.label.lower()}: {words}", by=signed_in(request))
            conclude(request, change)
        self.message_user(request, f"{status.label}: {len(stretches)} of those selected.", messages.SUCCESS)

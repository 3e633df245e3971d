"""Stretches, with their contraindications."""

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.access import signed_in
from accounts.searching import SearchesMixin
from stretches.admin.base import LINES, HistoricCatalogueAdmin
from stretches.admin.forms import VersionedForm
from stretches.admin.impact import AsksAboutImpact
from stretches.admin.owned import AdaptsStretches, OwnedAdmin, administered, may_touch, seen_by
from stretches.admin.photos import picture_links
from stretches.admin.review import ReviewsStretches
from stretches.models import Contraindication, Stretch, StretchStatus


class StretchForm(VersionedForm):
    """A stretch."""

    class Meta:
        labels: ClassVar[Any] = {"slug": "Short name"}
        help_texts: ClassVar[Any] = {
            "slug": "Files know the stretch by it. It fills itself in from the name, and does not change later. Small"
            " letters, figures and hyphens, such as seated-calf-stretch.",
            "family": "One word for stretches of the same part of the body, such as hamstring or calf, to find them"
            " by in the list. Small letters, with an underscore for a space, such as hip_flexor.",
        }
        error_messages: ClassVar[Any] = {
            "slug": {"invalid": "Write it without spaces and signs, such as seated-calf-stretch."},
            "family": {"invalid": "Write it without spaces and signs, such as hip_flexor."},
        }

    def clean(self) -> dict[str, Any]:
        """Refuse neighbours that are not easier."""
        cleaned = super().clean()
        difficulty = cleaned.get("difficulty")
        owner = cleaned.get("clinic") or self.instance.clinic
        for easier in cleaned.get("easier") or ():
            if easier.clinic_id not in (None, owner and owner.pk):
                self.add_error("easier", f"{easier} is a clinic's own: name one of the library, or of the same clinic.")
            elif easier == self.instance:
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
        visible: Any = rows.select_related("stretch", "condition_code", "source")
        return visible.visible_to(signed_in(request))  # type: ignore[no-any-return]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the stretch sees them."""
        return super().has_view_permission(request, obj) or bool(administered(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may write the stretch may write what speaks against it."""
        as_library_admin = super().has_add_permission(request, obj)
        if obj is None:
            return as_library_admin or bool(administered(request))
        return may_touch(request, obj, as_library_admin=as_library_admin)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave changes to the row's own page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave deletion to the row's own page."""
        return False


@admin.register(Stretch)
class StretchAdmin(OwnedAdmin, AdaptsStretches, ReviewsStretches, AsksAboutImpact, HistoricCatalogueAdmin):
    """Stretches: written here, reviewed and retired on a page of their own."""

    form = StretchForm
    list_display = (
        "name",
        "status",
        "next_step",
        "difficulty",
        "position",
        "contraindication_count",
        "whose",
    )
    list_filter = ("status", "difficulty", "position", "spinal_load", "confidence", "is_founding", "family", "muscles")
    list_select_related = ("clinic",)
    search_fields = ("name", "slug", "muscles__name")
    ordering = ("difficulty", "name", "id")
    autocomplete_fields = ("source", "easier")
    filter_horizontal = ("muscles", "equipment", "movements")
    inlines = (ContraindicationInline,)
    instead_of_deleting = "Retire it instead, on its review page: nobody is offered it any more, and its past stays."
    fieldsets = (
        (None, {"fields": ["name", "slug", "status", "family", "purpose"]}),
        ("How it is done", {"fields": ["position", "sides", "equipment", "steps", "stop_rules", "notes"]}),
        ("Pictures", {"fields": ["pictures"]}),
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

    def regraded(self, row: Stretch, form: Any) -> Iterator[tuple[Stretch, str]]:
        """Itself, when it is harder or easier by now."""
        if "difficulty" in form.changed_data:
            yield row, f"Difficulty {form.initial['difficulty']} → {row.difficulty}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stretch]:
        """Count the contraindications along with the stretches."""
        stretches: QuerySet[Stretch] = super().get_queryset(request)
        seen = seen_by(signed_in(request), "contraindications__")
        return stretches.annotate(
            contraindication_count=Count("contraindications", filter=seen, distinct=True),
            undecided_count=Count("proposals", filter=Q(proposals__state="open"), distinct=True),
        )

    @admin.display(description="next step", ordering="-undecided_count")
    def next_step(self, stretch: Any) -> str:
        """Where a draft's next step is taken."""
        if stretch.status != StretchStatus.DRAFT:
            return "–"
        words = f"Decide about {stretch.undecided_count}" if stretch.undecided_count else "Review"
        url = reverse("admin:stretches_stretch_review", args=[stretch.pk])
        return format_html('<a href="{}" aria-label="{}: {}">{}</a>', url, words, stretch, words)

    @admin.display(description="contra\N{SOFT HYPHEN}indications", ordering="contraindication_count")
    def contraindication_count(self, stretch: Any) -> int:
        """How many contraindications it has: none is seldom right."""
        return int(stretch.contraindication_count)

    def get_readonly_fields(self, request: HttpRequest, obj: Stretch | None = None) -> Any:
        """Keep the short name, by which files and the picture know it; the status moves on the review page alone."""
        kept = ("slug", "status", "pictures") if obj else ("status", "pictures")
        return (*kept, *super().get_readonly_fields(request, obj))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take neighbours that this person may see."""
        if db_field.name == "easier":
            kwargs["queryset"] = Stretch.objects.visible_to(signed_in(request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="drawing, photo and video")
    def pictures(self, stretch: Stretch | None) -> str:
        """Where they are changed."""
        return picture_links(stretch)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Stretch | None = None) -> Any:
        """Suggest the short name of a new stretch."""
        return {} if obj else {"slug": ("name",)}

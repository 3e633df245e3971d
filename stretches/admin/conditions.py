"""Condition codes and what they are a kind of."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.searching import SearchesMixin
from stretches.admin.base import HistoricCatalogueAdmin
from stretches.admin.forms import WHY
from stretches.admin.impact import AsksAboutImpact
from stretches.impact import change_begins
from stretches.models import Broader, ConditionCode

EDGES_SHOWN = 100


class BroaderFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The broader codes of a code."""

    def clean(self) -> None:
        """Ask for one main broader code; ``Broader.clean`` refuses circles, form by form."""
        super().clean()
        if self.has_changed() and not self.instance._state.adding and not self.data.get(WHY, "").strip():
            raise ValidationError("Say below why: it is kept with this version.")
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data.get("broader")]
        mains = [row["is_main"] for row in kept if not row.get("DELETE")]
        if mains and sum(mains) != 1:
            raise ValidationError("Of the broader conditions exactly one is shown first.")


class BroaderInline(SearchesMixin, admin.TabularInline):  # type: ignore[type-arg]
    """What a condition is a kind of."""

    model = Broader
    formset = BroaderFormSet
    fk_name = "narrower"
    extra = 0
    autocomplete_fields = ("broader",)


@admin.register(ConditionCode)
class ConditionCodeAdmin(AsksAboutImpact, HistoricCatalogueAdmin):
    """Condition codes, with the codes above them."""

    list_display = ("name", "kind", "broader_names", "region", "tier", "is_selectable", "is_red_flag", "window_anchor")
    list_filter = ("kind", "tier", "is_selectable", "is_red_flag", "is_non_resolving", "window_anchor", "region")
    search_fields = ("name", "slug", "synonyms", "icd10cm")
    autocomplete_fields = ("source",)
    inlines = (BroaderInline,)
    instead_of_deleting = (
        "Untick “can be recorded for a patient” instead: nobody records it any more, and it stays valid."
    )
    fieldsets = (
        (None, {"fields": ["name", "slug", "kind", "region", "tier", "synonyms", "note"]}),
        (
            "What the app does with it",
            {"fields": ["is_selectable", "is_red_flag", "is_non_resolving", "window_anchor"]},
        ),
        ("Codes and sources", {"fields": ["icd10cm", "icd10cm_categories", "source", "confidence"]}),
    )

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show what became of its place in the hierarchy along with its versions."""
        edges = Broader.history.filter(narrower=int(object_id)) if object_id.isdecimal() and len(object_id) < 19 else ()
        context = {"edges": edges and edges.select_related("broader", "history_user", "release")[:EDGES_SHOWN]}
        return super().history_view(request, object_id, {**context, **(extra_context or {})})

    def concerns(self, row: ConditionCode) -> list[uuid.UUID]:
        """None, as long as it stays where it is in the hierarchy."""
        return []

    def looks_at(self, row: ConditionCode) -> None:
        """Every stretch: a row on a broader code satisfies what a rule asks for below it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Mind every stretch when what is above a code changes: it decides which contraindications cover the code."""
        if any(formset.has_changed() for formset in formsets):
            request.catalogue_change = change_begins(None, at=timezone.now())  # type: ignore[attr-defined]
        super().save_related(request, form, formsets, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConditionCode]:
        """Fetch the broader codes along with the codes."""
        codes: QuerySet[ConditionCode] = super().get_queryset(request)
        edges = Broader.objects.select_related("broader").order_by("-is_main", "id")
        return codes.prefetch_related(Prefetch("broader_edges", edges))

    @admin.display(description="is a kind of")
    def broader_names(self, code: Any) -> str:
        """The codes directly above, main one first."""
        return ", ".join(edge.broader.name for edge in code.broader_edges.all())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the short name: files know the condition by it."""
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Suggest the short name of a new code."""
        return {} if obj else {"slug": ("name",)}

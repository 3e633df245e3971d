"""Contraindications, and the rules by which they are proposed."""

import uuid
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from stretches.admin.base import HistoricCatalogueAdmin
from stretches.admin.forms import VersionedForm
from stretches.admin.impact import AsksAboutImpact
from stretches.admin.owned import OwnedAdmin, stretches_to_write_about
from stretches.models import Contraindication, MovementRule, Stretch


@admin.register(Contraindication)
class ContraindicationAdmin(OwnedAdmin, AsksAboutImpact, HistoricCatalogueAdmin):
    """Contraindications; to move one elsewhere, delete it and write it anew."""

    list_display = ("stretch", "condition_code", "severity", "window_words", "confidence", "origin", "whose")
    list_filter = ("severity", "confidence", "origin", "source__verification")
    list_select_related = ("stretch", "condition_code", "clinic")
    search_fields = ("code", "stretch__name", "condition_code__name", "rationale")
    autocomplete_fields = ("stretch", "condition_code", "source")
    filter_horizontal = ("movements",)
    fieldsets = (
        (None, {"fields": ["stretch", "condition_code", "severity", ("from_week", "until_week"), "rationale"]}),
        ("Where it comes from", {"fields": ["source", "confidence", "origin", "movements"]}),
    )

    @admin.display(description="window")
    def window_words(self, row: Contraindication) -> str:
        """When it applies."""
        return row.window_words or "always"

    def concerns(self, row: Contraindication) -> list[uuid.UUID]:
        """Its stretch, locked: of two who save at once, the second sees what the first did."""
        self.lock(row)
        return [row.stretch_id]

    def lock(self, row: Contraindication) -> None:
        """Lock the stretch, as activations do."""
        list(Stretch.objects.select_for_update(no_key=True).filter(pk=row.stretch_id).values_list("pk"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep what the row is about: another stretch or condition is another row."""
        kept = ("stretch", "condition_code") if obj else ()
        return (*kept, *super().get_readonly_fields(request, obj))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take stretches of the library, and of the clinics whose admin this person is."""
        if db_field.name == "stretch":
            kwargs["queryset"] = stretches_to_write_about(request, of_library=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MovementRuleForm(VersionedForm):
    """A rule."""

    def clean(self) -> dict[str, Any]:
        """Ask for movements, or for none of them and every stretch."""
        cleaned = super().clean()
        if bool(cleaned.get("movements")) is bool(cleaned.get("applies_to_every_stretch")):
            self.add_error("movements", "Choose movements, or tick that it applies to every stretch; not both.")
        return cleaned


@admin.register(MovementRule)
class MovementRuleAdmin(HistoricCatalogueAdmin):
    """Rules from movements to contraindications."""

    form = MovementRuleForm
    list_display = ("condition_code", "severity", "window_words", "applies_to_every_stretch", "confidence")
    list_filter = ("severity", "confidence", "applies_to_every_stretch", "movements")
    list_select_related = ("condition_code",)
    search_fields = ("condition_code__name", "rationale")
    autocomplete_fields = ("condition_code", "source")
    filter_horizontal = ("movements",)
    fieldsets = (
        (None, {"fields": ["condition_code", "applies_to_every_stretch", "movements"]}),
        ("What follows", {"fields": ["severity", ("from_week", "until_week"), "rationale"]}),
        ("Where it comes from", {"fields": ["source", "confidence"]}),
    )

    @admin.display(description="window")
    def window_words(self, row: MovementRule) -> str:
        """When it applies."""
        return row.window_words or "always"

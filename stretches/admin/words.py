"""What stretches are described with: movements, muscles, equipment, and the sources of everything."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.access import signed_in
from stretches.admin.base import CatalogueAdmin
from stretches.admin.owned import seen_by
from stretches.models import Equipment, Movement, Muscle, Source


class WordAdmin(CatalogueAdmin):
    """A word by which stretches are found. What it is called may change, the short name stays."""

    list_display: tuple[str, ...] = ("name", "slug", "stretch_count")
    search_fields = ("name", "slug")
    ordering = ("name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the stretches along with the words."""
        words: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                stretch_count=Count("stretches", filter=seen_by(signed_in(request), "stretches__"), distinct=True)
            )
        )
        return words

    @admin.display(description="stretches", ordering="stretch_count")
    def stretch_count(self, row: Any) -> int:
        """How many stretches it describes."""
        return int(row.stretch_count)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the short name: files know the row by it."""
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Suggest the short name of a new row."""
        return {} if obj else {"slug": ("name",)}


@admin.register(Movement)
class MovementAdmin(WordAdmin):
    """Loading patterns."""

    list_display = ("name", "slug", "is_spinal_loading", "stretch_count")
    list_filter = ("is_spinal_loading",)


@admin.register(Muscle)
class MuscleAdmin(WordAdmin):
    """Muscles and groups of them."""


@admin.register(Equipment)
class EquipmentAdmin(WordAdmin):
    """What has to be at hand."""


@admin.register(Source)
class SourceAdmin(CatalogueAdmin):
    """Citations."""

    list_display = ("slug", "citation", "verification")
    list_filter = ("verification",)
    search_fields = ("slug", "citation")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the short name: files know the row by it."""
        return ("slug",) if obj else ()

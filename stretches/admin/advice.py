"""Red flags, timing, notes for the reviewing physiotherapist, and releases."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from stretches.admin.base import CatalogueAdmin
from stretches.admin.owned import OwnedAdmin
from stretches.models import CatalogueNote, CatalogueRelease, RedFlagAction, RedFlagQuestion, TimingRule


@admin.register(RedFlagAction)
class RedFlagActionAdmin(CatalogueAdmin):
    """What patients with a red flag are told, word for word."""

    list_display = ("tier", "message")
    search_fields = ("tier", "message")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the tier: files know the row by it."""
        return ("tier",) if obj else ()


@admin.register(RedFlagQuestion)
class RedFlagQuestionAdmin(CatalogueAdmin):
    """The questions, in order."""

    list_display = ("question", "action", "position")
    list_filter = ("action__tier",)
    list_select_related = ("action",)
    search_fields = ("slug", "question")
    autocomplete_fields = ("source",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the short name: files know the row by it."""
        return ("slug",) if obj else ()


@admin.register(TimingRule)
class TimingRuleAdmin(CatalogueAdmin):
    """Advice on the time of day."""

    list_display = ("condition_code", "advice", "confidence")
    list_select_related = ("condition_code",)
    search_fields = ("condition_code__name", "advice")
    autocomplete_fields = ("condition_code", "source")
    filter_horizontal = ("movements",)


@admin.register(CatalogueNote)
class CatalogueNoteAdmin(CatalogueAdmin):
    """Remarks, evidence and open questions."""

    list_display = ("kind", "text", "source_text")
    list_filter = ("kind",)
    search_fields = ("slug", "text", "source_text")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the short name: files know the row by it."""
        return ("slug",) if obj else ()


@admin.register(CatalogueRelease)
class CatalogueReleaseAdmin(OwnedAdmin):
    """Read only: releases are made by loading and editing."""

    list_display = ("id", "version", "reason", "released_by", "released_at", "whose")
    list_filter = ("version",)
    list_select_related = ("released_by", "clinic")
    search_fields = ("version", "reason")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one."""
        return False

"""The words that patients read, language by language."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from stretches.admin.base import CatalogueAdmin
from stretches.admin.forms import CatalogueForm
from stretches.models import CatalogueText
from stretches.models.text import digest_of_words
from stretches.wording import original_of

LINE_BY_LINE = {CatalogueText.Kind.STRETCH_STEPS, CatalogueText.Kind.STRETCH_STOP_RULES}


class CatalogueTextForm(CatalogueForm):
    """A text, held against the words of the catalogue that it stands for."""

    def clean_text(self) -> str:
        """Refuse to lose a step: as many lines as the catalogue has."""
        words = str(self.cleaned_data["text"])
        original = original_of(self.instance)
        if original and self.instance.kind in LINE_BY_LINE and _count(words) != _count(original):
            raise ValidationError(f"The catalogue has {_count(original)} lines here: write as many.")
        return words


@admin.register(CatalogueText)
class CatalogueTextAdmin(CatalogueAdmin):
    """Texts are put right here; new languages come as files."""

    form = CatalogueTextForm
    list_display = ("text", "language", "kind", "key")
    list_filter = ("language", "kind")
    search_fields = ("key", "text")
    fields = ("language", "kind", "key", "of_the_catalogue", "text")
    readonly_fields = ("language", "kind", "key", "of_the_catalogue")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one: a language is a file."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one."""
        return False

    @admin.display(description="words of the catalogue")
    def of_the_catalogue(self, row: CatalogueText) -> str:
        """What the text stands for, and whether it still does."""
        original = original_of(row)
        if original is None:
            return "They are not in the catalogue any more: this text is shown to nobody."
        if digest_of_words(original) != row.original_digest:
            return f"{original}\n\nThey have changed since: this text is shown to nobody until it is saved again."
        return original

    def save_model(self, request: HttpRequest, obj: CatalogueText, form: Any, change: bool) -> None:
        """Store it as standing for the words that the catalogue has now."""
        original = original_of(obj)
        if original is not None:
            obj.original_digest = digest_of_words(original)
        super().save_model(request, obj, form, change)


def _count(words: str) -> int:
    return len([line for line in words.splitlines() if line.strip()])

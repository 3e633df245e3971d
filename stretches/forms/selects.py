"""Lists to choose from with many options: the same list is rendered once."""

from functools import lru_cache
from typing import Any

from django import forms
from django.utils.safestring import SafeString


class KeptSelect(forms.Select):
    """A select that is kept as rendered, by its options and what is chosen: an option costs a template each."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The list as markup."""
        choices = tuple((str(key), str(words)) for key, words in self.choices)
        chosen = tuple(str(each) for each in self.format_value(value))
        return _rendered(name, chosen, tuple(sorted(self.build_attrs(self.attrs, attrs).items())), choices)


@lru_cache(maxsize=512)
def _rendered(
    name: str, chosen: tuple[str, ...], attrs: tuple[tuple[str, Any], ...], choices: tuple[tuple[str, str], ...]
) -> SafeString:
    return forms.Select(choices=choices).render(name, chosen[0] if chosen else "", dict(attrs))

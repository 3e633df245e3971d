"""Fields of the admin that search as one types, and survive what no browser sends."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.http import HttpRequest


class _KnownKeysOnly:
    """Draws a field again after bad input: Django's own looks up whatever was sent and fails."""

    field: Any

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """Look up only what can be a key."""
        return super().optgroups(name, [each for each in value if self._is_key(each)], attr)  # type: ignore[misc]

    def _is_key(self, value: str) -> bool:
        try:
            key = self.field.remote_field.model._meta.pk.to_python(value)
        except ValidationError:
            return False
        return not isinstance(key, int) or abs(key) < 2**63


class SearchSelect(_KnownKeysOnly, AutocompleteSelect):
    """Choose one row."""


class SearchSelectMultiple(_KnownKeysOnly, AutocompleteSelectMultiple):
    """Choose several rows."""


class SearchesMixin:
    """Uses these widgets for ``autocomplete_fields``."""

    admin_site: Any

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Search among the rows that a foreign key may point to."""
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = SearchSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Search among the rows that a many-to-many field may hold."""
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = SearchSelectMultiple(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

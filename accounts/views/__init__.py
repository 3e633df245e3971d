"""Pages about a person's own account."""

from accounts.views.reading import reading_edit

__all__ = ["reading_edit"]

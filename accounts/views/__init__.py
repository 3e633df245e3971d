"""Pages about a person's own account."""

from accounts.views.reading import reading_edit
from accounts.views.second_step import second_step_detail

__all__ = ["reading_edit", "second_step_detail"]

"""Days that come out of a stored document."""

import datetime

from django import template

register = template.Library()


@register.filter
def as_day(value: datetime.date | str | None) -> datetime.date | None:
    """Turn the text of a day or a moment, as JSON keeps it, into the day; what is a day already stays."""
    return datetime.date.fromisoformat(value[:10]) if isinstance(value, str) else value

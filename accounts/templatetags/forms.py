"""Hidden fields that templates draw where there is no form of ours."""

import uuid

from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def new_id() -> str:
    """Draw the id of what a form is about to make: sent twice, it makes it once."""
    return format_html('<input type="hidden" name="new_id" value="{}">', uuid.uuid4())

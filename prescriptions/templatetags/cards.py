"""The cards of a page, which are most of it: each is kept as rendered, and they are put together without a template."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join

from accounts.templatetags.pieces import piece
from prescriptions.builder import Offer

register = template.Library()


@register.simple_tag
def cards(offers: Iterable[Offer]) -> str:
    """Draw the cards of stretches that are offered, each as an item of a list."""
    return format_html_join("", "<li>{}</li>", ((piece("prescriptions/_card.html", card=offer),) for offer in offers))

"""Our icons, drawn in one sprite: ``static/icons.svg``."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def icon(name: str, css_class: str = "") -> str:
    """Draw an icon beside words. It is hidden from screen readers, for the words say it all."""
    return _drawn(str(name), css_class, _sprite(settings.STATIC_URL, settings.STORAGES["staticfiles"]["BACKEND"]))


@lru_cache(maxsize=8)
def _sprite(*_found_by: str) -> str:
    return static("icons.svg")


@lru_cache(maxsize=512)
def _drawn(name: str, css_class: str, sprite: str) -> str:
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css_class,
        sprite,
        name,
    )

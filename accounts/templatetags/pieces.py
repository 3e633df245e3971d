"""Parts of a page that depend on nothing but the values that they are handed: the same values are rendered once."""

from collections.abc import Callable, Hashable
from functools import lru_cache

from django import template
from django.conf import settings
from django.template import Context, engines
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

PIECES_MAX = 4096
"""How many rendered pieces a process keeps: of one or two kilobytes each."""


@register.simple_tag
def piece(template_name: str, **values: Hashable) -> SafeString:
    """Render a template that knows these values and nothing else: neither the request nor what stands around it.

    Kept by what is in the values, so that nothing is ever shown that has changed. Words among them are told apart
    from markup, which are equal to Python.
    """
    render: Callable[..., SafeString] = (
        _rendered.__wrapped__ if settings.DEBUG else _rendered
    )  # a template may be edited meanwhile
    kinds = tuple(type(value) for value in values.values())
    return render(template_name, tuple(values.items()), kinds, get_language())


@lru_cache(maxsize=PIECES_MAX)
def _rendered(template_name: str, values: tuple[tuple[str, Hashable], ...], *_told_apart_by: Hashable) -> SafeString:
    found = engines["django"].engine.get_template(template_name)  # type: ignore[attr-defined]
    rendered: SafeString = found.render(Context(dict(values)))
    return rendered

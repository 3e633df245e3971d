"""Links to style sheets that are served whole in earnest, and one by one where files are served as they lie."""

from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join

from clinic.bundling import imports_of

register = template.Library()


@register.simple_tag
def stylesheets(name: str) -> str:
    """Link a style sheet of ``@import`` lines: browsers fetch many links at once, but imports one after the other."""
    if isinstance(staticfiles_storage, ManifestStaticFilesStorage):
        return format_html('<link rel="stylesheet" href="{}">', static(name))
    parts = imports_of(name, lambda each: Path(settings.BASE_DIR, "static", each).read_text())
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((static(part),) for part in parts))

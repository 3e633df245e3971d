"""Parts of a page that are rendered once for the same values."""

import pytest
from django.utils.html import format_html
from django.utils.translation import override

from accounts.templatetags import pieces


@pytest.fixture
def rendered(tmp_path, settings):
    """Give a function that renders a template of our own with a value."""
    (tmp_path / "_piece.html").write_text("{% load i18n %}<p>{{ value }} {% translate 'Today' %}</p>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    pieces._rendered.cache_clear()
    yield lambda value: pieces.piece("_piece.html", value=value)
    pieces._rendered.cache_clear()


def test_the_same_values_are_rendered_once(rendered):
    assert rendered("Towel") is rendered("Towel")
    assert rendered("Towel") == "<p>Towel Today</p>"
    assert rendered("Calf") == "<p>Calf Today</p>"


def test_words_are_never_taken_for_markup_nor_a_number_for_a_yes(rendered):
    markup, words = rendered(format_html("<b>{}</b>", 1)), rendered("<b>1</b>")

    assert markup == "<p><b>1</b> Today</p>"
    assert words == "<p>&lt;b&gt;1&lt;/b&gt; Today</p>"
    assert (rendered(1), rendered(True)) == ("<p>1 Today</p>", "<p>True Today</p>")


def test_every_language_has_its_own(rendered):
    english = rendered("Towel")

    with override("es"):
        assert rendered("Towel") == "<p>Towel Hoy</p>" != english


def test_while_templates_are_written_nothing_is_kept(rendered, settings):
    settings.DEBUG = True

    assert rendered("Towel") is not rendered("Towel")

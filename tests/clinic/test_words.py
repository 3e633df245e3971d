"""Every word that a patient sees can be translated and is: ``./limber words`` brings the files into step."""

import re

import pytest
from django.conf import settings

from accounts.reading import ENGLISH_PAGES
from tests import words
from tests.reading_level import grade

LANGUAGES = words.languages()
WANTED = {(message.id, message.context) for message in words.messages(words.wanted())}

PATIENTS_READ = (
    *("account/", "accounts/", "allauth/", "clinic/", "routines/", "_", "base.html", "error_base.html"),
    *("patient_base.html", "400.html", "403.html", "403_csrf.html", "404.html", "500.html"),
)
MARKUP = re.compile(
    r"\{#.*?#\}|\{% block \w+_class %\}[\w -]*\{% endblock[\w ]*%\}"
    r"|\{% comment.*?endcomment %\}|\{% blocktrans.*?endblocktrans(?:late)? %\}|\{%.*?%\}|\{\{.*?\}\}"
    r"|<script.*?</script>|<svg.*?</svg>|<[^>]*>",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r'\b(?:aria-label|alt|title|placeholder|aria-description)="([^"]*)"')
STAFF_FRAGMENTS = {
    "clinic/_attention_line.html",
    *(f"routines/_{name}.html" for name in ("chart", "measure", "patient_chart", "stops", "week")),
}
NAMES = {"Limber", "PDF", "JSON"}
PROFESSION = re.compile(r"physiotherap(y|ist)")
"""Long, but who has one knows the word."""
HARDEST_MESSAGE = 9.0
"""School years. A message of a few words has no more precise a level than this."""


def placeholders(text):
    return sorted(re.findall(r"%\(\w+\)[sd]|\{\w+\}|</?\w+>", text))


def test_there_are_languages_to_choose_from():
    assert [code for code, _ in settings.LANGUAGES] == ["en-gb", *LANGUAGES]
    assert dict(settings.LANGUAGES)["es"] == "Español"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated_and_none_besides(language):
    catalog = words.read(language)
    known = {(message.id, message.context) for message in words.messages(catalog)}
    untold = [message.id for message in words.messages(catalog) if message.fuzzy or not all(words.texts_of(message))]

    assert (WANTED - known, known - WANTED, untold) == (set(), set(), []), "run ./limber words, then translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_what_is_filled_in(language):
    faults = [
        message.id
        for message in words.messages(words.read(language))
        for text in words.texts_of(message)
        if placeholders(text) not in [placeholders(each) for each in words.ids_of(message)]
    ]

    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    compiled = words.po_of(language).with_suffix(".mo").read_bytes()

    assert compiled == words.compiled(words.read(language)), "run ./limber words"


def test_english_messages_are_plain():
    found = (each for message in words.messages(words.wanted()) for each in words.ids_of(message))
    told = [each for each in found if len(each.split()) > 4]
    levels = {each: grade(PROFESSION.sub("doctor", each)) for each in told}

    assert {text: level for text, level in levels.items() if level > HARDEST_MESSAGE} == {}


def left_plain(source):
    """Words that stand in a template as they are."""
    said = MARKUP.sub("\n", source).splitlines() + ATTRIBUTE.findall(re.sub(r"\{[{%].*?[%}]\}", "", source))
    return [line.strip() for line in said if re.search(r"[^\W\d_]{2}", line) and line.strip(" ·") not in NAMES]


def templates_for_patients(*, with_staffs=False):
    folder = words.ROOT / "templates"
    for path in words.files():
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""
        if name.startswith(PATIENTS_READ) and (with_staffs or not is_of_staff(name)):
            yield name, path.read_text()


def is_of_staff(name):
    """Whether a template belongs to a page that is English for everybody: see accounts/reading.py."""
    app, _, page = name.removesuffix(".html").partition("/")
    return not {f"{app}:{page}", page}.isdisjoint(ENGLISH_PAGES) or name in STAFF_FRAGMENTS


def test_pages_of_staff_are_english_and_pages_of_patients_are_not():
    pages = {
        name: '{% extends "base.html" %}' in source
        for name, source in templates_for_patients(with_staffs=True)
        if name.startswith("routines/") and not name.startswith("routines/_")
    }

    assert {name for name, is_staffs in pages.items() if is_staffs != is_of_staff(name)} == set()


def test_patients_read_nothing_that_cannot_be_translated():
    faults = {name: found for name, source in templates_for_patients() if (found := left_plain(source))}

    assert faults == {}


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        "<p>{% translate 'Hello' %} there</p>",
        '<img alt="A person" src="x">',
        '<nav aria-label="Main">',
        "{{ count }} min",
    ],
)
def test_a_plain_word_is_noticed(source):
    assert left_plain(source)


def test_words_are_found_in_templates_and_code(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "{% load i18n %}<p>Don't count 'this'</p>\n  {% translate 'One' %}\n{% translate 'Two' context 'a count' %}"
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"
    )
    code = tmp_path / "code.py"
    code.write_text("_('Three')\nngettext('%(n)d leg', '%(n)d legs', n)\npgettext('month', 'May')\nsay('Nothing')")

    assert [*words.words_in(page), *words.words_in(code)] == [
        ("One", None),
        ("Two", "a count"),
        (("%(n)s day", "%(n)s days"), None),
        ("Three", None),
        (("%(n)d leg", "%(n)d legs"), None),
        ("May", "month"),
    ]

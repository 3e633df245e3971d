"""What is made of our modules and style sheets for phones: the same, in one file."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from clinic import trimming
from clinic.bundling import ENTRIES, bundle

STATIC = Path(settings.BASE_DIR, "static")
TEMPLATES = Path(settings.BASE_DIR, "templates")
OF_PATIENTS = ("routines/*.html", "account/*.html", "allauth/**/*.html", "*.html")


def bundle_of(**files: str) -> str:
    """A bundle of modules given by name; the first is the entry."""
    return bundle(f"{next(iter(files))}.js", lambda name: files[name.removesuffix(".js")])


def test_what_is_imported_stands_before_what_imports_it() -> None:
    text = bundle_of(
        main='import { two } from "./b.js";\nimport * as c from "./c.js";\nconsole.log(two, c.three);\n',
        b='import { three as other } from "./c.js";\n// A comment\nexport const two = other - 1;\n',
        c="export const three = 3;\n",
    )

    assert text == (
        "const m0 = (() => {\nconst three = 3;\nreturn { three };\n})();\n"
        "const m1 = (() => {\nconst { three: other } = m0;\nconst two = other - 1;\nreturn { two };\n})();\n"
        "const m2 = (() => {\nconst { two } = m1;\nconst c = m0;\nconsole.log(two, c.three);\nreturn {  };\n})();\n"
    )


def test_an_entry_hands_on_what_it_exports() -> None:
    assert bundle_of(main="export function start() {}\n").endswith("export const start = m0.start;\n")


@pytest.mark.parametrize(
    "text",
    [
        'import thing from "./b.js";\n',
        'import "./b.js";\n',
        "export default 3;\n",
        "export { a };\n",
        "export let a = 3;\n",
        'import { a } from "./main.js";\n',
    ],
)
def test_what_is_not_understood_stops_the_collection(text: str) -> None:
    with pytest.raises(ValueError, match="main"):
        bundle_of(main=text)


def test_a_style_sheet_holds_what_it_imports_with_addresses_that_lead_there() -> None:
    files = {
        "css/all.css": '@import "../vendor/font/font.css";\n@import "own.css";\n',
        "css/own.css": "/* Ours. */\np { color: red }\n",
        "vendor/font/font.css": '/*! Licence */\n@font-face { src: url("font.woff2") }\n',
    }

    text = bundle("css/all.css", files.__getitem__)

    assert text == '/*! Licence */\n@font-face { src: url("../vendor/font/font.woff2") }\np { color: red }\n'


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_can_be_bundled(entry: str) -> None:
    text = bundle(entry, lambda name: (STATIC / name).read_text())

    assert not re.search(r"^(import|@import)\b", text, re.MULTILINE)


def test_the_trimmed_bootstrap_is_that_of_the_vendored_one() -> None:
    assert trimming.TRIMMED.read_text() == f"{trimming.LICENCE}{trimming.trim(trimming.WHOLE.read_text())}\n"


def test_patients_pages_use_no_class_that_was_trimmed_away() -> None:
    whole, trimmed = (trimming.classes_of(file.read_text()) for file in (trimming.WHOLE, trimming.TRIMMED))
    ours = set().union(*(trimming.classes_of(file.read_text()) for file in (STATIC / "css").glob("*.css")))
    found = [file for pattern in OF_PATIENTS for file in TEMPLATES.glob(pattern)]
    pages = [file for file in found if '{% extends "base.html" %}' not in file.read_text()]  # these are of staff

    used = {
        name
        for file in pages
        for names in re.findall(r'class="([^"]*)"', file.read_text())
        for name in re.findall(r"[a-z][\w-]*", names)
    }

    assert len(pages) > 20
    assert used & (whole - trimmed - ours) == set()


def test_a_class_that_was_trimmed_away_is_known_as_such() -> None:
    whole, trimmed = (trimming.classes_of(file.read_text()) for file in (trimming.WHOLE, trimming.TRIMMED))

    assert {"navbar", "col-md-6", "modal"} <= whole - trimmed
    assert {"btn", "form-control", "visually-hidden", "mt-4"} <= trimmed

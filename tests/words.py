"""Every word that is to be translated, and its translations: ``./limber words [LANGUAGE]`` brings them into step.

Finds the words in templates and code, adds new ones to ``locale/*/LC_MESSAGES/django.po``, takes out what is gone, and
compiles ``django.mo``, which is kept beside it so that running Limber needs no tool for that. With a language's code
it begins one. ``tests/clinic/test_words.py`` fails until everything is translated.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
APPS = ("accounts", "audit", "clinic", "patients", "prescriptions", "routines", "stretches")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def files() -> Iterator[Path]:
    """Templates and code of ours."""
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
    for app in APPS:
        yield from sorted(path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def words_in(path: Path) -> Iterator[tuple[tuple[str, ...] | str, str | None]]:
    """What a file asks to be translated, with the context where there is one."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into calls of gettext among crossed-out text; where a line starts means nothing there.
        source = "\n".join(line.lstrip() for line in templatize(source).splitlines())
    for _, message, _, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        yield message, context


def wanted() -> Catalog:
    """All that is to be translated, each with the files that say it."""
    catalog = Catalog(charset="utf-8")
    for path in files():
        for message, context in words_in(path):
            flags = ["python-format"] if "%(" in str(message) else []
            catalog.add(message, context=context, locations=[(str(path.relative_to(ROOT)), 0)], flags=flags)
    return catalog


def languages() -> list[str]:
    """The languages that there is a folder for."""
    return sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.po"))


def po_of(language: str) -> Path:
    """The file of translations."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The translations of a language."""
    with po_of(language).open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """The translations as Django reads them; what is fuzzy or missing is left out."""
    bare = _Bare(locale=catalog.locale, charset="utf-8", fuzzy=False)
    for message in messages(catalog):
        bare[message.id] = message
    file = io.BytesIO()
    write_mo(file, bare)
    return file.getvalue()


class _Bare(Catalog):
    """Says of itself only what Django needs: the same translations are the same bytes whenever they are compiled."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Language, encoding and how plurals are formed."""
        kept = {"Language", "Content-Type", "Plural-Forms"}
        return [(name, value) for name, value in super()._get_mime_headers() if name in kept]


def messages(catalog: Catalog) -> list[Message]:
    """What is to be translated, without the header."""
    return [message for message in catalog if message.id]


def texts_of(message: Message) -> tuple[str, ...]:
    """The translations of a message: one, or one for each form of the plural."""
    return tuple(map(str, message.string)) if isinstance(message.string, tuple) else (str(message.string or ""),)


def ids_of(message: Message) -> tuple[str, ...]:
    """What is to be translated: one text, or the singular and the plural."""
    return tuple(map(str, message.id)) if isinstance(message.id, tuple) else (str(message.id),)


def bring_into_step(language: str) -> int:
    """Write both files of a language; returns how many messages wait to be translated."""
    path = po_of(language)
    catalog = read(language) if path.exists() else Catalog(locale=language, charset="utf-8", fuzzy=False)
    catalog.update(wanted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = io.BytesIO()
    write_po(file, catalog, width=110, sort_output=True, omit_header=False)
    text = file.getvalue().decode()
    # No dates, no names: the file says the same whenever and by whomever it is written.
    names = "POT-Creation-Date|PO-Revision-Date|Report-Msgid|Last-Translator|Language-Team|Generated-By|Project-Id"
    header = rf'(?m)^"({names}).*\n'
    path.write_text(re.sub(header, "", re.sub(r"\A(#.*\n)+", "", text)).lstrip(), encoding="utf-8")
    path.with_suffix(".mo").write_bytes(compiled(read(language)))
    return sum(1 for message in messages(catalog) if not message.string or message.fuzzy)


def main(arguments: list[str]) -> int:
    """Bring every language into step, and begin those that are named."""
    for language in sorted({*languages(), *arguments}):
        print(f"{language}: {bring_into_step(language)} to translate in {po_of(language).relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""One file in place of many, for a phone on a slow connection: made when static files are collected, never by hand.

What lies in ``static/`` is written, served in development and tested as it lies there: small ES modules, and the style
sheets that one of ``@import`` lines names. In earnest every request costs half a kilobyte and a wait, so the entries
below are served with all that they import inside. Only the forms of import and export that our own files use are
understood; anything else stops the collection.
"""

import posixpath
import re
from collections.abc import Callable

ENTRIES = ("js/player/main.js", "js/patient.js", "js/worker/main.js", "css/patient-pages.css")
"""What pages and the service worker name; under the same name it is served whole."""

Read = Callable[[str], str]
"""Gives the text of a static file by its name."""

IMPORT = re.compile(r'^import (?:\* as (?P<whole>\w+)|\{(?P<names>[^}]*)\}) from "(?P<path>[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|async function|class) (?P<name>\w+))", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:const|function|async function|class) (\w+)", re.MULTILINE)
LEFT_OVER = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
LINE_COMMENT = re.compile(r"^\s*//.*\n", re.MULTILINE)
CSS_IMPORT = re.compile(r'^@import (?:url\()?"(?P<path>[^"]+)"\)?;\n?', re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*(?!!).*?\*/\n*", re.DOTALL)
CSS_URL = re.compile(r'url\("(?!data:|/|#)([^"]+)"\)')


def bundle(name: str, read: Read) -> str:
    """The text of an entry with all that it imports inside.

    Raises:
        ValueError: an import or an export is not of the forms that are understood, or modules import each other.
    """
    return stylesheet(name, read) if name.endswith(".css") else script(name, read)


def beside(name: str, path: str) -> str:
    """The name of a file that another one names relative to itself."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def script(entry: str, read: Read) -> str:
    """Modules in the order in which they are needed, each a function of its own that gives what it exports."""
    done: dict[str, str] = {}
    open_modules: list[str] = []

    def place(name: str) -> str:
        return f"m{list(done).index(name)}"

    def add(name: str) -> None:
        if name in done:
            return
        if name in open_modules:
            raise ValueError(f"{name} imports itself by way of {open_modules[-1]}")
        open_modules.append(name)
        text = read(name)
        for found in IMPORT.finditer(text):
            add(beside(name, found["path"]))
        body = IMPORT.sub(lambda found: _bound(found, place(beside(name, found["path"]))), text)
        exported = EXPORTED.findall(body)
        body = LINE_COMMENT.sub("", EXPORT.sub("", body))
        if left := LEFT_OVER.search(body):
            raise ValueError(f"{name}: not understood: {left.group()}")
        open_modules.pop()
        done[name] = f"{body}return {{ {', '.join(exported)} }};\n"

    add(entry)
    whole = (f"const m{number} = (() => {{\n{body}}})();\n" for number, body in enumerate(done.values()))
    last = len(done) - 1
    exported = EXPORTED.findall(read(entry))
    handed_on = "".join(f"export const {each} = m{last}.{each};\n" for each in exported)
    return "".join(whole) + handed_on


def _bound(found: re.Match[str], module: str) -> str:
    """What an import binds, as a constant."""
    if found["whole"]:
        return f"const {found['whole']} = {module};\n"
    names = [each.strip().replace(" as ", ": ") for each in found["names"].split(",") if each.strip()]
    return f"const {{ {', '.join(names)} }} = {module};\n"


def imports_of(name: str, read: Read) -> list[str]:
    """The names of what a style sheet imports, in order."""
    return [beside(name, found["path"]) for found in CSS_IMPORT.finditer(read(name))]


def stylesheet(entry: str, read: Read) -> str:
    """Style sheets in order, with addresses as seen from the entry; licences stay."""

    def inlined(name: str) -> str:
        text = CSS_IMPORT.sub(lambda found: inlined(beside(name, found["path"])), read(name))
        moved = posixpath.relpath(posixpath.dirname(name), posixpath.dirname(entry))
        if moved == ".":
            return CSS_COMMENT.sub("", text)
        return CSS_COMMENT.sub("", CSS_URL.sub(lambda found: f'url("{posixpath.join(moved, found[1])}")', text))

    return inlined(entry)

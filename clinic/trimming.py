"""The part of Bootstrap that patients' pages load: a fifth of it, for phones on a slow connection.

``python -m clinic.trimming`` writes it anew from the vendored file. A test notices when it was not, and when a
patient's page uses a class of Bootstrap's that is not in here: add it to ``KEPT``.
"""

import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "static/vendor/bootstrap"
WHOLE = FOLDER / "bootstrap.min.css"
TRIMMED = FOLDER / "bootstrap-patient.min.css"
LICENCE = (
    "/*! The part of Bootstrap v5.3.8 that patients' pages use. Copyright 2011-2025 The Bootstrap Authors, MIT */\n"
)

KEPT = re.compile(
    r"""alert | alert-dismissible | btn | btn-lg | btn-sm | disabled | active | show
    | form-(label|text|control|select|check|check-input|check-label)
    | is-invalid | invalid-feedback | was-validated | input-group | input-group-text | has-validation
    | h[1-6] | lead | small | mark | list-unstyled | table | table-responsive
    | visually-hidden | visually-hidden-focusable
    | d-(none|block|flex|grid|inline|inline-block|inline-flex) | w-100 | gap-[0-5] | [mp][tbexysl]?-([0-5]|auto)
    | text-(center|start|end|nowrap|break) | fw-(bold|normal|semibold)""",
    re.VERBOSE,
)
CLASS = re.compile(r"\.([a-zA-Z](?:[\w-]|\\.)*)")
UNUSED = re.compile(r"data-bs-theme=dark|\[dir=|type=(color|range)|::-webkit-(file|date)|file-selector")
LARGE_SCREENS = re.compile(r"(min|max)-width")
COMMENT = re.compile(r"/\*.*?\*/|@charset[^;]*;", re.DOTALL)
COMMA = re.compile(r",(?![^(]*\))")


def rules(css: str) -> Iterator[tuple[str, str]]:
    """The rules of a style sheet without comments, as (selectors, body); one in a media query stays inside."""
    at = 0
    while (opening := css.find("{", at)) >= 0:
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[at:opening].strip(), css[opening + 1 : end - 1]
        at = end


def classes_of(css: str) -> set[str]:
    """Every class that a selector of a style sheet names."""
    inside = (body for selectors, body in rules(COMMENT.sub("", css)) if selectors.startswith("@media"))
    nested = {name for body in inside for name in classes_of(body)}
    return nested.union(*(CLASS.findall(selectors) for selectors, _ in rules(COMMENT.sub("", css))))


def trim(css: str) -> str:
    """What is left of Bootstrap: elements, and the classes in ``KEPT``."""
    kept = []
    for selectors, body in rules(COMMENT.sub("", css)):
        if selectors.startswith("@media"):
            inside = "" if LARGE_SCREENS.search(selectors) else trim(body)
            kept.append(f"{selectors}{{{inside}}}" if inside else "")
        elif not selectors.startswith("@"):
            wanted = [each for each in COMMA.split(selectors) if is_kept(each)]
            kept.append(f"{','.join(wanted)}{{{body}}}" if wanted else "")
    return "".join(kept)


def is_kept(selector: str) -> bool:
    """Whether one selector is of elements and kept classes only."""
    return not UNUSED.search(selector) and all(KEPT.fullmatch(name) for name in CLASS.findall(selector))


if __name__ == "__main__":
    TRIMMED.write_text(LICENCE + trim(WHOLE.read_text()) + "\n")

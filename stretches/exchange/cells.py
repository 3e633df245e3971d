"""Text in a spreadsheet's cell, so that no spreadsheet runs it and every letter comes back.

A cell that starts with one of these letters is a formula to some spreadsheet, also in a CSV file; formulas can call
programs and send data elsewhere. OWASP, "CSV Injection": an apostrophe in front makes it text.
"""

import re
import unicodedata

STARTS_A_FORMULA = frozenset("=+-@")
_SPACES_THAT_DO = frozenset("\t\r\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x(?=[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def neutral(text: str) -> str:
    """Put an apostrophe before what would be a formula, and before what has one already."""
    return f"'{text}" if _is_risky(text) or text.startswith("'") else text


def plain(cell: str) -> str:
    """Take that apostrophe away; one that somebody typed before an ordinary word stays."""
    rest = cell[1:]
    return rest if cell.startswith("'") and (_is_risky(rest) or rest.startswith("'")) else cell


def _is_risky(text: str) -> bool:
    """Whether the first letter, or the first that is no space, starts a formula; full-width ones count."""
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return text[:1] in _SPACES_THAT_DO or first in STARTS_A_FORMULA


def for_workbook(text: str) -> str:
    """Write control letters as Office Open XML does, ``_x000D_``: XML has no other way to say them."""
    return _CONTROL.sub(lambda found: "_x005F_x" if found.group() == "_x" else f"_x{ord(found.group()):04X}_", text)


def from_workbook(text: str) -> str:
    """Read them back."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)

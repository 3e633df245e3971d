"""Checks of single values: each yields what is wrong and where inside the value, or nothing."""

import datetime
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from django.core.validators import BaseValidator
from django.db import models

Problem = tuple[str, str]
"""A path inside the value, such as ``.window.until_week`` or ``[2]``, and a phrase such as ``is missing``."""

Check = Callable[[object], Iterator[Problem]]

TEXT_MAX_LENGTH = 5000
_SLUG = re.compile(r"[-a-zA-Z0-9_]+")
_MONTH = "(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T][\d:]+)?|\d\d?:\d\d(:\d\d)?"
    rf"|\d\d?[-. /]{_MONTH}|{_MONTH}[- ]\d\d(\d\d)?",
    re.IGNORECASE,
)
"""How spreadsheets write days and times of day: 2026-05-03 00:00:00, 3/5/2026, 05:03, 3-May, May-26."""
_ICD10CM = re.compile(r"[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?")

_TURNED = "the spreadsheet turned what was typed into one. Format the cell as text, then type the number again"


def shown(value: object) -> str:
    """Write a value in one short line; what would not be seen, or would change how the rest is seen, is escaped."""
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str() if len(value) > 60:
            return _quoted(value[:60])[:-1] + "…"
        case _:
            return _quoted(value)[:80]


def shown_key(key: str) -> str:
    """Write the name of a key or of a column in the same way, without quotation marks."""
    return _quoted(key[:60])[1:-1][:60]


def _quoted(value: object) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in written)


def _not(value: object, words: str) -> str:
    """Say that a value is not what it should be, or that there is none."""
    return "is empty" if isinstance(value, str) and not value.strip() else f"{shown(value)} {words}"


def text(max_length: int = TEXT_MAX_LENGTH, *, blank: bool = False, one_line: bool = False) -> Check:
    """Text without control characters; ``blank`` allows an empty one, ``one_line`` refuses line breaks."""

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield "", f"{shown(value)} is not text"
        elif not value.strip() and not (blank and not value):
            yield "", "is empty"
        elif value != value.strip():
            yield "", f"{shown(value)} starts or ends with a space"
        elif len(value) > max_length:
            yield "", f"has {len(value)} characters, at most {max_length} are allowed"
        elif one_line and len(value.splitlines()) > 1:
            yield "", f"{shown(value)} has a line break"
        elif unprintable := _unprintable(value):
            yield "", f"{shown(value)} has {unprintable}"

    return check


def _unprintable(value: str) -> str:
    if "\x00" in value:
        return "a NUL byte"
    has_control = any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t" for letter in value)
    return "a control character" if has_control else ""


def slug(max_length: int) -> Check:
    """A short name of letters, digits, hyphens and underscores."""

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield "", f"{shown(value)} is not text"
        elif not _SLUG.fullmatch(value):
            yield "", _not(value, "is not made of letters, digits, hyphens and underscores")
        elif len(value) > max_length:
            yield "", f"has {len(value)} characters, at most {max_length} are allowed"

    return check


def icd10cm(value: object) -> Iterator[Problem]:
    """A code or category of ICD-10-CM, such as ``M51.26`` or ``M51``."""
    if not isinstance(value, str) or not _ICD10CM.fullmatch(value):
        yield "", _not(value, "is not an ICD-10-CM code")


def date(value: object) -> Iterator[Problem]:
    """A day such as ``2026-01-15``."""
    try:
        is_date = isinstance(value, str) and datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        is_date = False
    if not is_date:
        yield "", _not(value, "is not a date like 2026-01-15")


def number(low: int, high: int) -> Check:
    """A whole number, both ends included."""

    def check(value: object) -> Iterator[Problem]:
        if isinstance(value, str) and _DATE.fullmatch(value.strip()):
            yield "", f"{shown(value)} is a date or a time of day, not a whole number: {_TURNED}"
        elif not isinstance(value, int) or isinstance(value, bool):
            yield "", _not(value, "is not a whole number")
        elif not low <= value <= high:
            yield "", f"{shown(value)} is not {low} to {high}"

    return check


def flag(value: object) -> Iterator[Problem]:
    """True or false."""
    if not isinstance(value, bool):
        yield "", _not(value, "is neither true nor false")


def choice(values: Collection[str]) -> Check:
    """One of a few words."""

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, str) or value not in values:
            yield "", _not(value, f"is none of {', '.join(values)}")

    return check


def optional(inner: Check) -> Check:
    """Nothing, or something that passes."""

    def check(value: object) -> Iterator[Problem]:
        if value is not None:
            yield from inner(value)

    return check


def list_of(inner: Check, *, at_least: int = 0, joined_max_length: int = TEXT_MAX_LENGTH) -> Check:
    """A list without repeats. ``joined_max_length``: of text that is stored in one column, two characters between."""

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield "", f"{shown(value)} is not a list"
            return
        if len(value) < at_least:
            yield "", "is empty"
        found = [(f"[{place}]{path}", words) for place, item in enumerate(value) for path, words in inner(item)]
        yield from found
        if found:
            return
        yield from ((f"[{place}]", f"{shown(item)} is repeated") for place, item in _repeats(value))
        length = sum(len(item) + 2 for item in value if isinstance(item, str))
        if length > joined_max_length:
            yield "", f"has {length} characters in all, at most {joined_max_length} are allowed"

    return check


def _repeats(values: list[Any]) -> Iterator[tuple[int, object]]:
    seen = set()
    for place, value in enumerate(values):
        if isinstance(value, str) and value in seen:
            yield place, value
        elif isinstance(value, str):
            seen.add(value)


def fields(inner: Mapping[str, Check], *, may_lack: Collection[str] = ()) -> Check:
    """An object with exactly these keys."""

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield "", f"{shown(value)} is not an object"
            return
        for key, inner_check in inner.items():
            if key in value:
                yield from ((f".{key}{path}", words) for path, words in inner_check(value[key]))
            elif key not in may_lack:
                yield f".{key}", "is missing"
        yield from ((f".{shown_key(key)}", "is not a known key") for key in value if key not in inner)

    return check


def mapping_of(key_check: Check, inner: Check) -> Check:
    """An object whose keys are names."""

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield "", f"{shown(value)} is not an object"
            return
        for key, item in value.items():
            name = f".{shown_key(key)}"
            yield from ((name, words) for _, words in key_check(key))
            yield from ((f"{name}{path}", words) for path, words in inner(item))

    return check


def as_field(model: type[models.Model], name: str) -> Check:
    """What a column of the model takes: its choices, its length, whether it may be empty."""
    field = model._meta.get_field(name)
    if isinstance(field, models.SlugField):
        return slug(field.max_length or TEXT_MAX_LENGTH)
    if isinstance(field, models.BooleanField):
        return flag
    if isinstance(field, models.CharField | models.TextField):
        if field.choices:
            values = choice([str(value) for value, _ in field.flatchoices])
            return optional(values) if field.blank else values
        is_column = isinstance(field, models.CharField)
        return text(field.max_length or TEXT_MAX_LENGTH, blank=field.blank, one_line=is_column)
    limits = {
        validator.code: validator.limit_value
        for validator in getattr(field, "validators", [])
        if isinstance(validator, BaseValidator)
    }
    return number(limits.get("min_value", 0), limits["max_value"])

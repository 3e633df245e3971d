"""What is written to the log, and how: never a patient's data, whoever wrote the message.

An address may hold the number of a record or the token of an invitation, and the text of an error may hold what
somebody typed. So a line names the address's pattern, and of an error its kind and where it came up.
"""

import contextvars
import json
import logging
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # gunicorn.conf.py reads this file, in a process that must not load Django
    from django.http import HttpRequest

REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
"""Which request the process is answering; empty outside of one."""

FACTS = ("method", "route", "status", "duration_ms")
"""What a line about a request has beside its message; see ``operations.request_log``."""

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def route_of(request: "HttpRequest") -> str:
    """The name of the address that was asked for, such as ``patients:patient_detail``."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or match.route) if match else "no such address"


def message_of(record: logging.LogRecord) -> str:
    """The message, with the pattern where Django and gunicorn put the address itself."""
    request = getattr(record, "request", None)
    if request is not None and hasattr(request, "get_full_path"):  # runserver puts a socket there
        message = record.getMessage().replace(request.get_full_path(), route_of(request))
        return message if request.path == "/" else message.replace(request.path, route_of(request))
    if record.name == "gunicorn.error" and record.args and "request" in str(record.msg):
        return str(record.msg).partition("%")[0].strip()
    return record.getMessage()


def failures_of(failure: Failure) -> list[str]:
    """An error and what led to it: their kinds and places, innermost place first, without their texts."""
    lines: list[str] = []
    error = failure[1]
    while error is not None:
        lines.append(type(error).__name__)
        frames = traceback.extract_tb(error.__traceback__)
        lines += [f"  at {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


class TextFormatter(logging.Formatter):
    """One line to read, and below it what went wrong."""

    def format(self, record: logging.LogRecord) -> str:
        """Put into words."""
        parts = [self.formatTime(record), record.levelname, record.name, message_of(record)]
        parts += [f"{name}={getattr(record, name)}" for name in FACTS if hasattr(record, name)]
        if request_id := REQUEST_ID.get():
            parts.append(f"request={request_id}")
        return "\n".join([" ".join(parts), *(failures_of(record.exc_info) if record.exc_info else [])])


class JsonFormatter(logging.Formatter):
    """One object on one line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Put into JSON."""
        line: dict[str, object] = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        line |= {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
        if request_id := REQUEST_ID.get():
            line["request"] = request_id
        if record.exc_info:
            line["error"] = failures_of(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


FORMATTERS = {"json": JsonFormatter, "text": TextFormatter, "debug": logging.Formatter}
"""``debug`` says all that Python does, the texts of errors included: for development."""


def logging_config(*, form: str, level: str) -> dict[str, object]:
    """What ``logging.config`` is given, by Django and by gunicorn alike.

    Args:
        form: ``json``, ``text`` or ``debug``.
        level: the least that is written, such as ``INFO``.

    Raises:
        SystemExit: another form.
    """
    if form not in FORMATTERS:
        raise SystemExit(f"LOG_FORMAT={form}: say json or text.")
    gunicorn = {"handlers": ["console"], "propagate": False, "level": level}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATTERS[form]}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level},
            "django.request": {"level": "ERROR"},  # of every answer there is a line already: here only what broke
            "gunicorn.error": gunicorn,
            # Of every request there is a line already, by the name of its address instead of the address.
            "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
        },
    }

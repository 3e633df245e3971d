"""What is logged of an error: its kind and where it came up. What it says, or what was sent, may be about a patient."""

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Tells of an exception without its words: a database, say, quotes the row that it refuses."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """The kind of the error, of what caused it, and the lines of code that led there."""
        return "\n".join(line for error in _causes(ei[1]) for line in _lines_of(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and before it what it came from."""
    if error is None:
        return
    yield from _causes(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    yield error


def _lines_of(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}"

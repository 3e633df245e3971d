"""The ledger of erasures, kept also outside of the database: a restored backup forgets again what it had forgotten."""

import datetime
import fcntl
import json
import logging
import os
import tempfile
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from clinic.models import Erasure

logger = logging.getLogger(__name__)
COUNTS = ("erased", "kept", "made_anonymous")


def note(patient_id: uuid.UUID, step: str, *, at: datetime.datetime, by: User | None, **counts: int) -> Erasure:
    """Add a line with the surrounding transaction, and to the file beside the database when that is stored.

    A line that is there already, because a ledger is applied again, is left as it is.
    """
    digest = Erasure.digest_of(patient_id)
    defaults = {"at": at, "by": str(by.pk) if by else "", **counts}
    line, _ = Erasure.objects.get_or_create(digest=digest, step=step, defaults=defaults)
    transaction.on_commit(_write_beside)
    return line


def erased(patient_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of whom the ledger says that their record was erased."""
    by_digest = {Erasure.digest_of(patient_id): patient_id for patient_id in patient_ids}
    noted = Erasure.objects.filter(digest__in=by_digest).values_list("digest", flat=True)
    return {by_digest[digest] for digest in noted}


def write_ledger(path: Path) -> None:
    """Write all lines to a file, at once or not at all; what the file has more than the database stays in it.

    Of two at once the second waits, and then reads what the first has written: neither loses a line.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(path):
        lines = {(line["digest"], line["step"]): line for line in read(path)}
        lines |= {(line.digest, line.step): _as_data(line) for line in Erasure.objects.all()}
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines.values())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock of a file, in one of its own beside it: the file itself is replaced. It ends with the process."""
    with path.with_name(f".{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a file; none where there is no file. Raises ``ValueError`` for what is no ledger."""
    if not path.exists():
        return []
    return [_parsed(text) for text in path.read_text(encoding="utf-8").splitlines() if text.strip()]


def _parsed(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
        moment = datetime.datetime.fromisoformat(line["at"])
        known = {"digest": str(line["digest"]), "step": Erasure.Step(line["step"]).value, "by": str(line["by"])}
        return known | {"at": moment.isoformat()} | {name: int(line[name]) for name in COUNTS}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("This is no ledger of erasures.") from error


def _as_data(line: Erasure) -> dict[str, Any]:
    plain = {"digest": line.digest, "step": line.step, "at": line.at.isoformat(), "by": line.by}
    return plain | {name: getattr(line, name) for name in COUNTS}


def _write_beside() -> None:
    """Keep the file in step. The database has the line: a disk that is full must not undo an erasure."""
    try:
        write_ledger(settings.ERASURE_LEDGER)
    except (OSError, ValueError) as error:
        logger.error("The ledger of erasures was not written to its file: %s", type(error).__name__)  # noqa: TRY400

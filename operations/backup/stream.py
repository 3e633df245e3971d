"""Receiving what changes while it changes."""

import contextlib
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from operations.backup import postgres
from operations.backup.errors import BackupError

SLOT = "limber_backup"
PATIENCE_SECONDS = 20


class Stream:
    """A receiver of PostgreSQL's log, and how far it has come."""

    def __init__(self, spool: Path, slot: str = "") -> None:
        self.spool, self.slot = spool, slot
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the receiver if it does not run."""
        if self.process is None or self.process.poll() is not None:
            self.process = postgres.receive(self.spool, self.slot)

    def stop(self) -> None:
        """End it."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def begin_anew(self) -> None:
        """Forget what was missed: from now on everything comes again. A base backup has to follow."""
        self.stop()
        shutil.rmtree(self.spool, ignore_errors=True)
        if self.slot:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                    "WHERE slot_name = %s AND NOT active",
                    [self.slot],
                )
        self.start()

    def catch_up(self) -> None:
        """Wait until all that was committed before has been received.

        Raises:
            BackupError: it does not come.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_has_role('pg_read_all_stats', 'USAGE'), current_user")
            may_see, role = cursor.fetchone()
            if not may_see:
                raise BackupError(
                    f"How far the log of changes has been received is not shown to {role}: run "
                    f"operations/containers/roles.sh again, or GRANT pg_read_all_stats TO {role}."
                )
            cursor.execute("SELECT pg_current_wal_lsn()")
            self._wait(
                "SELECT max(write_lsn) >= %s::pg_lsn FROM pg_stat_replication WHERE application_name = 'limber_backup'",
                str(cursor.fetchone()[0]),
            )

    def complete_segment(self) -> str:
        """End the segment of now, wait until it was received whole, and return its name.

        Raises:
            BackupError: it does not come.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_walfile_name(lsn) FROM (SELECT pg_switch_wal() - 1 AS lsn) switched")
            name = str(cursor.fetchone()[0])
        until = time.monotonic() + PATIENCE_SECONDS
        while not (self.spool / name).exists():
            if time.monotonic() > until:
                raise BackupError(f"The log of changes does not come: segment {name} was not received.")
            time.sleep(0.05)
        return name

    def _wait(self, question: str, *values: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with connection.cursor() as cursor:
                cursor.execute(question, values)
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.05)
        raise BackupError("The log of changes does not come: the server sends nothing to pg_receivewal.")


@contextlib.contextmanager
def for_one_backup(spool: Path) -> Iterator[Stream]:
    """Receive for as long as one backup takes; nothing is left on the server."""
    stream = Stream(spool)
    stream.start()
    try:
        stream.catch_up()
        yield stream
    finally:
        stream.stop()


def segment_bytes() -> int:
    """Bytes of one segment on this server, 16 MB unless somebody chose otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW wal_segment_size")
        size = str(cursor.fetchone()[0])
    number, unit = re.findall(r"(\d+)(MB|GB)", size)[0]
    return int(number) * {"MB": 1 << 20, "GB": 1 << 30}[unit]

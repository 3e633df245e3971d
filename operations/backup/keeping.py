"""Backups again and again: what changes within the minute, the whole once a day."""

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from operations.backup import making, media
from operations.backup.errors import BackupError
from operations.backup.manifest import write_signed
from operations.backup.sealing import Key
from operations.backup.state import State
from operations.backup.stream import SLOT, Stream
from operations.backup.wal import Archive

PAUSE_SECONDS = 20
"""Between two looks for what has changed. With what a look takes, nothing is older than a minute (docs/backup.md)."""
FAILURES_UNTIL_ANEW = 5


@dataclass
class Keeper:
    """One folder of backups, kept up to date."""

    root: Path
    key: Key
    keep: int
    every: datetime.timedelta
    say: Callable[[str], Any]
    complain: Callable[[str], Any]
    stopped: threading.Event = field(default_factory=threading.Event)
    failures: int = 0

    def once(self) -> None:
        """Make one backup and note it. Raises ``BackupError``."""
        self._noted(lambda state: self._make(state, None))

    def loop(self) -> None:
        """Go on until told to stop; a database or a disk that is away for a while does not end it."""
        stream = Stream(Path(settings.VAR_DIR) / "backup-spool", SLOT) if connection.vendor == "postgresql" else None
        try:
            while not self.stopped.is_set():
                close_old_connections()
                try:
                    self.look(stream)
                    self.failures = 0
                except BackupError as error:
                    self.failures += 1
                    self.complain(f"ALARM: {error}")
                self.stopped.wait(PAUSE_SECONDS)
        finally:
            if stream:
                stream.stop()

    def look(self, stream: Stream | None) -> None:
        """Do what is to be done now, and note it. Raises ``BackupError``."""
        self._noted(lambda state: self._look(state, stream))

    def _look(self, state: State, stream: Stream | None) -> None:
        """Take what changed; make a backup where it is time for one, or where nothing else helps."""
        at, is_broken = timezone.now(), self.failures >= FAILURES_UNTIL_ANEW
        if stream and is_broken:
            stream.begin_anew()
            self.failures = 0
        if stream:
            stream.start()
        age = state.age(at=at)
        if age is None or age >= self.every or is_broken:
            self._make(state, stream)
        elif stream:
            stream.catch_up()
            Archive(self.root, self.key).take(stream.spool)
            state.changes_at = at.isoformat()
        making.keep_ledger(self.root)
        if stream:
            write_signed(self.root / making.MEDIA_INDEX, {"media": media.take(self.root, self.key)}, self.key)

    def _make(self, state: State, stream: Stream | None) -> None:
        at = timezone.now()
        if stream:
            stream.catch_up()
        made = making.make(self.root, self.key, at=at, stream=stream)
        state.backup, state.made_at = made.id, at.isoformat()
        state.changes_at = at.isoformat() if stream else ""  # without a stream nothing is kept until the next one
        gone = making.keep_newest(self.root, self.key, self.keep)
        self.say(f"Backup {made.id}: made, read back, {sum(most for _, most in made.rows.values())} rows")
        if gone:
            self.say(f"Removed, {self.keep} being kept: {', '.join(gone)}")

    def _noted(self, work: Callable[[State], None]) -> None:
        """Do something, and leave word of how it went. What failed is raised, whether or not it could be noted."""
        with making.alone(self.root):
            state = State.read(self.root)
            try:
                work(state)
                state.error = state.error_at = ""
            except (BackupError, DatabaseError, OSError) as error:
                state.error, state.error_at = str(error), timezone.now().isoformat()
                raise error if isinstance(error, BackupError) else BackupError(str(error)) from error
            finally:
                try:
                    state.write(self.root)
                except BackupError as error:
                    self.complain(f"ALARM: {error}")

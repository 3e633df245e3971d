"""How the backups are: a small file among them, for ``manage.py doctor`` and for whoever looks."""

import dataclasses
import datetime
import json
from pathlib import Path

from operations.backup.manifest import write_whole

NAME = "state.json"


@dataclasses.dataclass
class State:
    """Moments in ISO 8601, empty for never. ``changes_at``: up to when every change is safe among the backups."""

    backup: str = ""
    made_at: str = ""
    changes_at: str = ""
    error: str = ""
    error_at: str = ""

    @classmethod
    def read(cls, root: Path) -> "State":
        """What was written last; what cannot be read says that nothing is known."""
        try:
            return cls(**json.loads((root / NAME).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()

    def write(self, root: Path) -> None:
        """Write it. Raises ``BackupError`` where the disk is full."""
        write_whole(root / NAME, json.dumps(dataclasses.asdict(self), indent=1) + "\n")

    def age(self, *, at: datetime.datetime) -> datetime.timedelta | None:
        """How old the newest backup is that was read back; ``None`` if there is none."""
        return at - datetime.datetime.fromisoformat(self.made_at) if self.made_at else None

    def behind(self, *, at: datetime.datetime) -> datetime.timedelta | None:
        """How much would be lost if the database were gone now; ``None`` if nothing is known."""
        return at - datetime.datetime.fromisoformat(self.changes_at) if self.changes_at else None

"""The log of changes (WAL), segment by segment: received in the open, sealed among the backups, without a gap.

What is received lies unsealed in the spool, below ``VAR_DIR``, until it is sealed; the segment that is being written is
sealed again and again as far as it is. An index, signed, names what there has to be: a segment that is missing at the
end is missed like one in the middle.
"""

import contextlib
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from operations.backup.errors import DamagedError
from operations.backup.manifest import read_signed, write_signed
from operations.backup.sealing import Key, Sealed, opened, seal

FOLDER, INDEX = "wal", "wal.json"
SEGMENT = re.compile(r"[0-9A-F]{24}")


def next_segment(name: str, segment_bytes: int) -> str:
    """The segment after one, on the same timeline."""
    each_log = (1 << 32) // segment_bytes
    number = int(name[8:16], 16) * each_log + int(name[16:], 16) + 1
    return f"{name[:8]}{number // each_log:08X}{number % each_log:08X}"


class Archive:
    """The sealed segments beside the backups."""

    def __init__(self, root: Path, key: Key) -> None:
        self.root, self.folder, self.key = root, root / FOLDER, key
        self.segments: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, int] = {}
        if (root / INDEX).exists():
            self.segments = read_signed(root / INDEX, key)["segments"]

    def take(self, spool: Path) -> None:
        """Seal what has come since the last time, and forget it in the spool, but for what is needed to go on."""
        complete = sorted(path for path in spool.iterdir() if SEGMENT.fullmatch(path.name))
        before = dict(self.segments)
        for path in complete:
            if self.segments.get(path.name, {}).get("is_whole") is not True:
                self._seal(path, path.name, is_whole=True)
        for path in spool.glob("*.partial"):
            changed = path.stat().st_mtime_ns
            name = path.name.removesuffix(".partial")
            if SEGMENT.fullmatch(name) and self.seen.get(name) != changed and not self._is_whole(name):
                with contextlib.suppress(FileNotFoundError):  # it was completed meanwhile, and comes next time
                    self._seal(path, name, is_whole=False)
                    self.seen[name] = changed
        if self.segments != before:
            self.write()
        for path in complete[:-1]:
            path.unlink()

    def write(self) -> None:
        """Sign what there is."""
        write_signed(self.root / INDEX, {"segments": self.segments}, self.key)

    def _is_whole(self, name: str) -> bool:
        return bool(self.segments.get(name, {}).get("is_whole"))

    def _seal(self, path: Path, name: str, *, is_whole: bool) -> None:
        with path.open("rb") as file:
            sealed = seal(file, self.folder / name, key=self.key, name=f"wal/{name}")
        self.segments[name] = {"is_whole": is_whole, **asdict(sealed)}

    def needed_from(self, first: str, segment_bytes: int) -> list[str]:
        """The segments from one on, in order.

        Raises:
            DamagedError: one is missing that there has to be.
        """
        known = sorted(name for name in self.segments if name[:8] == first[:8] and name >= first)
        expected, name = [], first
        while name <= (known[-1] if known else first):
            expected.append(name)
            name = next_segment(name, segment_bytes)
        if missing := [name for name in expected if name not in self.segments or not (self.folder / name).exists()]:
            raise DamagedError(
                f"The log of changes has a gap: {', '.join(missing[:3])} missing below {self.folder}. Nothing after it "
                "can be restored. Make a backup now, then look for who removed it."
            )
        return expected

    def check(self, name: str, target: Path | None = None) -> None:
        """Read a segment to its end, and leave it in a folder if one is given.

        Raises:
            DamagedError: it is not what was sealed.
        """
        facts = dict(self.segments[name])
        is_whole = facts.pop("is_whole")
        path = self.folder / name
        ensure_size(path, Sealed(**facts), is_growing=not is_whole)
        with opened(path, key=self.key, name=f"wal/{name}") as content:
            if target is None:
                while content.read(1 << 20):
                    pass
            else:
                with (target / name).open("wb") as file:
                    while block := content.read(1 << 20):
                        file.write(block)

    def prune(self, oldest_needed: str) -> None:
        """Remove what no backup needs that is kept."""
        for name in [name for name in self.segments if name < oldest_needed]:
            del self.segments[name]
        self.write()
        for path in self.folder.iterdir():
            if SEGMENT.fullmatch(path.name) and path.name < oldest_needed:
                path.unlink()


def ensure_size(path: Path, sealed: Sealed, *, is_growing: bool = False) -> None:
    """Refuse a file that is shorter or longer than it was.

    Raises:
        DamagedError: so it is, or it is not there.
    """
    if not path.exists():
        raise DamagedError(f"{path} is missing.")
    size = path.stat().st_size
    if size < sealed.size and not is_growing:
        raise DamagedError(f"{path} was cut short: {size} bytes of {sealed.size}.")
    if size != sealed.size and not is_growing:
        raise DamagedError(f"{path} was changed: {size} bytes, not {sealed.size}.")

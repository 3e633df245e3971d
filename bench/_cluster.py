"""PostgreSQL as in earnest, and gone afterwards: it waits for the disk, and a replica may follow it."""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.postgres import NOBODY, copy_binaries, find_binaries, is_reachable

DURABLE = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c shared_buffers=256MB -c max_connections=60"
"""Like an installation's. Of the memory it takes a share that a small machine has."""


class Cluster:
    """A server of its own on a socket in a temporary folder; ``url`` is its ``DATABASE_URL``."""

    def __init__(self, settings: str = DURABLE, *, follows: "Cluster | None" = None) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="limber-cluster-", dir="/tmp"))  # a socket's path is 107 bytes at most
        atexit.register(shutil.rmtree, self.home, ignore_errors=True)
        self.binaries = find_binaries()
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:  # as which PostgreSQL refuses to run
            self._who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.home, NOBODY, NOBODY)
            if not is_reachable(self.binaries, self._who):
                self.binaries = copy_binaries(self.binaries, self.home)
        data = ["-D", str(self.home / "data")]
        if follows:
            self._run("pg_basebackup", *data, "-h", str(follows.home), "-U", "postgres", "-R", "-c", "fast")
        else:
            self._run("initdb", *data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        options = f"{settings} -c listen_addresses='' -k {self.home}"
        self.start(options)
        atexit.register(self.stop)

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql://postgres@/postgres?host={self.home}"

    def start(self, options: str | None = None) -> None:
        """Start it, as before if nothing else is said."""
        self.options = options or self.options
        log = str(self.home / "log")
        self._run("pg_ctl", "-D", str(self.home / "data"), "-w", "-l", log, "-o", self.options, "start")

    def stop(self) -> None:
        """Stop it at once; it may be gone already."""
        command = [self.binaries / "pg_ctl", "-D", self.home / "data", "-m", "immediate", "stop"]
        subprocess.run(command, check=False, capture_output=True, cwd=self.home, **self._who)

    def _run(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "HOME": str(self.home)}
        command = [self.binaries / program, *arguments]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=None, cwd=self.home, env=environment, **self._who
        )

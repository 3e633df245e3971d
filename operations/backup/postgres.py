"""PostgreSQL's own tools: a copy of the whole cluster, the stream of what changes, and a server for a restored one."""

import contextlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg2
from django.db import connection

from operations.backup.errors import BackupError

PATIENCE_SECONDS = 600
"""How long a restored server may take to come to where it has to be, until there is no progress to be expected."""

VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def binary(name: str) -> str:
    """One of PostgreSQL's programs: in ``PG_BIN``, or Debian's newest, or wherever it is found.

    Raises:
        BackupError: it is not installed.
    """
    folders = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    if found := shutil.which(name):
        return found
    raise BackupError(
        f"{name} is not installed: it comes with PostgreSQL, in the server's own version. PG_BIN names it."
    )


def environment() -> dict[str, str]:
    """How PostgreSQL's tools reach the database that Django is connected to; no password among their arguments."""
    given = connection.get_connection_params()
    found = {variable: str(given[name]) for name, variable in VARIABLES.items() if given.get(name)}
    return {**os.environ, **found, "PGCONNECT_TIMEOUT": "10"}


@contextlib.contextmanager
def base_backup(label: str) -> Iterator[IO[bytes]]:
    """A copy of the cluster as a tar, with a checksum of each of its files and the log that makes it consistent.

    Raises:
        BackupError: it did not come to its end.
    """
    command = [binary("pg_basebackup"), "--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast"]
    command += ["--manifest-checksums=SHA256", "--no-password", f"--label={label}"]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=complaints)  # noqa: S603
        try:
            assert process.stdout  # noqa: S101 - asked for above
            yield process.stdout
            process.stdout.close()
            if process.wait():
                complaints.seek(0)
                raise BackupError(f"pg_basebackup failed: {complaints.read().decode().strip()}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def receive(spool: Path, slot: str) -> "subprocess.Popen[bytes]":
    """Start to receive the log as it is written. With a slot, the server keeps what we have not had yet."""
    spool.mkdir(parents=True, exist_ok=True)
    tool = binary("pg_receivewal")
    where = {**environment(), "PGAPPNAME": "limber_backup"}
    if slot:
        create = [tool, "--create-slot", "--if-not-exists", f"--slot={slot}", "--no-password"]
        done = subprocess.run(create, env=where, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise BackupError(f"The log of changes cannot be received: {done.stderr.strip()}")
    command = [tool, f"--directory={spool}", "--no-password", "--status-interval=1"]
    return subprocess.Popen([*command, *([f"--slot={slot}"] if slot else [])], env=where)  # noqa: S603


# A server for a restored cluster --------------------------------------------------------------------------------------


def account(name: str) -> dict[str, Any]:
    """As whom a server runs: as ourselves, or, since PostgreSQL refuses root, as the account named.

    Raises:
        BackupError: there is no such account.
    """
    if os.geteuid():
        return {}
    try:
        found = pwd.getpwnam(name)
    except KeyError as error:
        raise BackupError(
            f"PostgreSQL does not run as root, and there is no account {name}: --as names one."
        ) from error
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


class Server:
    """A server on a restored folder, that only this process can reach."""

    def __init__(self, data: Path, who: dict[str, Any]) -> None:
        self.data, self.who = data, who
        self.home = Path(tempfile.mkdtemp(prefix="limber-restore-", dir="/tmp"))
        self.hba = self.home / "hba"
        self.hba.write_text("local all all trust\n")
        if who:
            for path in (self.home, self.hba):
                os.chown(path, who["user"], who["group"])

    def start(self, **settings: str) -> None:
        """Start it with settings over its own, and return when it answers.

        Raises:
            BackupError: it does not; with what it wrote.
        """
        given = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.home),
            "hba_file": str(self.hba),
            "archive_mode": "off",
            "hot_standby": "on",
            **self._limits(),
            **settings,
        }
        options = " ".join(f"-c {name}='{value}'" for name, value in given.items())
        log = str(self.home / "log")
        command = [binary("pg_ctl"), "-D", str(self.data), "-w", "-t", str(PATIENCE_SECONDS), "-l", log, "-o", options]
        done = subprocess.run([*command, "start"], capture_output=True, check=False, cwd="/", **self.who)  # noqa: S603
        if done.returncode:
            said = self.said() or done.stderr.decode(errors="replace").strip()
            raise BackupError(f"The restored database does not start: {said}")

    def stop(self) -> None:
        """Stop it in good order."""
        command = [binary("pg_ctl"), "-D", str(self.data), "-w", "-m", "fast", "stop"]
        subprocess.run(command, capture_output=True, check=False, cwd="/", **self.who)  # noqa: S603

    def said(self) -> str:
        """The last of what it wrote that tells what is wrong."""
        log = (self.home / "log").read_text(errors="replace") if (self.home / "log").exists() else ""
        lines = [line for line in log.splitlines() if re.search(r"FATAL|PANIC|ERROR|could not", line)]
        return " / ".join(lines[-3:]) or log[-500:]

    def wait_for(self, question: str, *, role: str, database: str) -> None:
        """Wait until the database answers a question with yes.

        Raises:
            BackupError: it does not, or the server ended.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                with contextlib.closing(self.connect(role, database)) as link, link.cursor() as cursor:
                    cursor.execute(question)
                    if cursor.fetchone()[0]:
                        return
            except psycopg2.Error as error:
                if not (self.data / "postmaster.pid").exists():
                    raise BackupError(f"The restored database ended: {self.said()}") from error
            time.sleep(0.1)
        raise BackupError(f"The restored database does not get there: {self.said()}")

    def connect(self, role: str, database: str) -> Any:
        """Reach it, and see every clinic's rows: the tables are walled off from their owner, too."""
        return psycopg2.connect(
            host=str(self.home), user=role, dbname=database, connect_timeout=5, options="-c limber.reach=all"
        )

    def remove(self) -> None:
        """Leave nothing of it but its folder."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _limits(self) -> dict[str, str]:
        """A server that replays a log has to have room for as much as the one that wrote it."""
        control = subprocess.run(  # noqa: S603
            [binary("pg_controldata"), str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={**os.environ, "LC_ALL": "C"},
            **self.who,
        ).stdout
        limits = re.findall(r"^(max_\w+) setting:\s+(\d+)$", control, re.MULTILINE)
        return {name.replace("xact", "transaction"): value for name, value in limits}

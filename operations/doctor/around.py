"""What Limber stands on: settings, mail, disk, photographs, backup."""

import json
import shutil
import smtplib
import tempfile
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.checks import ERROR, WARNING, run_checks
from django.core.mail import get_connection

from operations.doctor.finding import Finding, State, broken, fine, look_at

GIGABYTE = 1024**3
ROOM = ((1, State.BROKEN), (5, State.LOOK_AT))
"""Gigabytes below which the disk counts as full, or as soon full. Ours."""
ASKED_OF_THE_DATABASE = {"limber.W001"}
"""Who owns the tables: the names alone do not tell where the pages' container is not given the owner's at all."""
MAIL_SECONDS = 5
BACKUP_OLD = timedelta(minutes=15)
"""The promise is 60 s; so long an interruption, of the network for instance, mends itself. Ours."""
BACKUP_WHOLE_OLD = timedelta(days=2)
"""A whole copy is made and read back every day."""


def settings_hold(_: datetime) -> Finding:
    """What ``check --deploy`` says, in one line."""
    found = run_checks(include_deployment_checks=True)
    faults = [each for each in found if each.level >= WARNING and each.id not in ASKED_OF_THE_DATABASE]
    words = "; ".join(f"{each.id} {each.msg}" for each in faults)
    if any(each.level >= ERROR for each in faults):
        return broken("settings", words, "manage.py check --deploy says what to set.")
    if faults:
        return look_at("settings", words, "manage.py check --deploy says what to set.")
    return fine("settings", "as for real patients.")


def mail_leaves(_: datetime) -> Finding:
    """Whether the mail server lets us in. Nothing is sent."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        to_do = "Set EMAIL_URL, such as smtp+tls://user:password@host:587."
        return look_at("mail", "is printed, not sent: nobody can be invited or reminded.", to_do)
    try:
        with get_connection(timeout=MAIL_SECONDS):
            pass
    except (OSError, smtplib.SMTPException) as error:
        return broken(
            "mail",
            f"{settings.EMAIL_HOST} does not take ours ({type(error).__name__}).",
            "Do host, port, user and password in EMAIL_URL fit? Does a firewall let port 587 out?",
        )
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if sender.endswith("@localhost"):
        return look_at(
            "mail",
            f"is from {sender}, which most servers refuse or throw away.",
            "Set DEFAULT_FROM_EMAIL to an address that the mail account may send as.",
        )
    return fine("mail", f"{settings.EMAIL_HOST} takes ours.")


def disk_has_room(_: datetime) -> Finding:
    """Whether there is room where Limber writes. The database's disk may be another: watch that too."""
    places = {Path(place) for place in (settings.VAR_DIR, settings.MEDIA_ROOT) if Path(place).exists()}
    free, place = min((shutil.disk_usage(place).free / GIGABYTE, place) for place in places or {Path("/")})
    words = f"{free:.1f} GB free at {place}."
    for least, state in ROOM:
        if free < least:
            return Finding("disk", state, words, "Make room: a full disk stops every write.")
    return fine("disk", words)


def media_can_be_written(_: datetime) -> Finding:
    """Whether a photograph can be stored."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            pass
    except OSError as error:
        return broken("media", f"{folder} cannot be written: {error.strerror}.", "Give the folder to Limber's user.")
    return fine("media", f"{folder} can be written.")


def backup_is_fresh(at: datetime) -> Finding:
    """Whether somebody could begin anew from what was kept, going by what ``manage.py backup`` notes in BACKUP_DIR.

    ``made_at`` is when the last whole copy was made and read back; every change before ``changes_at`` is kept, too.
    Both are empty for never; SQLite has no changes to keep between whole copies.
    """
    folder = settings.BACKUP_DIR
    if not folder:
        return look_at("backup", "none is made here.", "Set BACKUP_DIR and run manage.py backup --loop.")
    error = ""
    try:
        state = json.loads((Path(folder) / "state.json").read_text())
        error = state.get("error", "")
        made = datetime.fromisoformat(state["made_at"])
        safe = datetime.fromisoformat(state["changes_at"] or state["made_at"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        words = f"none in {folder} that was read back.{error and ' '}{error}"
        return broken(
            "backup", words, "Is manage.py backup --loop running? Run manage.py backup, and see what it says."
        )
    words = f"all before {safe:%Y-%m-%d %H:%M} UTC is kept; a whole copy was read back on {made:%Y-%m-%d}."
    if at - made > BACKUP_WHOLE_OLD or (state["changes_at"] and at - safe > BACKUP_OLD):
        return broken(
            "backup", f"{words}{error and ' '}{error}", "Is manage.py backup --loop running, and has its disk room?"
        )
    return fine("backup", words)

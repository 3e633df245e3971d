"""What keeps an installation from working, or soon will: each asked by itself, each with what to do about it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from accounts import acting
from operations.doctor import around, database, inside
from operations.doctor.finding import Finding, broken

Check = Callable[[datetime], Finding]

CHECKS: dict[str, Check] = {
    "settings": around.settings_hold,
    "database": database.answers,
    "durability": database.keeps_what_it_takes,
    "role": database.role_is_not_the_owner,
    "migrations": database.migrations_are_applied,
    "clock": database.clocks_agree,
    "keys": inside.keys_open_what_is_sealed,
    "catalogue": inside.catalogue_is_there_and_signed,
    "mail": around.mail_leaves,
    "sender": inside.sender_runs,
    "disk": around.disk_has_room,
    "media": around.media_can_be_written,
    "backup": around.backup_is_fresh,
}
"""In this order. Without a database, those that need one are not asked."""

NEED_THE_DATABASE = {"durability", "role", "migrations", "clock", "keys", "catalogue", "sender"}


def examine(at: datetime, *, only: set[str] | None = None) -> Iterator[Finding]:
    """Ask all of them, or only some; what one of them runs into is a finding too."""
    wanted = only or set(CHECKS)
    has_database = True
    if wanted & (NEED_THE_DATABASE | {"database"}):
        first = database.answers(at)
        has_database = not first.is_broken
        if "database" in wanted or first.is_broken:
            yield first
    for name, check in CHECKS.items():
        if name not in wanted or name == "database" or (name in NEED_THE_DATABASE and not has_database):
            continue
        yield _ask(name, check, at)


def _ask(name: str, check: Check, at: datetime) -> Finding:
    """Of all clinics: what waits and what is sealed is somebody's, and only counted."""
    try:
        if name not in NEED_THE_DATABASE:
            return check(at)
        with acting.everywhere("doctor"):
            return check(at)
    except Exception as error:  # noqa: BLE001 - the others are asked all the same
        return broken(name, f"could not be asked: {type(error).__name__}.", "Look at the findings above first.")

"""How many statements a page takes: at most twelve (design, section 9), whoever asks for it and whatever it names.

Counted as when somebody goes from page to page: what is written once a minute, and a limit that is counted for the
first time, come on one page of many. Caches are empty.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from tests.permissions import table
from tests.permissions.addresses import Address
from tests.permissions.world import Answer

AT_MOST = 12
OF_ADMIN_AT_MOST = 29
"""The admin site asks for every choice of a form, and before deleting for all that hangs on a row. Few use it."""

ALLOWED = {
    # What somebody is given whole has a statement for every kind of row that there is.
    "everything_json": 78,
    "everything_pdf": 71,
    "own_everything_json": 76,
    "own_everything_pdf": 70,
    "routines:own_data_json": 25,
    "routines:own_data_pdf": 25,
    # No page: a calendar fetches it once an hour. Who shows the secret is let in by five, which a session spares.
    "routines:calendar_feed_detail": 20,
    # No page: what the player keeps for a day, with the red-flag questions and their texts.
    "routines:routine_data": 14,
    # A stretch that is paused, with the logs that paused it: shown until a clinician has decided.
    "patients:patient_detail": 14,
    # What a library admin may do is asked for by Django in two.
    "stretches:stretch_detail": 13,
}
"""What takes more, and why."""

BETWEEN = re.compile(r"^(?:BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)")
ONCE_A_MINUTE = re.compile(r'^UPDATE "accounts_session" SET "seen_at"')
LIMIT = "accounts_trycount"


def count(statements: Iterable[str]) -> int:
    """Those of a page; where a transaction begins and ends is none."""
    counted = [each for each in statements if not BETWEEN.match(each) and not ONCE_A_MINUTE.match(each)]
    limits = sum(LIMIT in each for each in counted)
    return len(counted) - max(0, limits - 1)


def faults(address: Address, answers: Mapping[table.Key, Mapping[str, Answer]]) -> Iterator[str]:
    """Where a page takes more than it may."""
    at_most = OF_ADMIN_AT_MOST if address.is_of_admin else ALLOWED.get(address.name, AT_MOST)
    for (_, method, what), row in answers.items():
        for person, answer in row.items():
            if method == "GET" and answer.said == "200" and (taken := count(answer.statements)) > at_most:
                yield f"GET {what}, {person}: {taken} statements, and {at_most} are allowed"

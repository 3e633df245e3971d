"""How often somebody may try to get in, or do what costs much.

A try is counted before it is looked at, in the database, under a lock.
So of many guesses at once, over however many workers, only so many reach the check of a password. A try that was right
is given back: who knows the password uses up nothing. What is counted for an account never closes the way by a code by
mail, which is counted apart and for each range of addresses that asks.
"""

import dataclasses
import datetime
import ipaddress
import math
from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from accounts.models import TryCount

MINUTE, HOUR, DAY = (datetime.timedelta(minutes=1), datetime.timedelta(hours=1), datetime.timedelta(days=1))


@dataclasses.dataclass(frozen=True)
class Slot:
    """One of ``most`` tries within ``window``, of what ``key`` names."""

    key: str
    most: int
    window: datetime.timedelta


def password_slots(account: str, address: str) -> list[Slot]:
    """For checking a password: per account, known or not, and per range, against one password tried on many."""
    account, place = account.strip().lower(), address_range(address)
    return [
        _slot("password", account, most=5, window=5 * MINUTE),
        _slot("password a day", account, most=30, window=DAY),
        _slot("password from", place, most=30, window=10 * MINUTE),
        _slot("password from a day", place, most=300, window=DAY),
    ]


def mail_slots(account: str, address: str) -> list[Slot]:
    """For sending a code or a link by mail. An account is closed to one range long before it is closed to all."""
    account, place = account.strip().lower(), address_range(address)
    return [
        _slot("mail", account, place, most=3, window=MINUTE),
        _slot("mail an hour", account, place, most=10, window=HOUR),
        _slot("mail to", account, most=60, window=HOUR),
        _slot("mail from", place, most=60, window=10 * MINUTE),
    ]


def mailed_code_slots(code: str, session: str) -> list[Slot]:
    """For guessing a code that was mailed: three guesses, all at once or one after the other."""
    return [_slot("mailed code", code, session, most=3, window=DAY)]


def mailed_code_use(code: str, session: str) -> list[Slot]:
    """For coming in by a code that was mailed."""
    return [_slot("mailed code used", code, session, most=1, window=DAY)]


def second_step_slots(user_id: object) -> list[Slot]:
    """For guessing a code of an authenticator app or a recovery code; who gets here has shown a first proof."""
    return [
        _slot("second step", str(user_id), most=5, window=5 * MINUTE),
        _slot("second step a day", str(user_id), most=30, window=DAY),
    ]


def form_slots(user_id: object, path: str, new_id: str, said: str) -> list[Slot]:
    """For a form that is to make one row however often it is sent; ``said`` sums up what is in it."""
    return [_slot("form", str(user_id), path, new_id, said, most=1, window=DAY)]


@dataclasses.dataclass(frozen=True)
class Limit:
    """So many times within a while."""

    most: int
    window: datetime.timedelta


COSTLY = {
    # What takes the server long, or leaves the clinic.
    "pdf": Limit(40, 5 * MINUTE),
    "own data": Limit(10, 10 * MINUTE),
    "report": Limit(60, 5 * MINUTE),
    "search": Limit(150, MINUTE),
    "export": Limit(20, 10 * MINUTE),
    "import": Limit(30, 10 * MINUTE),
    "calendar": Limit(60, HOUR),
    "device": Limit(30, HOUR),
    # What sends mail.
    "invitation": Limit(40, HOUR),
    "staff invitation": Limit(20, HOUR),
    "new password": Limit(20, MINUTE),
    # Ways in. Passwords and codes are counted above besides, whichever page they are typed into.
    "new password by link": Limit(20, MINUTE),
    "password change": Limit(5, MINUTE),
    "still you": Limit(10, MINUTE),
    "passkey": Limit(30, MINUTE),
}
"""How often each person may do what costs much; who is not signed in counts by the range that they come from.

Several times what anybody does in earnest. ``accounts.limiting`` asks.
"""


_COUNT = """UPDATE accounts_trycount
SET tries = CASE WHEN began_at <= %s THEN 1 ELSE tries + 1 END,
  began_at = CASE WHEN began_at <= %s THEN %s ELSE began_at END
WHERE key = %s AND (began_at <= %s OR tries < %s)"""


def wait_for(what: str, whose: str, *, at: datetime.datetime) -> int:
    """Count one of ``COSTLY``, and return 0; or the seconds until there is one again.

    One statement where it was counted before, and the database waits for nobody else's: this stands before pages.
    """
    limit = COSTLY[what]
    slot = _slot(what, whose, most=limit.most, window=limit.window)
    if _counted(slot, at):
        return 0
    TryCount.objects.bulk_create([TryCount(key=slot.key, began_at=at)], ignore_conflicts=True)
    if _counted(slot, at):
        return 0
    began_at = TryCount.objects.filter(pk=slot.key).values_list("began_at", flat=True).first() or at
    return max(1, math.ceil((began_at + slot.window - at).total_seconds()))


def _counted(slot: Slot, at: datetime.datetime) -> bool:
    """Count one more of a slot that was counted before, if there is one more, or begin anew."""
    now, over_since = (connection.ops.adapt_datetimefield_value(each) for each in (at, at - slot.window))
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [over_since, over_since, now, slot.key, over_since, slot.most])
        return bool(cursor.rowcount)


def take(slots: Collection[Slot], *, at: datetime.datetime) -> bool:
    """Take one try of each, or none where one of them has no more."""
    wanted = {slot.key: slot for slot in slots}
    with transaction.atomic():
        fresh = [TryCount(key=key, began_at=at) for key in sorted(wanted)]
        TryCount.objects.bulk_create(fresh, ignore_conflicts=True)
        counts = list(TryCount.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
        for count in counts:
            if at - count.began_at >= wanted[count.key].window:
                count.began_at, count.tries = at, 0
            count.tries += 1
        if any(count.tries > wanted[count.key].most for count in counts):
            return False
        TryCount.objects.bulk_update(counts, ["began_at", "tries"])
    return True


def give_back(slots: Collection[Slot]) -> None:
    """Count a try as none: it was right."""
    TryCount.objects.filter(pk__in=[slot.key for slot in slots], tries__gt=0).update(tries=F("tries") - 1)


def forget(at: datetime.datetime) -> None:
    """Delete what counts no longer; called before each pass of ``send_due``."""
    TryCount.objects.filter(began_at__lt=at - DAY).delete()


def address_range(address: str) -> str:
    """The range that one household, office or attacker is likely to have: 256 addresses of IPv4, a /48 of IPv6."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped:
        number = number.ipv4_mapped
    return str(ipaddress.ip_network((number, 24 if number.version == 4 else 48), strict=False))


def _slot(*parts: str, most: int, window: datetime.timedelta) -> Slot:
    return Slot(salted_hmac("accounts.limits", "\n".join(parts), algorithm="sha256").hexdigest(), most, window)

"""Chaining what was put on record: before each pass of ``send_due``, so within the minute.

Events are not chained as they are written: whoever writes would wait for everybody else of the clinic. One sealer at a
time gives them their places afterwards. docs/adr/0015 says what that leaves open.
"""

import datetime
import logging
import uuid
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import acting
from audit.chain import Head, digest_of, link_of
from audit.models import Event, Seal

logger = logging.getLogger(__name__)
LATEST = 2_000
"""So many of the events sealed last are looked through for one that was committed late."""


def seal(at: datetime.datetime) -> None:
    """Seal what is new; with the first pass of a day everything, and say where the chain ended the day before."""
    last = Seal.objects.last()
    is_new_day = last is None or last.sealed_at.date() < at.date()
    seal_events(everything=is_new_day)
    if last and is_new_day:
        head = Head(last.sealed_at.date(), last.position, last.hash)
        logger.info("audit head %s", head)  # a log is kept elsewhere
        if settings.AUDIT_HEADS:
            with Path(settings.AUDIT_HEADS).open("a") as file:
                file.write(f"{head}\n")


def seal_events(*, everything: bool) -> int:
    """Give every event that has none a place in the chain; how many there were."""
    with acting.everywhere("seal_audit"):
        if connection.vendor != "postgresql":
            return _seal_here(everything=everything)
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit.seal_events(%s)", [everything])
            return int(cursor.fetchone()[0])


def _seal_here(*, everything: bool) -> int:
    """The same on SQLite; writers wait while it goes on, as they do for each other."""
    with transaction.atomic():
        latest = list(Seal.objects.order_by("-position")[:LATEST])
        since = 0 if everything else min((each.event_id for each in latest), default=0)
        events = Event.objects.filter(pk__gte=since).exclude(pk__in=Seal.objects.values("event_id"))
        place, link = (latest[0].position, latest[0].hash) if latest else (0, "")
        seals = []
        for position, event in enumerate(events.order_by("pk"), start=place + 1):
            digest = digest_of(event)
            link = link_of(link, event, digest)
            seals.append(Seal(position=position, event_id=event.pk, digest=digest, hash=link, sealed_at=timezone.now()))
        Seal.objects.bulk_create(seals, batch_size=500)
    return len(seals)


def blank(patient_id: uuid.UUID) -> int:
    """Take out what the record says was in an erased patient's rows; who did what when stays. How many events.

    Call it last, in the transaction that erases: what erasing itself puts on record is blanked too. PostgreSQL refuses
    it for a patient whose row is there and does not say ``erased_at``.
    """
    if connection.vendor == "postgresql":
        with acting.everywhere("erasing"), connection.cursor() as cursor:
            cursor.execute("SELECT audit.blank(%s)", [patient_id])
            return int(cursor.fetchone()[0])
    with transaction.atomic():
        seal_events(everything=True)
        return Event.objects.filter(patient_id=patient_id, content__isnull=False).update(content=None, salt=None)

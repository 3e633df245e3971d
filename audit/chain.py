"""The chain: which hash an event has, and whether the record is still the one that was sealed.

Each sealed event has a place, a digest of its content, and a hash over the hash before it, what the event says of
who, when and what, and that digest. The content itself may go when a patient is erased: the digest keeps the chain
whole, and tells nothing, for the salt goes with the content.
"""

import dataclasses
import datetime
import hashlib
import json
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator

from audit.models import Event, Seal

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
LONGEST_TRANSACTION = datetime.timedelta(hours=6)
"""Older than that, an event does not become visible: it was put there later, whatever it says."""
BATCH = 2000


def digest_of(event: Event) -> str:
    """The digest of what there is to say about an event."""
    return hashlib.sha256(((event.salt or "") + (event.content or "")).encode()).hexdigest()


def link_of(before: str, event: Event, digest: str) -> str:
    """The hash of an event that comes after another; PostgreSQL computes the same (``audit.seal_events``)."""
    says = [
        event.pk,
        (event.at - EPOCH) // MICROSECOND,
        event.user_id or "",
        event.role,
        event.clinic_id or "",
        event.patient_id or "",
        event.table_name,
        event.object_id,
        event.action,
        event.address,
        event.door,
        digest,
    ]
    text = json.dumps([str(each) for each in says], ensure_ascii=False)
    return hashlib.sha256((before + text).encode()).hexdigest()


@dataclasses.dataclass(frozen=True)
class Head:
    """Where the chain ended on a day: kept elsewhere, it tells whether what came before was rewritten since."""

    on: datetime.date
    position: int
    hash: str

    def __str__(self) -> str:
        return f"{self.on.isoformat()} {self.position} {self.hash}"

    @classmethod
    def read(cls, line: str) -> "Head":
        """From one line, as ``str`` writes it; raises ``ValueError`` for another."""
        on, position, link = line.split()[-3:]
        return cls(datetime.date.fromisoformat(on), int(position), link)


@dataclasses.dataclass
class Verdict:
    """What was found: ``faults`` in words, one for each row."""

    faults: list[str] = dataclasses.field(default_factory=list)
    sealed: int = 0
    unsealed: int = 0
    blanked: int = 0
    last: Seal | None = None


Erased = Callable[[Collection[uuid.UUID]], Collection[uuid.UUID]]


def verify(heads: Iterable[Head] = (), *, erased: Erased) -> Verdict:
    """Go through the whole chain. The heads are those that were kept elsewhere.

    ``erased`` says of which patients the record was erased: the content of no other's events may be gone.
    """
    verdict = Verdict()
    empty: dict[int, uuid.UUID | None] = {}
    kept = {head.position: head for head in heads}
    for before, seal, event in _links():
        verdict.sealed, verdict.last = verdict.sealed + 1, seal
        verdict.faults += _faults_of(before, seal, event)
        if event and event.content is None:
            empty[event.pk] = event.patient_id
        head = kept.pop(seal.position, None)
        if head and head.hash != seal.hash:
            verdict.faults.append(f"seal {seal.position}: not the head of {head.on}; what is before it was rewritten")
    for head in kept.values():
        verdict.faults.append(f"seal {head.position}: missing, the head of {head.on}; what came up to it was removed")
    verdict.blanked = len(empty)
    forgotten = erased({patient_id for patient_id in empty.values() if patient_id})
    verdict.faults += [
        f"event {pk}: emptied: nobody whom it is about was erased"
        for pk, patient_id in empty.items()
        if patient_id not in forgotten
    ]
    known = Seal.objects.values("event_id")
    unsealed = Event.objects.exclude(pk__in=known).order_by("pk")
    verdict.unsealed = unsealed.count()
    if verdict.last:
        late = verdict.last.sealed_at - LONGEST_TRANSACTION
        verdict.faults += [
            f"event {event.pk}: inserted: it says {event.at:%Y-%m-%d %H:%M} and was sealed neither then nor later"
            for event in unsealed.filter(at__lt=late)
        ]
    return verdict


def _links() -> Iterator[tuple[Seal | None, Seal, Event | None]]:
    """Every seal with the one before it and its event, in the order of their places."""
    before: Seal | None = None
    start = -1
    while batch := list(Seal.objects.filter(position__gt=start)[:BATCH]):
        events = Event.objects.in_bulk([seal.event_id for seal in batch])
        for seal in batch:
            yield before, seal, events.get(seal.event_id)
            before = seal
        start = batch[-1].position


def _faults_of(before: Seal | None, seal: Seal, event: Event | None) -> Iterator[str]:
    place = before.position + 1 if before else 1
    if seal.position != place:
        yield f"seal {place}: missing" + (f", up to {seal.position - 1}" if seal.position > place + 1 else "")
    if event is None:
        yield f"event {seal.event_id}: missing (seal {seal.position})"
        return
    if event.content is not None and digest_of(event) != seal.digest:
        yield f"event {event.pk}: changed: its content is not what was sealed"
    elif seal.position == place and link_of(before.hash if before else "", event, seal.digest) != seal.hash:
        yield f"event {event.pk}: changed, or not at the place where it was sealed (seal {seal.position})"
    if before and event.at < before.sealed_at - LONGEST_TRANSACTION:
        yield f"event {event.pk}: inserted: it says {event.at:%Y-%m-%d %H:%M}, and what came later was sealed before it"

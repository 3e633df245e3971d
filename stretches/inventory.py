"""The catalogue of a clinic as it stands, held in the process: which stretches are what, as sets.

It is held under the database's own mark of the catalogue (``CatalogueMark``), which every write changes: what is held
under the mark that was just read is what the tables say. It knows no patient. What a patient's conditions make of it is
said by the safety rule (``prescriptions.safety``), and what is shown of it is asked of the database once more:
docs/adr/0017.

A set of stretches is a number: its bit n is the stretch at place n, in the order of the catalogue. So 10,000 stretches
are 1,250 bytes, and what two sets have in common is one operation.
"""

import threading
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from django.db.models import QuerySet

from stretches.browsing.face import Face
from stretches.keeping import Kept
from stretches.models import (
    CatalogueMark,
    CatalogueText,
    Contraindication,
    Equipment,
    Movement,
    Muscle,
    Position,
    Stretch,
    TimingRule,
)
from stretches.models.condition_code import hierarchy
from stretches.searching import EVERYDAY_WORDS, occurrences, typed, ways
from stretches.spelling import Vocabulary

T = TypeVar("T")
Places = int
"""A set of stretches."""

CLINICS_MAX = 8
"""Of so many clinics with entries of their own the catalogue is held at once. All others share one."""
WORDS_MAX = 512
"""For so many words it is kept where they occur."""
FACES_MAX = 2000
KEPT_MAX = 256
READS_MAX = 3
"""So often it is read for one request. If it goes on changing meanwhile, it proposes as it is, and is not held."""


class Ownership(NamedTuple):
    """What stretches have in common that are or are not to be offered."""

    status: str
    clinic: uuid.UUID | None


class Kind(NamedTuple):
    """All that a verdict asks of a contraindication but which stretch it is about: many have the same."""

    condition_code_id: int
    severity: str
    from_week: int | None
    until_week: int | None
    clinic: uuid.UUID | None


class Inventory:
    """The stretches that count in one clinic, and what is known of them."""

    def __init__(self, clinic_id: uuid.UUID | None) -> None:
        """Read it: ten queries. ``clinic_id`` is a clinic with entries of its own; of none, the library."""
        rows = list(
            Stretch.objects.in_clinic(clinic_id)
            .order_by(*(Stretch._meta.ordering or ()))
            .values_list("pk", "name", "slug", "status", "clinic_id", "position", "difficulty")
        )
        self.ids = [row[0] for row in rows]
        self._names = [row[1].lower() for row in rows]
        self._slugs = [row[2] for row in rows]
        self.place_of = {pk: place for place, pk in enumerate(self.ids)}
        self.all: Places = (1 << len(rows)) - 1
        self.owned = self._sets((Ownership(row[3], row[4]), place) for place, row in enumerate(rows))
        self.positions = self._sets((row[5], place) for place, row in enumerate(rows))
        self.difficulties = self._sets((row[6], place) for place, row in enumerate(rows))
        self.muscles = self._described_by(Muscle, Stretch.muscles.through)
        self.equipment = self._described_by(Equipment, Stretch.equipment.through)
        self.movements = self._described_by(Movement, Stretch.movements.through)
        told = CatalogueText.objects.filter(kind=CatalogueText.Kind.STRETCH_NAME)
        self._told = list(told.order_by().values_list("key", "text"))
        by_code: dict[int, dict[Kind, list[int]]] = defaultdict(lambda: defaultdict(list))
        contraindications = Contraindication.objects.in_clinic(clinic_id).order_by()
        for pk, *kind in contraindications.values_list("stretch_id", *Kind._fields):
            if (place := self.place_of.get(pk)) is not None:
                by_code[kind[0]][Kind(*kind)].append(place)
        self.kinds = {
            code_id: {kind: self._set(places) for kind, places in kinds.items()} for code_id, kinds in by_code.items()
        }
        """The contraindications on each condition code."""
        self.hierarchy = hierarchy()
        self._timings = self._timing_rules()
        self._faces: dict[uuid.UUID, Face] = {}
        self._kept: Kept[Any] = Kept(KEPT_MAX)
        self._meant_by: Callable[[str], tuple[Places, bool]] = lru_cache(WORDS_MAX)(self._meaning)

    # Sets -------------------------------------------------------------------------------------------------------------
    def _set(self, places: Iterable[int]) -> Places:
        filled = bytearray(len(self.ids) // 8 + 1)
        for place in places:
            filled[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(filled, "little")

    def _sets(self, pairs: Iterable[tuple[Any, int]]) -> dict[Any, Places]:
        found: dict[Any, list[int]] = defaultdict(list)
        for value, place in pairs:
            found[value].append(place)
        return {value: self._set(places) for value, places in found.items()}

    def _described_by(self, model: type[Any], through: Any) -> dict[str, tuple[str, Places]]:
        """By its short name each muscle, or whatever it is: its name, and which stretches have it. By name."""
        column = f"{model._meta.model_name}_id"
        pairs = through.objects.order_by().values_list(column, "stretch_id")
        sets = self._sets((pk, self.place_of[stretch]) for pk, stretch in pairs if stretch in self.place_of)
        rows = model.objects.order_by().values_list("name", "slug", "pk")
        return {slug: (name, sets.get(pk, 0)) for name, slug, pk in sorted(rows)}

    def _timing_rules(self) -> dict[int, set[tuple[str, str, Places]]]:
        having = {slug: places for slug, (_, places) in self.movements.items()}
        rules: dict[int, set[tuple[str, str, Places]]] = defaultdict(set)
        rows = TimingRule.objects.order_by().values_list(
            "condition_code_id", "source__citation", "advice", "movements__slug"
        )
        for code_id, citation, advice, slug in rows:
            rules[code_id].add((citation, advice, having.get(slug, 0)))
        return rules

    def timings(self, code_ids: Iterable[int], stretch_id: uuid.UUID) -> list[tuple[str, str]]:
        """Citation and advice of rules on when in the day, on any of these codes, for what a stretch moves."""
        if (place := self.place_of.get(stretch_id)) is None:
            return []
        rules = (rule for code_id in code_ids for rule in self._timings.get(code_id, ()))
        return sorted({(citation, advice) for citation, advice, places in rules if places >> place & 1})

    def muscles_of(self, stretch_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
        """The muscles of some stretches, by their short names; none of a stretch that counts nowhere here."""
        sets = [(slug, places) for slug, (_, places) in self.muscles.items()]
        bits = {pk: 1 << self.place_of[pk] if pk in self.place_of else 0 for pk in stretch_ids}
        return {pk: {slug for slug, places in sets if places & bit} for pk, bit in bits.items()}

    @staticmethod
    def choices(described: dict[str, tuple[str, Places]]) -> tuple[tuple[str, str], ...]:
        """What can be chosen from: short names and names."""
        return tuple((slug, name) for slug, (name, _) in described.items())

    @cached_property
    def unequipped(self) -> Places:
        """Those for which nothing has to be at hand."""
        found = self.all
        for _, places in self.equipment.values():
            found &= ~places
        return found

    def ids_of(self, places: Places, first: int, last: int) -> list[uuid.UUID]:
        """The stretches from the ``first`` of a set to before the ``last``, counted from 0, in their order."""
        found, at = [], -1
        digits = bin(places)[:1:-1]
        for number in range(last):
            at = digits.find("1", at + 1)
            if at < 0:
                break
            if number >= first:
                found.append(self.ids[at])
        return found

    def kept(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What follows from all this, worked out once for each question."""
        found: T = self._kept.of("", question, answer)
        return found

    # Words ------------------------------------------------------------------------------------------------------------
    def meant_by(self, words: str) -> Places:
        """Those in which every word occurs, give or take a slip of the hand: as ``searching.stretches_meant_by``."""
        found = self.all
        for word in typed(words):
            found &= self._meant_by(word)[0]
        return found

    def guessed(self, words: str) -> tuple[str, ...]:
        """The words of which there is only something that is spelled alike; none where nothing is found."""
        if not self.meant_by(words):
            return ()
        return tuple(word for word in typed(words) if self._meant_by(word)[1])

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        described = (name for each in (self.muscles, self.movements) for name, _ in each.values())
        texts = [*self._names, *described, *(text for _, text in self._told), *map(str, Position.labels)]
        return Vocabulary([*EVERYDAY_WORDS, *texts])

    def _meaning(self, word: str) -> tuple[Places, bool]:
        """Those with it in their name, also as patients read it, their position, or in that of a muscle or movement."""
        spelled, is_guess = ways(word, self._vocabulary, EVERYDAY_WORDS)
        occurs = occurrences(spelled)
        digits = "".join(["1" if occurs(name) else "0" for name in reversed(self._names)])
        found = int(digits or "0", 2)
        for position, label in Position.choices:
            if occurs(str(label).lower()):
                found |= self.positions.get(position, 0)
        for described in (self.muscles, self.movements):
            for name, places in described.values():
                if occurs(name.lower()):
                    found |= places
        if slugs := {slug for slug, text in self._told if occurs(text.lower())}:
            found |= self._set(place for place, slug in enumerate(self._slugs) if slug in slugs)
        return found, is_guess

    # Faces ------------------------------------------------------------------------------------------------------------
    def faces(self, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Face]:
        """What the cards of some stretches show: one query, and none if all of them were asked for before."""
        wanted, known = list(ids), self._faces
        if missing := [pk for pk in wanted if pk not in known]:
            if len(known) + len(missing) > FACES_MAX:
                known = self._faces = {}  # another thread may be reading the one that there was
                missing = wanted
            for stretch in Stretch.objects.order_by().for_a_card().filter(pk__in=missing):
                place = self.place_of[stretch.pk]
                muscles = (name for name, places in self.muscles.values() if places >> place & 1)
                equipment = (name for name, places in self.equipment.values() if places >> place & 1)
                known[stretch.pk] = Face.of(stretch, muscles, equipment)
        return {pk: known[pk] for pk in wanted if pk in known}


# What is held ---------------------------------------------------------------------------------------------------------
class _Held:
    """The inventories of one state of the catalogue: of the library, and of the clinics that were asked for last."""

    def __init__(self, mark: Hashable = None) -> None:
        self.mark = mark
        self.owner_of: dict[uuid.UUID, uuid.UUID | None] = {}
        """For a clinic, itself if it has entries of its own, and else nobody."""
        self.inventories: OrderedDict[uuid.UUID | None, Inventory] = OrderedDict()

    def known(self, clinic_id: uuid.UUID) -> Inventory | None:
        if clinic_id not in self.owner_of:
            return None
        return self.inventories.get(self.owner_of[clinic_id])

    def read(self, clinic_id: uuid.UUID) -> Inventory:
        owner = self.owner_of[clinic_id] = clinic_id if _has_own(clinic_id) else None
        inventory = self.inventories.get(owner) or Inventory(owner)
        self.inventories[owner] = inventory
        while len(self.inventories) > CLINICS_MAX:
            self.inventories.popitem(last=False)
        return inventory


class Holding:
    """What a process holds of the catalogue: that of the latest mark it has seen."""

    def __init__(self) -> None:
        self._held = _Held()
        self._reading = threading.Lock()

    def inventory_of(self, clinic_id: uuid.UUID) -> Inventory:
        """The catalogue of a clinic as this transaction sees it: one query, and a dozen more where it has changed."""
        mark = CatalogueMark.current()
        if mark is None:  # nobody has loaded it yet
            return _Held().read(clinic_id)
        if mark == (held := self._held).mark and (known := held.known(clinic_id)):
            return known
        for _ in range(READS_MAX - 1):
            held = self._held if mark == self._held.mark else _Held(mark)
            with self._reading:
                inventory = held.read(clinic_id)
            if (then := CatalogueMark.current()) == mark:  # or else it changed while it was read
                self._held = held
                return inventory
            mark = then
        return _Held().read(clinic_id)  # it goes on changing: as it is now, and held by nobody


_HOLDING = Holding()
inventory_of = _HOLDING.inventory_of


def _has_own(clinic_id: uuid.UUID) -> bool:
    """Whether a clinic has entries of its own."""
    own: list[QuerySet[Any]] = [Stretch.objects.of_clinics(), Contraindication.objects.of_clinics()]
    return any(rows.filter(clinic=clinic_id).exists() for rows in own)

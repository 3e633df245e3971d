"""What the builder shows: the stretches that may be offered to a patient, page by page, and the draft as it stands.

It reads and decides nothing: which stretches, and why, comes from ``prescriptions.safety`` alone. What to show is found
in the catalogue as it is held in memory; of all that is shown, the tables are asked again. The number of queries
depends on what is shown, never on how much.
"""

import dataclasses
import uuid
from collections.abc import Collection, Mapping
from functools import cached_property

from django.db.models import UUIDField

from accounts.prepared import Given, Prepared
from prescriptions import safety
from prescriptions.advising import Standing, standing
from prescriptions.builder import PAGE, Builder, Card, DraftLine, LeftOut, Offer, Offers, Section, Timing
from prescriptions.by_verdict import by_verdict
from prescriptions.models import Line, PrescribedStretch, Prescription, TemplateLine
from prescriptions.neighbours import nearest_neighbours
from prescriptions.safety import Verdict
from stretches.inventory import Inventory, Places
from stretches.models import SignOff, Stretch

COUNTED_MAX = 99
"""So many of those held back are counted: who reads them turns pages, and all of them are the whole catalogue."""
OFFERED = (Verdict.ALLOWED, Verdict.CAUTION)
WITHHELD = (Verdict.NEEDS_OVERRIDE, Verdict.EXCLUDED)


@dataclasses.dataclass(frozen=True)
class Search:
    """What a clinician looks for in the catalogue of a clinic, for a patient, and which page of it."""

    circumstances: safety.Circumstances
    inventory: Inventory
    looked_for: Places
    pages: Mapping[Verdict, int]

    @cached_property
    def sorted(self) -> Mapping[Verdict, Places]:
        """The whole catalogue by what it is for this patient, looked for or not."""
        return by_verdict(self.circumstances, self.inventory)

    def found(self, verdict: Verdict) -> Places:
        """What is looked for and has this verdict; nothing while the record has a problem."""
        return self.sorted[verdict] & self.looked_for if self.circumstances.may_prescribe else 0

    def page(self, verdict: Verdict) -> list[uuid.UUID]:
        """The page that is asked for, and one stretch more."""
        page = self.pages[verdict]
        return self.inventory.ids_of(self.found(verdict), (page - 1) * PAGE, page * PAGE + 1)


_LINES = {"prescription": Given("prescription", UUIDField()), "clinic": Given("clinic", UUIDField())}
_CHOSEN = Prepared(lambda: PrescribedStretch.objects.order_by().filter(**_LINES).values_list("stretch_id", flat=True))
_DRAFTED = Prepared(lambda: PrescribedStretch.objects.filter(**_LINES).for_drafting())


def offered(prescription: Prescription, search: Search) -> Offers:
    """What is offered, page by page: two queries, and another one for cards that nobody has seen yet."""
    chosen = set(_CHOSEN.ask(prescription=prescription.pk, clinic=prescription.clinic_id))
    pages = {verdict: search.page(verdict) for verdict in OFFERED}
    return _offers(
        search, chosen, pages, standing(search.circumstances, [pk for page in pages.values() for pk in page])
    )


def _offers(
    search: Search,
    chosen: Collection[uuid.UUID],
    pages: Mapping[Verdict, list[uuid.UUID]],
    stands: Mapping[uuid.UUID, Standing],
) -> Offers:
    """Keep of the pages what the tables say of each stretch as well."""
    faces = search.inventory.faces([pk for page in pages.values() for pk in page])
    sections = []
    for verdict, page in pages.items():
        kept = [pk for pk in page if pk in stands and stands[pk].verdict is verdict and pk in faces]
        cards = [Offer(faces[pk], stands[pk].advice, is_chosen=pk in chosen) for pk in kept]
        sections.append(Section.of(verdict, cards, search.pages[verdict]))
    return Offers(
        sections=tuple(sections),
        withheld={verdict: _count_words(search.found(verdict)) for verdict in WITHHELD},
        muscles=search.inventory.choices(search.inventory.muscles),
        equipment=search.inventory.choices(search.inventory.equipment),
    )


def build(prescription: Prescription, search: Search) -> Builder:
    """Read the screen.

    Two queries; two more when anything speaks against a line, one or two again when it became unsafe, or a template's
    stretch was left out, and one for a template. Nothing is offered while the record has a problem.
    """
    circumstances = search.circumstances
    items = _DRAFTED.ask(prescription=prescription.pk, clinic=prescription.clinic_id)
    chosen = {item.stretch_id for item in items}
    proposed = _proposed(prescription, chosen)
    pages = {verdict: search.page(verdict) for verdict in OFFERED}
    told = [*(item.stretch for item in items), *proposed]
    stands = standing(circumstances, {*(pk for page in pages.values() for pk in page), *(each.pk for each in told)})
    spoken_against = [each for each in told if each.pk not in stands or stands[each.pk].verdict is not Verdict.ALLOWED]
    decisions = prescription.patient.overrides.decisions(on=circumstances.on) if spoken_against else {}
    assessments = {stretch.pk: safety.Assessment(stretch, ()) for stretch in told}
    if spoken_against:
        assessments |= safety.assess(circumstances, spoken_against, covered=decisions)
    lines = [Line.of(item, assessments[item.stretch_id], decisions.get(item.stretch_id, {})) for item in items]
    left_out = [assessments[stretch.pk] for stretch in proposed if assessments[stretch.pk].verdict in WITHHELD]
    unsafe = [line.item.stretch for line in lines if not line.is_safe] + [each.stretch for each in left_out]
    neighbours = (
        nearest_neighbours(circumstances, unsafe, search.inventory) if unsafe and circumstances.may_prescribe else {}
    )
    return Builder(
        **vars(_offers(search, chosen, pages, stands)),
        lines=tuple(
            DraftLine(line, _timings(search, line.item.stretch_id), neighbours.get(line.item.stretch_id))
            for line in lines
        ),
        left_out=tuple(
            LeftOut(each, neighbour, neighbour is not None and neighbour.pk in chosen)
            for each in left_out
            for neighbour in [neighbours.get(each.stretch.pk)]
        ),
    )


def _proposed(prescription: Prescription, chosen: Collection[uuid.UUID]) -> list[Stretch]:
    """The stretches of the phase that the draft came from, without those that are in it: one query, or none."""
    if prescription.template_phase_id is None:
        return []
    lines = TemplateLine.objects.filter(phase=prescription.template_phase_id).exclude(stretch__in=chosen)
    return [line.stretch for line in lines.select_related("stretch__adapted_from")]


def withheld(prescription: Prescription, search: Search, verdict: Verdict) -> Section[Card]:
    """One page of what is not offered, each with its reasons and the safe neighbour: at most eight queries."""
    circumstances, ids = search.circumstances, search.page(verdict)
    shown = {row.pk: row for row in Stretch.objects.order_by().filter(pk__in=ids).only(*_JUDGED)} if ids else {}
    covered = prescription.patient.overrides.covering(on=circumstances.on) if verdict in _OVERRIDABLE else {}
    assessments = safety.assess(circumstances, list(shown.values()), covered=covered)
    neighbours = nearest_neighbours(circumstances, shown.values(), search.inventory) if shown else {}
    faces = search.inventory.faces(shown)
    cards = [Card(faces[pk], assessments[pk], neighbours.get(pk)) for pk in ids if pk in faces]
    rules = {each.contraindication.pk for row in assessments.values() for each in row.issues if each.contraindication}
    signed = SignOff.objects.under(rules) if rules else {}
    own = [card for card in cards if card.assessment.verdict is verdict]
    return Section.of(verdict, own, search.pages[verdict], unsigned=frozenset(rules - set(signed)))


_OVERRIDABLE = frozenset({Verdict.NEEDS_OVERRIDE})
_JUDGED = ("name", "status", "clinic", "difficulty")
"""What a verdict asks of a stretch, and a neighbour."""


def _count_words(places: Places) -> str:
    count = places.bit_count()
    return f"{COUNTED_MAX}+" if count > COUNTED_MAX else str(count or "")


def _timings(search: Search, stretch_id: uuid.UUID) -> tuple[Timing, ...]:
    """When in the day it is wise to do a stretch, given the patient's conditions."""
    concerned = search.inventory.timings(search.circumstances.code_ids, stretch_id)
    return tuple(Timing(advice, citation) for citation, advice in concerned)

"""What to prescribe instead of a stretch that is not allowed: found among what the safety rule allows, nowhere else."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db import models
from django.db.models import F
from django.db.models.functions import RowNumber

from prescriptions import safety
from stretches.inventory import Inventory
from stretches.models import Stretch


def nearest_neighbours(
    circumstances: safety.Circumstances, stretches: Iterable[Stretch], inventory: Inventory | None = None
) -> dict[uuid.UUID, Stretch]:
    """Find for each stretch the nearest allowed one: same target muscle, closest difficulty, easier first.

    Where no allowed one shares a muscle the nearest with advice stands in; a stretch without either is left out.
    Three queries for any number of stretches; one less where the catalogue is held in memory, which knows the muscles.
    """
    wanted = {stretch.pk: stretch for stretch in stretches}
    muscles_of = inventory.muscles_of(wanted) if inventory else _muscles_of(wanted)
    all_muscles = set().union(*muscles_of.values())
    chosen: dict[uuid.UUID, Stretch] = {}
    for verdict in (safety.Verdict.ALLOWED, safety.Verdict.CAUTION):
        missing = [stretch for stretch in wanted.values() if stretch.pk not in chosen]
        if not missing:
            break
        candidates = _easiest_to_name(
            safety.with_verdict(circumstances, verdict, Stretch.objects.order_by().select_related("adapted_from")),
            all_muscles,
        )
        for stretch in missing:
            near = [
                candidate
                for muscle, candidate in candidates
                if muscle in muscles_of[stretch.pk] and candidate.pk != stretch.pk
            ]
            if near:
                chosen[stretch.pk] = min(near, key=lambda candidate: _distance(stretch, candidate))
    return chosen


def _muscles_of(stretch_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, set[str]]:
    """The muscles of some stretches, by their short names: one query."""
    through = Stretch.muscles.through.objects.filter(stretch__in=list(stretch_ids))
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    for stretch_id, slug in through.values_list("stretch_id", "muscle__slug"):
        found[stretch_id].add(slug)
    return found


def _distance(stretch: Stretch, candidate: Stretch) -> tuple[int, bool, str, uuid.UUID]:
    """How far a candidate is from a stretch; of two that are equally far the easier one is nearer."""
    harder_by = candidate.difficulty - stretch.difficulty
    return abs(harder_by), harder_by > 0, candidate.name, candidate.pk


def _easiest_to_name(stretches: models.QuerySet[Stretch], muscles: Collection[str]) -> list[tuple[str, Stretch]]:
    """One stretch for each muscle and difficulty, the first by name: as few rows however large the catalogue is.

    Two a group, since the first may be the stretch for which a neighbour is sought.
    """
    place = models.Window(
        RowNumber(), partition_by=[F("muscles__slug"), F("difficulty")], order_by=[F("name").asc(), F("pk").asc()]
    )
    nearest = stretches.filter(muscles__slug__in=muscles).annotate(place=place, muscle=F("muscles__slug"))
    return [(stretch.muscle, stretch) for stretch in nearest.filter(place__lte=2)]

"""Where condition codes stand, for pages that name what is above and below: read whole, in one query."""

from collections import Counter, defaultdict

from stretches.models import Broader, ConditionCode
from stretches.models.condition_code import paths_upward


class Hierarchy:
    """Every edge, with the codes at both ends: a few dozen rows."""

    def __init__(self) -> None:
        rows = Broader.objects.select_related("narrower", "broader").order_by("narrower_id", "-is_main", "id")
        self._above: dict[int, list[int]] = defaultdict(list)
        self._codes: dict[int, ConditionCode] = {}
        for row in rows:
            self._above[row.narrower_id].append(row.broader_id)
            self._codes |= {row.narrower_id: row.narrower, row.broader_id: row.broader}

    def broader_ids(self, code: ConditionCode) -> list[int]:
        """A code's own id and those of all broader ones, along every path, nearest first."""
        return list(paths_upward(code.pk, self._above))

    def directly_above(self, code: ConditionCode) -> list[ConditionCode]:
        """Those of which it is a kind, the main one first."""
        return [self._codes[each] for each in self._above.get(code.pk, ())]

    def directly_below(self, code: ConditionCode) -> list[tuple[ConditionCode, int]]:
        """Its kinds by name, each with how many kinds it has itself."""
        kinds = Counter(each for above in self._above.values() for each in above)
        below = [self._codes[each] for each, above in self._above.items() if code.pk in above]
        return [(each, kinds[each.pk]) for each in sorted(below, key=str)]

    def narrower_by_code(self) -> dict[int, list[ConditionCode]]:
        """For each code's id all narrower ones, along every path, by name."""
        below: dict[int, list[ConditionCode]] = defaultdict(list)
        for code_id in self._above:
            for broader_id in paths_upward(code_id, self._above):
                if broader_id != code_id:
                    below[broader_id].append(self._codes[code_id])
        return {code_id: sorted(codes, key=str) for code_id, codes in below.items()}

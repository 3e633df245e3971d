"""The catalogue as it is held in memory, sorted for a patient by the safety rule's own conditions.

Nothing is decided here: ``safety.Circumstances`` says which contraindications apply and which stretches may be offered,
as conditions that a database understands and ``stretches.matching`` too. What comes out proposes what to show and says
how many there are; of whatever is shown, the tables are asked (``advising.standing``, ``safety.assess``).
"""

from collections.abc import Collection, Mapping

from django.db.models import Q

from prescriptions.safety import Circumstances, Verdict, verdict_of
from stretches.inventory import Inventory, Places
from stretches.matching import fulfils


def by_verdict(circumstances: Circumstances, inventory: Inventory) -> Mapping[Verdict, Places]:
    """Sort what may be offered at all, as ``safety.with_verdict`` finds it: each stretch under its worst issue.

    Once for all of whom the very same is asked, while the catalogue stays as it is.
    """
    asked = circumstances.applicable(), circumstances.offerable()
    return inventory.kept(asked, lambda: _sorted(*asked, circumstances.code_ids, inventory))


def _sorted(applicable: Q, offerable: Q, code_ids: Collection[int], inventory: Inventory) -> Mapping[Verdict, Places]:
    applies, is_offerable = fulfils(applicable), fulfils(offerable)
    left: Places = 0
    for ownership, places in inventory.owned.items():
        if is_offerable(ownership):
            left |= places
    leading: dict[Verdict, Places] = dict.fromkeys(Verdict, 0)
    for code_id in code_ids:  # on any other, none applies
        for kind, places in inventory.kinds.get(code_id, {}).items():
            if applies(kind):
                leading[verdict_of(kind.severity)] |= places
    found = {}
    for verdict in Verdict:  # from worst to best
        found[verdict] = left if verdict is Verdict.ALLOWED else left & leading[verdict]
        left &= ~found[verdict]
    return found

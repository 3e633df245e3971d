"""What keeps each promise of docs/security.md, and what notices that it is gone: ``python -m tests.mutation promises``.

One protection a line: the promise, the words of the code that keep it, what stands there when it is taken out, and the
few tests that have to turn red. Rules about who may see what are taken out by ``python -m tests.mutation access``.
"""

import dataclasses

from tests.clauses import Mutant


@dataclasses.dataclass(frozen=True)
class Protection(Mutant):
    """A mutant of its own database: ``on`` is where its tests run. ``anew``: what a migration makes is another, too."""

    on: str = "sqlite"
    anew: bool = False


def topics() -> dict[str, list[Protection]]:
    """Every protection, by topic."""
    from tests.promises import audit, concurrency, identity, incoming, login, privacy, requests, wall

    modules = (login, identity, incoming, concurrency, audit, privacy, requests, wall)
    return {module.__name__.rpartition(".")[2]: module.PROTECTIONS for module in modules}

"""Who gets what, at every address: ``tests/permissions.csv`` is complete, and every cell of it is true.

Beside the table stand rules that no cell may break, whatever the table says: what is not yours answers as what is not
there, word for word; a refusal writes nothing; who was deactivated is a visitor.
"""

from collections.abc import Iterator

import pytest

from tests.permissions import on_record, statements, table, telling
from tests.permissions.addresses import Address, addresses, body_of, path_of
from tests.permissions.telling import BY_LINK
from tests.permissions.world import (
    LIBRARY,
    MISMATCH,
    MISSING,
    NONE,
    OF_ANOTHER,
    OF_CLINIC,
    OTHER,
    OWN,
    PEOPLE,
    SAME,
    UNREVIEWED,
    Answer,
    World,
    undone,
)

pytestmark = pytest.mark.django_db

ADDRESSES = addresses()
REFUSED = frozenset({"401", "403", "404", "405", "410", "login"})
OPEN = {
    "account_login",
    "account_logout",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_reset_password",
    "account_signup",
}
"""What a refusal here writes is how often somebody tried."""
MAY_SEE = {
    "patient": {OWN},
    "other patient": {SAME},
    "clinician": {OWN, SAME},
    "colleague": {OWN, SAME},
    "clinician elsewhere": {OTHER},
    "clinician of both": {OWN, SAME, OTHER},
}
"""Whose record is whose. All else answers as if it were not there."""
MANAGES = {"admin": {OWN, SAME}, "admin elsewhere": {OTHER}}
"""Whose staff is whose, and who decides about whose erasure, on pages that begin with these words."""


def answers_of(address: Address, world: World) -> dict[table.Key, dict[str, Answer]]:
    """What everybody gets, for every method and object."""
    found: dict[table.Key, dict[str, Answer]] = {}
    for key in table.cells_of(address):
        _, method, what = key
        first = found.get((address.name, method, address.objects[0]))
        if first and table.is_refused(answer.said for answer in first.values()):
            continue
        with undone():
            url, body = path_of(address, world, what), body_of(address, world, what)
            found[key] = {person: world.ask(person, method, url, body) for person in PEOPLE}
    return found


def test_every_address_is_declared_and_nothing_else() -> None:
    declared = {name for name, _, _ in table.read()}

    assert declared - {address.name for address in ADDRESSES} == set(), "no such address any more: take these lines out"
    assert {address.name for address in ADDRESSES} - declared == set(), "run pytest tests/permissions -k NAME for lines"


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_everybody_gets_what_the_table_says(address: Address, world: World) -> None:
    answers = answers_of(address, world)
    got = {key: tuple(answer.said for answer in row.values()) for key, row in answers.items()}
    declared = {key: cells for key, cells in table.read().items() if key[0] == address.name}

    wrong = [
        f"{' '.join(key[1:])}, {person}: {is_now} instead of {expected}"
        for key, cells in declared.items()
        for person, is_now, expected in zip(PEOPLE, got.get(key, ()), cells, strict=False)
        if is_now != expected
    ]

    lines = "\n".join(table.lines_of(address, got))
    assert not wrong, f"{address.name}\n" + "\n".join(wrong) + f"\n\nAs it is now, if that is right:\n{lines}"
    assert set(declared) == set(got), f"Put into tests/permissions.csv what is right of this, as it is now:\n{lines}"
    assert list(breaches(address, answers)) == []
    assert list(telling.faults(address, answers)) == [], "nobody reads what belongs to somebody else"
    assert list(on_record.faults(address, answers, world)) == [], "what is shown of a patient goes on record, once"
    assert list(statements.faults(address, answers)) == []


def breaches(address: Address, answers: dict[table.Key, dict[str, Answer]]) -> Iterator[str]:
    """What no table may allow."""
    for (_, method, what), row in answers.items():
        nothing = answers.get((address.name, method, MISSING), {})
        for person, answer in row.items():
            where = f"{method} {what}, {person}"
            if answer.said.startswith("5"):
                yield f"{where}: an error of the server"
            if answer.said in REFUSED and answer.wrote and address.name not in OPEN:
                yield f"{where}: refused, and yet it wrote {', '.join(sorted(answer.wrote))}"
            if person == "deactivated" and answer.said != row["visitor"].said:
                yield f"{where}: {answer.said}, and a visitor gets {row['visitor'].said}"
            theirs = MANAGES if address.route.startswith(("staff/", "erasures/")) else MAY_SEE
            is_strangers = what in {OWN, SAME, OTHER} and what not in theirs.get(person, set())
            if is_strangers and nothing and address.name not in BY_LINK and answer.said != nothing[person].said:
                yield f"{where}: {answer.said}, and {nothing[person].said} where there is nothing"
            if nothing and answer.said == nothing[person].said == "404" and answer.body != nothing[person].body:
                yield f"{where}: not the same words as where there is nothing"
            if what == MISMATCH and answer.said == "200" != nothing[person].said:
                yield f"{where}: two ids that do not belong together"


def test_a_breach_is_noticed() -> None:
    address = Address("a page", "patients/<uuid:pk>/", "", "", ("pk",))
    visitor, here = Answer("login", b"", frozenset()), Answer("200", b"Ada", frozenset())
    gone, other = Answer("404", b"not here", frozenset()), Answer("404", b"not yours", frozenset({"patients_patient"}))
    row = {"visitor": visitor, "clinician elsewhere": gone, "patient": gone, "deactivated": visitor}
    worse = row | {"patient": other, "clinician elsewhere": here, "deactivated": here}

    found = list(breaches(address, {("a page", "GET", MISSING): row, ("a page", "GET", SAME): worse}))

    assert found == [
        "GET same clinic, clinician elsewhere: 200, and 404 where there is nothing",
        "GET same clinic, patient: refused, and yet it wrote patients_patient",
        "GET same clinic, patient: not the same words as where there is nothing",
        "GET same clinic, deactivated: 200, and a visitor gets login",
        "GET same clinic, deactivated: 200, and login where there is nothing",
    ]


def test_words_of_somebody_else_are_noticed() -> None:
    page, erasures = Address("a page", "patients/", "", "", ()), Address("some", "erasures/", "", "", ())
    row = {
        person: Answer("200", b"Riverside, Quillon", frozenset())
        for person in ("patient", "other patient", "clinician", "clinician elsewhere", "admin", "library admin")
    }

    assert list(telling.faults(page, {("a page", "GET", NONE): row})) == [
        "GET -, other patient: tells of Quillon",
        "GET -, clinician elsewhere: tells of Quillon",
        "GET -, admin: tells of Quillon",
        "GET -, library admin: tells of Quillon",
    ]
    assert "GET -, admin: tells of Quillon" not in telling.faults(erasures, {("some", "GET", NONE): row})


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_are_no_way_around(world: World, method: str) -> None:
    """PUT stands for the unknown ones in the table; HEAD is GET where it is known, and OPTIONS is not."""
    wrong = []
    for address in ADDRESSES:
        if address.is_of_admin or address.name.startswith(("account_", "mfa_")):
            continue
        what = OTHER if OTHER in address.objects else address.objects[0]
        url = path_of(address, world, what)
        like = {world.ask("clinician", "GET", url).said, "405"} if method == "HEAD" else {"405"}
        if (said := world.ask("clinician", method, url).said) not in like:
            wrong.append(f"{address.name}: {said} instead of {' or '.join(like)}")

    assert wrong == []


def test_the_kinds_of_object_are_those_of_the_table() -> None:
    kinds = {what for _, _, what in table.read()}

    assert kinds == {OWN, SAME, OTHER, MISSING, MISMATCH, LIBRARY, UNREVIEWED, OF_CLINIC, OF_ANOTHER, NONE}

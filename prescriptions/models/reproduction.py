"""A permissibility report made again from today's data, and what differs: pure functions over two documents."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Difference:
    """One thing that is not as it was; ``before`` or ``now`` is empty where it was not, or is no longer."""

    subject: str
    before: str
    now: str


@dataclasses.dataclass(frozen=True)
class Reproduction:
    """Whether the verdicts are the same, and all that differs."""

    on: str
    verdicts: tuple[Difference, ...]
    reasons: tuple[Difference, ...]
    conditions: tuple[Difference, ...]
    catalogue: Difference | None

    @property
    def has_same_verdicts(self) -> bool:
        """Whether every stretch has the verdict that it had."""
        return not self.verdicts

    @property
    def differs(self) -> bool:
        """Whether anything at all is not as it was."""
        return bool(self.verdicts or self.reasons or self.conditions or self.catalogue)


def reproduce(before: Mapping[str, Any], now: Mapping[str, Any]) -> Reproduction:
    """Compare a stored document with one that was made just now, stretch by stretch."""
    has_ids = all("stretch_id" in each for each in before["stretches"])
    name = "stretch_id" if has_ids else "stretch"
    versions = [f"{each['catalogue']['version']} ({each['catalogue']['release']})" for each in (before, now)]
    return Reproduction(
        on=now["on"],
        verdicts=tuple(_differences(_verdicts(before, name), _verdicts(now, name))),
        reasons=tuple(_differences(_reasons(before, name), _reasons(now, name))),
        conditions=tuple(_differences(_conditions(before), _conditions(now))),
        catalogue=Difference("Catalogue", *versions) if versions[0] != versions[1] else None,
    )


def _differences(before: Mapping[Any, tuple[str, str]], now: Mapping[Any, tuple[str, str]]) -> Iterator[Difference]:
    for key in {**before, **now}:
        subject, was = before.get(key, (now.get(key, ("", ""))[0], ""))
        is_now = now.get(key, ("", ""))[1]
        if was != is_now:
            yield Difference(subject, was, is_now)


def _verdicts(document: Mapping[str, Any], name: str) -> dict[Any, tuple[str, str]]:
    return {each[name]: (each["name"], each["verdict"]) for each in document["stretches"]}


def _reasons(document: Mapping[str, Any], name: str) -> dict[Any, tuple[str, str]]:
    """Each reason of each stretch: what it says, how severe, in which window, and whether an override is in force."""
    return {
        (each[name], issue["contraindication_id"], issue["condition"], *issue["path"]): (
            each["name"],
            " · ".join(
                part
                for part in (
                    issue["rationale"],
                    issue["severity"],
                    issue["window"],
                    "no date" if issue["is_date_missing"] else "",
                    "overridden" if issue["is_overridden"] else "",
                )
                if part
            ),
        )
        for each in document["stretches"]
        for issue in each["issues"]
    }


def _conditions(document: Mapping[str, Any]) -> dict[Any, tuple[str, str]]:
    return {
        each["id"]: (
            each["name"],
            ", ".join((each["clinical_status"], each["verification_status"], each["anchor_on"] or "no date")),
        )
        for each in document["conditions"]
    }

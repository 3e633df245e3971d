"""What a patient reads of the catalogue, in the patient's language.

Asked for a language, it answers with the text in that language, else with the English one for patients, else with the
catalogue's own words. A text counts only while it stands for the words that the catalogue has now: what an admin
rewrote is shown as rewritten, never in a translation of what it said before.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Protocol

from django.utils.translation import get_language

from stretches.models import (
    CatalogueText,
    Contraindication,
    RedFlagAction,
    RedFlagQuestion,
    Severity,
    Stretch,
    TimingRule,
)
from stretches.models.text import digest_of_words

Kind = CatalogueText.Kind
Original = tuple[str, str, str]
"""Kind, key and words of something in the catalogue that patients read."""


class Told(Protocol):
    """What a red flag's tier tells to do: the catalogue's action, or what somebody was told by it at the time."""

    tier: str
    message: str


BASE_LANGUAGE = "en"
"""Read by who speaks a language that there is no text in."""


@dataclasses.dataclass(frozen=True)
class StretchWords:
    """A stretch as a patient reads it; ``picture`` says what its picture shows."""

    name: str
    purpose: str
    steps: tuple[str, ...]
    stop_rules: tuple[str, ...]
    picture: str


@dataclasses.dataclass(frozen=True)
class Wording:
    """Texts in the order in which languages are preferred, for what was asked for and nothing else."""

    texts: dict[tuple[str, str], list[tuple[str, str]]]

    def of(self, kind: Kind, key: str, original: str, *, otherwise: str | None = None) -> str:
        """The text that stands for these words, else the words themselves, or what is given in their place."""
        digest = digest_of_words(original)
        for text, original_digest in self.texts.get((kind.value, key), ()):
            if original_digest == digest:
                return text
        return original if otherwise is None else otherwise

    def stretch(self, stretch: Stretch) -> StretchWords:
        """Everything that is said of a stretch."""
        said = {kind: self.of(Kind(kind), key, original) for kind, key, original in _of_stretch(stretch)}
        name, purpose = said[Kind.STRETCH_NAME.value], said[Kind.STRETCH_PURPOSE.value]
        picture = self.of(Kind.STRETCH_PICTURE, stretch.slug, stretch.steps, otherwise=f"{name}: {purpose}")
        return StretchWords(
            name=name,
            purpose=purpose,
            steps=_lines(said[Kind.STRETCH_STEPS.value]),
            stop_rules=_lines(said[Kind.STRETCH_STOP_RULES.value]),
            picture=picture,
        )

    def rationale(self, original: str) -> str:
        """The advice that a precaution brings."""
        return self.of(Kind.RATIONALE, digest_of_words(original), original)

    def timing_advice(self, original: str) -> str:
        """Advice on the time of day."""
        return self.of(Kind.TIMING_ADVICE, digest_of_words(original), original)

    def question(self, question: RedFlagQuestion) -> str:
        """A red-flag question."""
        return self.of(Kind.RED_FLAG_QUESTION, question.slug, question.question)

    def action(self, action: Told) -> str:
        """What a red flag's tier tells to do; in English word for word as in the catalogue."""
        return self.of(Kind.RED_FLAG_ACTION, action.tier, action.message)


def wording_for(
    stretches: Collection[Stretch] = (),
    *,
    rationales: Collection[str] = (),
    timing_advice: Collection[str] = (),
    questions: Collection[RedFlagQuestion] = (),
    actions: Iterable[Told] = (),
    language: str | None = None,
) -> Wording:
    """Read all the texts that a page needs, in one query; without ``language``, in the one that is active."""
    slugs = {stretch.slug for stretch in stretches}
    keys: dict[str, set[str]] = {kind.value: slugs for kind in Kind if kind.value.startswith("stretch-")}
    keys[Kind.RATIONALE] = {digest_of_words(words) for words in rationales}
    keys[Kind.TIMING_ADVICE] = {digest_of_words(words) for words in timing_advice}
    keys[Kind.RED_FLAG_QUESTION] = {question.slug for question in questions}
    keys[Kind.RED_FLAG_ACTION] = {action.tier for action in actions}
    wanted = [(kind, found) for kind, found in keys.items() if found]
    if not wanted:
        return Wording({})
    preferred = languages_for(language or get_language() or BASE_LANGUAGE)
    rows = CatalogueText.objects.filter(language__in=preferred).of(wanted).order_by()
    found: dict[tuple[str, str], dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in rows.values_list("kind", "key", "language", "text", "original_digest"):
        found[row[0], row[1]][row[2]] = row[3:]
    return Wording({of: [texts[each] for each in preferred if each in texts] for of, texts in found.items()})


def languages_for(language: str) -> list[str]:
    """The languages to look for, best first: ``es-mx`` is followed by ``es``, and all by English."""
    parts = language.lower().split("-")
    narrower_first = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return list(dict.fromkeys([*narrower_first, BASE_LANGUAGE]))


# What there is to put into words --------------------------------------------------------------------------------------
def originals() -> Iterator[Original]:
    """Everything in the library that a patient may come to read, as it stands now."""
    for stretch in Stretch.objects.of_library().order_by("slug"):
        yield from _of_stretch(stretch)
        yield Kind.STRETCH_PICTURE.value, stretch.slug, stretch.steps
    precautions = Contraindication.objects.of_library().filter(severity=Severity.PRECAUTION).order_by("rationale")
    yield from _nameless(Kind.RATIONALE, precautions.values_list("rationale", flat=True).distinct())
    yield from _nameless(Kind.TIMING_ADVICE, TimingRule.objects.order_by("id").values_list("advice", flat=True))
    for question in RedFlagQuestion.objects.all():
        yield Kind.RED_FLAG_QUESTION.value, question.slug, question.question
    for action in RedFlagAction.objects.all():
        yield Kind.RED_FLAG_ACTION.value, action.tier, action.message


def original_of(row: CatalogueText) -> str | None:
    """The words of the catalogue that a text stands for, as they are now; ``None`` if there are none any more."""
    return next((words for kind, key, words in originals() if (kind, key) == (row.kind, row.key)), None)


def outdated() -> list[CatalogueText]:
    """Texts that are shown to nobody, because what they stand for has changed or is gone."""
    known = {(kind, key): digest_of_words(words) for kind, key, words in originals()}
    return [row for row in CatalogueText.objects.all() if known.get((row.kind, row.key)) != row.original_digest]


def missing(language: str) -> list[Original]:
    """What a patient who reads this language would be shown in other words than the language's own."""
    rows = CatalogueText.objects.filter(language=language).values_list("kind", "key", "original_digest")
    known = set(rows)
    return [each for each in originals() if (each[0], each[1], digest_of_words(each[2])) not in known]


def _of_stretch(stretch: Stretch) -> Iterator[Original]:
    yield Kind.STRETCH_NAME.value, stretch.slug, stretch.name
    yield Kind.STRETCH_PURPOSE.value, stretch.slug, stretch.purpose
    yield Kind.STRETCH_STEPS.value, stretch.slug, stretch.steps
    yield Kind.STRETCH_STOP_RULES.value, stretch.slug, stretch.stop_rules


def _nameless(kind: Kind, words: Iterable[str]) -> Iterator[Original]:
    yield from ((kind.value, digest_of_words(each), each) for each in words)


def _lines(words: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in words.splitlines() if line.strip())

"""Which stretches and condition codes are meant by what was typed: the one rule, for catalogue, builder and templates.

Every word has to occur, give or take a slip of the hand (``spelling``). A word of a stretch may stand in its name, also
as patients read it, in its position, or in the name of one of its muscles or movements; one of a condition in its name,
a synonym or an ICD-10-CM code.
"""

from collections.abc import Collection, Iterable, Iterator

from django.db.models import Q, QuerySet

from stretches.models import CatalogueRelease, CatalogueText, ConditionCode, Movement, Muscle, Position, Stretch
from stretches.spelling import KeptVocabulary

EVERYDAY_WORDS = {
    "abs": ("abdominals",),
    "buttock": ("glute", "piriformis"),
    "buttocks": ("glute", "piriformis"),
    "calf": ("gastrocnemius", "soleus", "plantarflexors"),
    "calves": ("gastrocnemius", "soleus", "plantarflexors"),
    "chest": ("pectoral",),
    "glutes": ("glute",),
    "groin": ("adductor",),
    "itb": ("tensor fasciae latae",),
    "lats": ("latissimus",),
    "pecs": ("pectoral",),
    "prone": ("on the front",),
    "quads": ("quadriceps", "rectus femoris"),
    "supine": ("on the back",),
    "tfl": ("tensor fasciae latae",),
    "traps": ("trapezius",),
}
"""What people type, and the words of the catalogue that are meant besides. They only find: they decide nothing."""


def stretches_meant_by(words: str) -> Q:
    """A condition that stretches fulfil in which every word occurs: one query, for what there is to spell."""
    meant = Q()
    for ways in _ways(words, _OF_STRETCHES):
        positions = [value for value, label in Position.choices if any(way in label.lower() for way in ways)]
        named = _any_contains("name", ways)
        of_muscles = Stretch.muscles.through.objects.filter(muscle__in=Muscle.objects.order_by().filter(named))
        of_movements = Stretch.movements.through.objects.filter(movement__in=Movement.objects.order_by().filter(named))
        told = _names_for_patients().filter(_any_contains("text", ways))
        meant &= (
            named
            | Q(position__in=positions)
            | Q(pk__in=of_muscles.values("stretch"))
            | Q(pk__in=of_movements.values("stretch"))
            | Q(slug__in=told.values("key"))
        )
    return meant


def condition_codes_meant_by(words: str) -> Q:
    """A condition that condition codes fulfil in which every word occurs: one query, for what there is to spell."""
    meant = Q()
    for ways in _ways(words, _OF_CONDITION_CODES):
        meant &= _any_contains("name", ways) | _any_contains("synonyms", ways) | _any_contains("icd10cm", ways)
    return meant


def _ways(words: str, kept: KeptVocabulary) -> Iterator[Collection[str]]:
    """For each word, everything that it may stand for."""
    if typed := dict.fromkeys(words.lower().split()):
        vocabulary = kept.of(CatalogueRelease.current_mark())
        for word in typed:
            yield dict.fromkeys([*vocabulary.spellings(word), *EVERYDAY_WORDS.get(word, ())])


def _any_contains(field: str, ways: Iterable[str]) -> Q:
    found = Q()
    for way in ways:
        found |= Q(**{f"{field}__icontains": way})
    return found


def _names_for_patients() -> QuerySet[CatalogueText]:
    return CatalogueText.objects.order_by().filter(kind=CatalogueText.Kind.STRETCH_NAME)


# What there is to spell. Which words occur anywhere is nobody's secret; which rows are shown is asked apart. ----------
def _words_of_stretches() -> Iterator[str]:
    yield from EVERYDAY_WORDS
    yield from (str(label) for label in Position.labels)
    named = [model.objects.order_by().values_list("name", flat=True) for model in (Muscle, Movement)]
    told = _names_for_patients().values_list("text", flat=True)
    yield from Stretch.objects.order_by().values_list("name", flat=True).union(*named, told, all=True)


def _words_of_condition_codes() -> Iterator[str]:
    for row in ConditionCode.objects.order_by().values_list("name", "synonyms", "icd10cm"):
        yield from row


_OF_STRETCHES, _OF_CONDITION_CODES = KeptVocabulary(_words_of_stretches), KeptVocabulary(_words_of_condition_codes)

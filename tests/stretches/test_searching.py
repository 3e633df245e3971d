"""Finding by what is typed, slips of the hand included."""

import pytest

from stretches.models import CatalogueRelease, CatalogueText, ConditionCode, Movement, Stretch
from stretches.models.text import digest_of_words
from stretches.spelling import KeptVocabulary, Vocabulary
from tests.factories import TODAY, ConditionCodeFactory, StretchFactory

TEXTS = ["Towel Hamstring Stretch", "Child's Pose", "gastrocnemius", "soleus", "piriformis", "hip adductors", "calf"]


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("hamstring", []),  # as it is spelled
        ("Hamstr", []),  # a beginning
        ("string", []),  # any part
        ("hamstirng", ["hamstring"]),  # two letters swapped
        ("hamstrng", ["hamstring"]),  # one missing
        ("hammstring", ["hamstring"]),  # one too many
        ("hamstirn", ["hamstrin"]),  # and not finished
        ("gastrocnimeus", ["gastrocnemius"]),  # two slips in a long word
        ("peroformis", ["piriformis"]),
        ("soelus", ["soleus"]),
        ("sleous", []),  # two in a short one
        ("half", ["calf"]),
        ("clf", []),  # too short to tell
        ("zorro", []),
        ("2020", []),
        ("%", []),
        ("", []),
    ],
)
def test_spellings(typed, spelled):
    assert list(Vocabulary(TEXTS).spellings(typed)) == [typed.lower(), *spelled]


def test_a_vocabulary_is_read_once_for_each_version():
    words = iter(["soleus", "piriformis"])
    kept = KeptVocabulary(lambda: [next(words)])

    vocabularies = [kept.of(version) for version in (1, 1, 2, 2)]

    assert [each.spellings("piriformsi") for each in vocabularies[1:3]] == [
        ("piriformsi",),
        ("piriformsi", "piriformis"),
    ]
    assert vocabularies[0] is vocabularies[1]


def test_a_vocabulary_of_a_catalogue_without_version_is_never_kept():
    kept = KeptVocabulary(lambda: ["soleus"])

    assert kept.of(None) is not kept.of(None)


@pytest.fixture
def towel(db):
    towel = StretchFactory(name="Towel one", muscles=["hamstrings"], position="prone")
    towel.movements.add(Movement.objects.create(slug="pelvic-tilt", name="Pelvic tilt"))
    original = digest_of_words(towel.name)
    told = {"language": "es", "kind": "stretch-name", "key": towel.slug, "original_digest": original}
    CatalogueText.objects.create(text="Estiramiento con toalla", **told)
    StretchFactory(name="Calf one", muscles=["gastrocnemius"], position="standing")
    return towel


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Calf one", "Towel one"]),
        ("  ", ["Calf one", "Towel one"]),
        ("towel", ["Towel one"]),
        ("TWOEL", ["Towel one"]),
        ("hamstirng", ["Towel one"]),
        ("hamstirng calf", []),
        ("one hamstirng", ["Towel one"]),
        ("gastrocnimius", ["Calf one"]),
        ("pelvic", ["Towel one"]),
        ("tilt pelivc", ["Towel one"]),
        ("toalla", ["Towel one"]),
        ("lying", ["Towel one"]),
        ("prone", ["Towel one"]),
        ("calves", ["Calf one"]),
        ("zorro", []),
        ("%", []),
        ("_", []),
    ],
)
def test_stretches_are_found_by_every_word_give_or_take_a_slip(towel, words, found):
    assert sorted(Stretch.objects.matching(words).values_list("name", flat=True)) == found


def test_a_search_never_finds_less_than_what_was_typed_although_the_words_are_behind(towel):
    CatalogueRelease.objects.create(version="1", as_of=TODAY, status="", reason="")
    assert list(Stretch.objects.matching("quadrant")) == []  # the words are kept from now on

    late = StretchFactory(name="Quadrant one")

    assert list(Stretch.objects.matching("quadrant")) == [late]
    assert list(Stretch.objects.matching("qadrant")) == []
    CatalogueRelease.objects.create(version="2", as_of=TODAY, status="", reason="")
    assert list(Stretch.objects.matching("qadrant")) == [late]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("herniation", ["Lumbar disc herniation"]),
        ("slipped", ["Lumbar disc herniation"]),
        ("sliped disk", ["Lumbar disc herniation"]),
        ("sliped hip", []),  # each word has to occur
        ("sliped disc", ["Lumbar disc herniation"]),
        ("m51", ["Lumbar disc herniation"]),
        ("M51.26", ["Lumbar disc herniation"]),
        ("m15", []),  # codes are no words: another one is another condition
        ("coxarthosis", ["Hip osteoarthritis"]),
    ],
)
def test_condition_codes_are_found_by_name_synonym_or_code(db, words, found):
    ConditionCodeFactory(name="Lumbar disc herniation", synonyms="slipped disc\nprolapse", icd10cm="M51.26")
    ConditionCodeFactory(name="Hip osteoarthritis", synonyms="coxarthrosis", icd10cm="M16.9")

    assert list(ConditionCode.objects.matching(words).values_list("name", flat=True)) == found

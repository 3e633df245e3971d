"""Finding by what is typed, slips of the hand included."""

from itertools import count

import pytest
from django.test import Client

from accounts.models import User
from stretches.keeping import Kept
from stretches.models import CatalogueRelease, CatalogueText, ConditionCode, Movement, Stretch
from stretches.models.text import digest_of_words
from stretches.spelling import Vocabulary
from tests.factories import TODAY, ClinicianFactory, ConditionCodeFactory, StretchFactory

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
        ("claf", []),  # too short to tell
        ("half", []),
        ("clf", []),
        ("aductor", ["adductors", "adducto"]),
        ("abductor", []),  # the opposite
        ("abducters", []),
        ("abduction", []),
        ("adduction", []),  # what the muscle does, and not what stretches it
        ("zorro", []),
        ("2020", []),
        ("%", []),
        ("", []),
    ],
)
def test_spellings(typed, spelled):
    assert list(Vocabulary(TEXTS).spellings(typed)) == [typed.lower(), *spelled]


def test_answers_are_read_once_for_each_version_and_question():
    numbers = count()
    kept: Kept[int] = Kept(2)

    answers = [kept.of(version, asked, lambda: next(numbers)) for version, asked in [(1, "a"), (1, "b"), (1, "a")]]

    assert answers == [0, 1, 0]
    assert kept.of(2, "a", lambda: next(numbers)) == 2  # another version: nothing of the one before
    assert kept.of(2, "b", lambda: next(numbers)) == 3
    assert kept.of(2, "c", lambda: next(numbers)) == 4  # one more than are kept: the oldest is forgotten
    assert kept.of(2, "a", lambda: next(numbers)) == 5


def test_what_has_no_version_is_never_kept():
    numbers = count()
    kept: Kept[int] = Kept()

    assert kept.of(None, "a", lambda: next(numbers)) != kept.of(None, "a", lambda: next(numbers))


def test_what_was_read_of_an_older_version_is_not_the_newer_ones():
    kept: Kept[str] = Kept()

    older = kept.of(1, "a", lambda: kept.of(2, "a", lambda: "newer") and "older")

    assert older == "older"
    assert kept.of(2, "a", lambda: "read again") == "newer"


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
        ("calf", ["Calf one"]),
        ("cal", ["Calf one"]),
        ("alf", []),  # short words occur where a word begins
        ("calx", []),  # and are no slips
        ("%", []),
        ("_", []),
        (".", []),
        ("(", []),
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


def test_a_slip_in_an_own_name_is_understood_whoever_asked_before(db):
    here, there = ClinicianFactory(), ClinicianFactory()
    StretchFactory(name="Zephyr one", clinic=here.memberships.get().clinic)
    CatalogueRelease.objects.create(version="1", as_of=TODAY, status="", reason="")

    def is_found_by(user: User) -> bool:
        client = Client()
        client.force_login(user)
        return "Zephyr one" in client.get("/stretches/", {"q": "zehpyr"}).content.decode()

    assert not is_found_by(there)
    assert is_found_by(here)


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
        ("mx5", []),
        ("arth", []),  # a short word occurs where a word begins
    ],
)
def test_condition_codes_are_found_by_name_synonym_or_code(db, words, found):
    ConditionCodeFactory(name="Lumbar disc herniation", synonyms="slipped disc\nprolapse", icd10cm="M51.26")
    ConditionCodeFactory(name="Hip osteoarthritis", synonyms="coxarthrosis", icd10cm="M16.9")

    assert list(ConditionCode.objects.matching(words).values_list("name", flat=True)) == found

"""What people call a condition or a stretch finds it in the catalogue that comes with Limber, and nothing else."""

import pytest

from stretches.inventory import Inventory
from stretches.models import CatalogueRelease, ConditionCode, Stretch
from stretches.searching import condition_codes_meant_by, stretches_meant_by
from tests.factories import TODAY, SourceFactory, StretchFactory
from tests.stretches.catalogues import shipped

HIPS = ["total-hip-arthroplasty", "tha-anterior-approach", "tha-posterior-approach"]
THROMBOSES = ["deep-vein-thrombosis", "dvt-anticoagulated"]

CONDITIONS = {
    "hip replacement": HIPS,
    "hip prosthesis": HIPS[:1],
    "posterior THR": HIPS[2:],
    "THA": HIPS,
    "THR": [*HIPS, *THROMBOSES],  # it begins “thrombosis”, too; but first what is called so
    "replacement": [*HIPS, "total-knee-arthroplasty"],
    "knee replacement": ["total-knee-arthroplasty"],
    "TKR": ["total-knee-arthroplasty"],
    "tka": ["total-knee-arthroplasty"],
    "DVT": THROMBOSES,
    "blood clot": THROMBOSES,
    "frozen shoulder": ["adhesive-capsulitis"],
    "tennis elbow": ["lateral-epicondylalgia"],
    "whiplash": ["whiplash-acute"],
    "BPPV": ["bppv"],
    "GORD": ["reflux-hiatus-hernia"],
    "GERD": ["reflux-hiatus-hernia"],
    "heart attack": ["unstable-cardiac-disease"],
    "high blood pressure": ["hypertension", "uncontrolled-hypertension"],
    "broken ankle": ["lower-limb-fracture-recent"],
    "slipped disc in the neck": [
        "cervical-disc-herniation-with-radiculopathy",
        "cervical-disc-herniation-without-radiculopathy",
    ],
    "hypotension": ["orthostatic-hypotension"],
    # Slips of the hand
    "sciatca": ["sciatica"],
    "osteoperosis": ["osteoporosis"],
    "frozen shuolder": ["adhesive-capsulitis"],
}
UNKNOWN = ["stroke", "COPD", "MS", "diabetes", "asthma", "pacemaker", "hypomobility", "abductor"]

ITB = ["standing-itb-cross-leg-stretch"]
STRETCHES = {
    "hamstirng towel": ["towel-hamstring-stretch"],
    "IT band": ITB,
    "iliotibial band": ITB,
    "itb": ITB,
    "adductor": ["butterfly-adductor-stretch"],
    "adducter": ["butterfly-adductor-stretch"],
    "abductor": [],
    "abductors": [],
    "ms": [],
    "wirst flexor": ["wrist-flexor-stretch"],
    "wrist extensor": ["wrist-extensor-stretch"],
}


@pytest.fixture
def codes(db):
    source = SourceFactory()
    rows = [
        ConditionCode(slug=row["slug"], name=row["name"], synonyms="\n".join(row["synonyms"]), source=source)
        for row in shipped()["conditions"]
    ]
    ConditionCode.objects.bulk_create(rows)
    CatalogueRelease.objects.create(version="1", as_of=TODAY, status="", reason="")  # the words are read once


@pytest.fixture
def stretches(db):
    for row in shipped()["stretches"]:
        StretchFactory(slug=row["slug"], name=row["name"], muscles=row["target_muscles"], position=row["position"])


def test_conditions_are_found_by_what_people_call_them(codes):
    found = {words: list(ConditionCode.objects.matching(words).values_list("slug", flat=True)) for words in CONDITIONS}

    assert found == CONDITIONS


def test_what_limber_does_not_know_is_not_found_as_something_else(codes):
    assert [words for words in UNKNOWN if ConditionCode.objects.matching(words).exists()] == []


def test_every_name_of_a_condition_finds_it_and_is_no_guess(codes):
    missed = {}
    for code in ConditionCode.objects.all():
        for name in (code.name, *code.synonym_list):
            meant = condition_codes_meant_by(name)
            if meant.guessed or code not in ConditionCode.objects.meant(meant):
                missed[code.slug] = name

    assert missed == {}


def test_no_two_conditions_have_the_same_name():
    names = [name.lower() for row in shipped()["conditions"] for name in (row["name"], *row["synonyms"])]

    assert {name for name in names if names.count(name) > 1} == set()


def test_stretches_are_found_by_what_people_call_them_in_the_tables_and_in_memory(stretches):
    inventory = Inventory(None)

    found = {words: list(Stretch.objects.matching(words).values_list("slug", flat=True)) for words in STRETCHES}
    held = {words: inventory.ids_of(inventory.meant_by(words), 0, 99) for words in STRETCHES}

    assert found == STRETCHES
    assert held == {words: list(Stretch.objects.matching(words).values_list("pk", flat=True)) for words in STRETCHES}


def test_what_is_only_spelled_alike_is_told_apart(stretches):
    certain = ["hamstring", "hamstr", "calves", "it band", "ms", "abductor", "zorro", ""]
    guessed: dict[str, tuple[str, ...]] = {"hamstirng towel": ("hamstirng",)}
    guessed |= dict.fromkeys(certain, ())
    inventory = Inventory(None)

    assert {words: stretches_meant_by(words).guessed for words in guessed} == guessed
    assert {words: inventory.guessed(words) for words in guessed} == guessed

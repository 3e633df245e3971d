"""The files of languages: complete, true to the catalogue, and in English plain enough for an eleven-year-old."""

import json
import re

import pytest

from stretches.catalogue.reading import BadCatalogueError
from stretches.catalogue.texts import FOLDER, read_texts
from tests.reading_level import grade, syllables
from tests.stretches.catalogues import shipped

LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.json"))
CATALOGUE = shipped()
TEXTS = read_texts()
ENGLISH = TEXTS["en"]

HARDEST_STRETCH = 5.0
HARDEST_TEXT = 7.0
"""School years; an eleven-year-old is in grade 5 to 6. Short texts swing more than long ones, so they may have more."""

WORD_FOR_WORD = {
    # What is asked and said about a red flag is the catalogue's, word for word: its meaning was weighed by clinicians.
    *("rf-bladder", "rf-hand", "rf-legs", "rf-neuro", "rf-saddle", "same_day"),
}


def pairs(texts):
    """Every text of a language with a name for it and the catalogue's own words."""
    for slug, row in texts["stretches"].items():
        for name in ("name", "purpose"):
            yield f"{slug} {name}", row[name]["original"], row[name]["text"]
        for name in ("steps", "stop_if"):
            for place, line in enumerate(row[name]):
                yield f"{slug} {name} {place}", line["original"], line["text"]
    for kind in ("rationales", "timing_advice"):
        for row in texts[kind]:
            yield row["original"], row["original"], row["text"]
    for kind in ("red_flag_questions", "red_flag_actions"):
        for key, row in texts[kind].items():
            yield key, row["original"], row["text"]


def originals_of_catalogue():
    for row in CATALOGUE["stretches"]:
        for name in ("name", "purpose"):
            yield f"{row['slug']} {name}", row[name]
        for name in ("steps", "stop_if"):
            yield from ((f"{row['slug']} {name} {place}", line) for place, line in enumerate(row[name]))
    yield from ((row["rationale"],) * 2 for row in CATALOGUE["contraindications"] if row["severity"] == "precaution")
    yield from ((row["advice"],) * 2 for row in CATALOGUE["meta"]["timing_rules"])
    yield from ((row["id"], row["question"]) for row in CATALOGUE["meta"]["red_flag_screen"])
    yield from (each for each in CATALOGUE["meta"]["red_flag_actions"].items() if each[0] != "note")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_and_no_other(language):
    told = {(key, original) for key, original, _ in pairs(TEXTS[language])}

    assert told == set(originals_of_catalogue())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_what_every_picture_shows(language):
    said = [row["picture"] for row in TEXTS[language]["stretches"].values()]

    assert len(set(said)) == len(CATALOGUE["stretches"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_words_are_put_the_same_way(language):
    said: dict[str, set[str]] = {}
    for key, original, text in pairs(TEXTS[language]):
        if " stop_if " in key:
            said.setdefault(original, set()).add(text)

    assert [texts for texts in said.values() if len(texts) > 1] == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_translation_is_one(language):
    left = {key for key, original, text in pairs(TEXTS[language]) if original == text}
    english = {text for _, _, text in pairs(ENGLISH)}
    copied = {key for key, _, text in pairs(TEXTS[language]) if text in english}

    assert left | copied == set()


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_numbers_of_the_catalogue_stay(language):
    faults = [
        key
        for (key, _, english), (_, _, text) in zip(pairs(ENGLISH), pairs(TEXTS[language]), strict=True)
        if re.findall(r"\d+", english) != re.findall(r"\d+", text)
    ]

    assert faults == []


@pytest.mark.parametrize("kind", ["red_flag_questions", "red_flag_actions"])
def test_what_is_said_about_red_flags_is_the_catalogues_word_for_word(kind):
    assert [key for key, row in ENGLISH[kind].items() if row["text"] != row["original"]] == []


def test_english_is_plain():
    stretches = {
        slug: grade("\n".join([row["purpose"]["text"], *(line["text"] for line in row["steps"])]))
        for slug, row in ENGLISH["stretches"].items()
    }
    others = {key: grade(text) for key, _, text in pairs(ENGLISH) if key.partition(" ")[0] not in stretches}

    assert {slug: level for slug, level in stretches.items() if level > HARDEST_STRETCH} == {}
    assert {key for key, level in others.items() if level > HARDEST_TEXT} == WORD_FOR_WORD


def test_english_has_none_of_the_words_of_clinicians():
    jargon = re.compile(
        r"(?i)\b(mpa|mmhg|flexion|extension|lumbar|thoracic|cervical|supine|prone|proximal|insertional|irritab|periph"
        r"eralis|centralis|impinge|orthosta|venous|systolic|adductor|abductor|quadriceps|gastrocnemius|soleus|range)"
    )

    assert [text for _, _, text in pairs(ENGLISH) if jargon.search(text)] == []


@pytest.mark.parametrize(
    ("word", "count"),
    [("stretch", 1), ("stretches", 2), ("moves", 1), ("tingles", 2), ("lower", 2), ("operation", 4), ("needed", 2)],
)
def test_syllables_are_counted(word, count):
    assert syllables(word) == count


def test_clinicians_words_are_harder():
    hard = "End-range hip extension or rotation can carry the lumbar spine into extension or shear."

    assert grade("Sit on a chair. Lift one leg.") < HARDEST_STRETCH < HARDEST_TEXT < grade(hard)


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("es.json", lambda texts: texts.pop("rationales"), "es.json: rationales: is missing"),
        (
            "es.json",
            lambda texts: texts["red_flag_actions"]["urgent"].update(text=" "),
            "es.json: red_flag_actions.urgent.text: is empty",
        ),
        (
            "es.json",
            lambda texts: texts["stretches"]["chin-tuck"]["steps"][0].update(text="Uno\nDos"),
            'es.json: stretches.chin-tuck.steps[0].text: "Uno\\nDos" has a line break',
        ),
        ("Spanish.json", dict.copy, 'Spanish.json: "Spanish" is not a language\'s code such as es or pt-br'),
    ],
)
def test_a_bad_file_is_named_with_its_fault(tmp_path, name, change, problem):
    texts = json.loads((FOLDER / "es.json").read_text())
    change(texts)
    (tmp_path / name).write_text(json.dumps(texts))

    with pytest.raises(BadCatalogueError) as refused:
        read_texts(tmp_path)

    assert refused.value.problems == [problem]

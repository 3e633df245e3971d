"""What a patient reads of the catalogue: in the patient's language, and never a translation of what it said before."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from stretches.catalogue import texts
from stretches.models import CatalogueText, Contraindication, RedFlagAction, RedFlagQuestion, Stretch, TimingRule
from stretches.models.text import digest_of_words
from stretches.wording import languages_for, missing, originals, outdated, wording_for
from tests.admin_pages import admin_url, errors_of, send
from tests.factories import ContraindicationFactory, StretchFactory
from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db

Kind = CatalogueText.Kind


def tell(language, kind, key, original, text):
    return CatalogueText.objects.create(
        language=language, kind=kind, key=key, text=text, original_digest=digest_of_words(original)
    )


@pytest.fixture
def towel():
    return StretchFactory(slug="towel", name="Towel Stretch", steps="Lie down.\nLift.", purpose="Lengthen.")


@pytest.fixture
def told(towel):
    """The name of Towel for patients, in English and Spanish, and its steps in Spanish."""
    tell("en", Kind.STRETCH_NAME, "towel", towel.name, "Stretch with a towel")
    tell("es", Kind.STRETCH_NAME, "towel", towel.name, "Estiramiento con toalla")
    tell("es", Kind.STRETCH_STEPS, "towel", towel.steps, "Acuéstese.\nLevante.")
    tell("es", Kind.STRETCH_PICTURE, "towel", towel.steps, "Una persona acostada.")
    return towel


@pytest.mark.parametrize(
    ("language", "name", "steps"),
    [
        ("es", "Estiramiento con toalla", ("Acuéstese.", "Levante.")),
        ("es-mx", "Estiramiento con toalla", ("Acuéstese.", "Levante.")),
        ("en", "Stretch with a towel", ("Lie down.", "Lift.")),
        ("en-gb", "Stretch with a towel", ("Lie down.", "Lift.")),
        ("de", "Stretch with a towel", ("Lie down.", "Lift.")),
    ],
)
def test_the_language_then_plain_english_then_the_catalogue(told, language, name, steps):
    words = wording_for([told], language=language).stretch(told)

    assert (words.name, words.steps, words.purpose) == (name, steps, "Lengthen.")


def test_without_a_language_it_is_the_active_one(told):
    with translation.override("es"):
        assert wording_for([told]).stretch(told).name == "Estiramiento con toalla"


def test_an_edited_original_is_shown_and_not_its_old_translation(told):
    told.steps = "Lie down.\nDo not lift."
    told.save()

    words = wording_for([told], language="es").stretch(told)

    assert words.steps == ("Lie down.", "Do not lift.")
    assert words.name == "Estiramiento con toalla"
    assert words.picture == "Estiramiento con toalla: Lengthen."
    assert {row.kind for row in outdated()} == {"stretch-steps", "stretch-picture"}


def test_a_rationale_is_known_by_its_words():
    row = ContraindicationFactory(severity="precaution", rationale="End-range only.")
    tell("es", Kind.RATIONALE, digest_of_words("End-range only."), "End-range only.", "No llegue al tope.")

    wording = wording_for(rationales=[row.rationale, "Something new."], language="es")

    assert wording.rationale("End-range only.") == "No llegue al tope."
    assert wording.rationale("Something new.") == "Something new."


def test_a_page_costs_one_query_and_nothing_asked_costs_none(told):
    many = [told, *(StretchFactory() for _ in range(10))]

    with CaptureQueriesContext(connection) as queries:
        wording_for(many, rationales=["a", "b"], timing_advice=["c"], language="es")
    with CaptureQueriesContext(connection) as none:
        wording_for(language="es").rationale("a")

    assert (len(queries), len(none)) == (1, 0)


def test_languages_are_tried_from_narrow_to_wide():
    assert languages_for("es-MX") == ["es-mx", "es", "en"]
    assert languages_for("en-gb") == ["en-gb", "en"]


# Loading --------------------------------------------------------------------------------------------------------------
def load(path=None, **options):
    out = io.StringIO()
    call_command("load_catalogue", *filter(None, [path]), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_every_language_lands_and_says_all():
    load()
    again = load()

    assert "Nothing to load." in again
    assert [missing("en"), missing("es"), outdated()] == [[], [], []]
    assert CatalogueText.objects.filter(language="es").count() == len(list(originals()))


def test_everything_is_told_in_spanish():
    load()

    wording = wording_for(
        Stretch.objects.all(),
        rationales=set(Contraindication.objects.filter(severity="precaution").values_list("rationale", flat=True)),
        timing_advice=TimingRule.objects.values_list("advice", flat=True),
        questions=RedFlagQuestion.objects.all(),
        actions=RedFlagAction.objects.all(),
        language="es",
    )

    assert wording.action(RedFlagAction.objects.get(tier="emergency")).startswith("Pare todos los estiramientos.")
    assert "orinar" in wording.question(RedFlagQuestion.objects.get(slug="rf-bladder"))
    assert wording.timing_advice(TimingRule.objects.get().advice).startswith("Por la mañana, espere")
    for stretch in Stretch.objects.all():
        words = wording.stretch(stretch)
        assert words.name != stretch.name
        assert len(words.steps) == len(stretch.step_list)
        assert len(words.stop_rules) == len(stretch.stop_rule_list)


def test_a_catalogue_of_three_stretches_gets_the_texts_of_three(tmp_path):
    load(written(small(), tmp_path))

    assert CatalogueText.objects.filter(kind="stretch-name", language="es").count() == 3


def test_an_edit_made_here_stays(tmp_path):
    path = written(small(), tmp_path)
    load(path)
    row = CatalogueText.objects.get(language="es", kind="red-flag-action", key="urgent")
    CatalogueText.objects.filter(pk=row.pk).update(text="Pare y llame a la clínica.")

    said = load(path)
    row.refresh_from_db()
    stays = row.text
    load(path, update=True, interactive=False)
    row.refresh_from_db()

    assert "1 row differs from the file" in said
    assert stays == "Pare y llame a la clínica."
    assert row.text.startswith("Pare los estiramientos")


def test_what_is_out_of_date_is_said(tmp_path):
    content = small()
    content["stretches"][0]["purpose"] = "Something else."

    said = load(written(content, tmp_path))

    assert "2 texts for patients are out of date" in said


def test_a_language_is_a_file(tmp_path, monkeypatch, told):
    german = json.loads((texts.FOLDER / "es.json").read_text())
    german["red_flag_actions"]["emergency"]["text"] = "Hören Sie mit allen Übungen auf."
    (tmp_path / "de.json").write_text(json.dumps(german))
    monkeypatch.setattr(texts.read_texts, "__defaults__", (tmp_path,))

    load()
    action = RedFlagAction.objects.get(tier="emergency")

    assert wording_for(actions=[action], language="de").action(action) == "Hören Sie mit allen Übungen auf."


def test_a_bad_language_stops_the_load(tmp_path, monkeypatch):
    (tmp_path / "de.json").write_text("{}")
    monkeypatch.setattr(texts.read_texts, "__defaults__", (tmp_path,))

    with pytest.raises(CommandError, match=r"de\.json: stretches: is missing"):
        load()

    assert not Stretch.objects.exists()


# In the admin ---------------------------------------------------------------------------------------------------------
def test_an_admin_puts_a_text_right_and_it_is_up_to_date_again(admin_client, told):
    told.steps = "Lie down.\nDo not lift."
    told.save()
    row = CatalogueText.objects.get(kind="stretch-steps")
    url = admin_url(CatalogueText, "change", row.pk)

    page = admin_client.get(url).content.decode()
    short = errors_of(send(admin_client, url, text="Acuéstese."))
    answer = send(admin_client, url, text="Acuéstese.\r\nNo levante.")

    assert "They have changed since" in page
    assert short == {"text": ["The catalogue has 2 lines here: write as many."]}
    assert answer.status_code == 302
    assert wording_for([told], language="es").stretch(told).steps == ("Acuéstese.", "No levante.")


def test_a_text_that_stands_for_nothing_is_said_to(admin_client):
    row = tell("es", Kind.RATIONALE, "gone", "Gone.", "Ya no está.")

    page = admin_client.get(admin_url(CatalogueText, "change", row.pk)).content.decode()

    assert "They are not in the catalogue any more" in page


@pytest.mark.parametrize("page", ["add", "delete"])
def test_texts_are_neither_added_nor_deleted_by_hand(admin_client, told, page):
    arguments = [] if page == "add" else [CatalogueText.objects.first().pk]

    assert admin_client.get(admin_url(CatalogueText, page, *arguments)).status_code == 403
    assert admin_client.get(admin_url(CatalogueText, "changelist")).status_code == 200

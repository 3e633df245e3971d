"""What the builder offers and what it holds back: verdicts, searching, pages, and the queries that it takes."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import Patient
from prescriptions.models import Prescription
from prescriptions.safety import Verdict
from stretches.inventory import Inventory
from stretches.models import Equipment
from tests.factories import (
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
)
from tests.prescriptions.acting import page, withhold

pytestmark = pytest.mark.django_db


def names(response) -> list[str]:
    """The stretches on the cards of a page, in order."""
    found = re.findall(r'<h3 class="stretch-name">(.*?)</h3>', response.content.decode())
    return [name.strip() for name in found]


# What is offered ------------------------------------------------------------------------------------------------------
def test_prescription_edit_offers_safe_stretches_first_and_nothing_that_is_withheld(clinic_client, draft):
    caution = withhold(
        draft.patient, "precaution", StretchFactory(name="Careful one", difficulty=1), rationale="Slowly."
    )
    safe = StretchFactory(name="Safe one", difficulty=5)
    withhold(draft.patient, "relative")
    withhold(draft.patient, "absolute")
    StretchFactory(status="draft")
    StretchFactory(status="retired")

    response = clinic_client.get(page("prescription_edit", draft.pk))

    assert names(response) == [safe.name, caution.name]
    content = response.content.decode()
    assert "Slowly." in content
    assert caution.contraindications.get().source.citation in content


def test_prescription_edit_says_how_many_are_withheld(clinic_client, draft):
    for severity in ["relative", "absolute", "absolute"]:
        withhold(draft.patient, severity)

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "Needs a recorded reason (1)" in content
    assert "Excluded (2)" in content


def test_no_more_are_counted_than_anybody_turns_pages_for(clinic_client, draft, monkeypatch):
    monkeypatch.setattr("prescriptions.offers.COUNTED_MAX", 2)
    for severity in ["relative", "relative", "absolute", "absolute", "absolute"]:
        withhold(draft.patient, severity)

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "Needs a recorded reason (2)" in content
    assert "Excluded (2+)" in content


@pytest.mark.parametrize("reviewed_on", [None, datetime.date(2020, 1, 1), datetime.date(2999, 1, 1)])
def test_nothing_is_offered_while_the_record_has_a_problem(clinic_client, draft, reviewed_on):
    StretchFactory()
    withhold(draft.patient, "absolute")
    Patient.objects.filter(pk=draft.patient.pk).update(conditions_reviewed_on=reviewed_on)
    draft.refresh_from_db()

    response = clinic_client.get(page("prescription_edit", draft.pk))
    withheld = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded"))

    builder = response.context["builder"]
    assert names(response) == names(withheld) == [card for section in builder.sections for card in section.cards] == []
    problem = draft.patient.record_problem(on=draft.clinic.today())
    assert str(problem.value) in response.content.decode()


def test_a_condition_without_a_code_is_shown_as_not_checked(clinic_client, draft):
    ConditionFactory(patient=draft.patient, code=None, free_text="Funny knee")

    assert "Funny knee: not safety-checked" in clinic_client.get(page("prescription_edit", draft.pk)).content.decode()


def test_what_is_chosen_is_marked_and_has_no_button(clinic_client, draft):
    line = PrescribedStretchFactory(prescription=draft)
    other = StretchFactory()

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "In the prescription" in content
    assert f'name="stretch" value="{other.pk}"' in content
    assert f'name="stretch" value="{line.stretch.pk}"' not in content


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "offers"}])
def test_what_another_patients_draft_holds_is_in_no_other(clinic_client, draft, headers):
    others = PrescriptionFactory(patient=PatientFactory(clinic=draft.clinic), created_by=draft.created_by)
    line = PrescribedStretchFactory(prescription=others)

    content = clinic_client.get(page("prescription_edit", draft.pk), headers=headers).content.decode()

    assert f'name="stretch" value="{line.stretch.pk}"' in content
    assert str(line.pk) not in content
    assert "In the prescription" not in content


# Searching and filtering ----------------------------------------------------------------------------------------------
@pytest.fixture
def catalogue():
    towel = Equipment.objects.create(slug="towel", name="towel")
    calf = StretchFactory(name="Standing calf", muscles=["soleus"], position="standing", difficulty=1)
    bed = StretchFactory(name="Towel hamstring", muscles=["hamstrings"], position="supine", difficulty=3)
    bed.equipment.add(towel)
    StretchFactory(name="Chair hamstring", muscles=["hamstrings"], position="sitting", difficulty=4)
    return calf, bed


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Standing calf", "Towel hamstring", "Chair hamstring"]),
        ({"q": "HAMSTR"}, ["Towel hamstring", "Chair hamstring"]),
        ({"q": "soleus"}, ["Standing calf"]),
        ({"q": "towel hamstring"}, ["Towel hamstring"]),
        ({"q": "calf hamstring"}, []),
        ({"q": "%"}, []),
        ({"muscle": "soleus"}, ["Standing calf"]),
        ({"muscle": "no-such-muscle"}, []),
        ({"position": "sitting"}, ["Chair hamstring"]),
        ({"equipment": "towel"}, ["Towel hamstring"]),
        ({"equipment": "nothing"}, ["Standing calf", "Chair hamstring"]),
        ({"difficulty": "4"}, ["Chair hamstring"]),
        ({"q": "hamstring", "difficulty": "3", "position": "supine"}, ["Towel hamstring"]),
    ],
)
def test_filters_keep_exactly_what_was_asked_for(clinic_client, draft, catalogue, query, found):
    assert names(clinic_client.get(page("prescription_edit", draft.pk, **query))) == found


@pytest.mark.parametrize(
    ("words", "says"),
    [("hamstirng", True), ("hamstring", False), ("zorro", False), ("hamstirng soleus", False)],
)
def test_what_is_only_spelled_alike_is_said_to_be_a_guess(clinic_client, draft, catalogue, words, says):
    page_of_list = clinic_client.get(page("prescription_edit", draft.pk, q=words)).content.decode()
    withheld = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded", q=words)).content.decode()

    assert ("Nothing is called “hamstirng”. Close to it:" in page_of_list) is says
    assert ("Nothing is called “hamstirng”. Close to it:" in withheld) is says


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 101},
        {"q": "a\0b"},
        {"muscle": "a b"},
        {"position": "upside down"},
        {"difficulty": "six"},
        {"equipment": "<b>"},
    ],
)
def test_a_filter_that_makes_no_sense_says_so(clinic_client, draft, catalogue, query):
    response = clinic_client.get(page("prescription_edit", draft.pk), query)

    assert response.status_code == 200
    assert "invalid-feedback" in response.content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "two"])
def test_a_page_that_makes_no_sense_is_the_first(clinic_client, draft, catalogue, number):
    assert len(names(clinic_client.get(page("prescription_edit", draft.pk, allowed=number)))) == 3


def test_filters_narrow_what_is_withheld_too(clinic_client, draft):
    withhold(draft.patient, "absolute", StretchFactory(name="Standing hamstring"))
    withhold(draft.patient, "absolute", StretchFactory(name="Prone press-up"))

    response = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded", q="prone"))

    assert names(response) == ["Prone press-up"]


def test_sections_come_in_pages_of_24(clinic_client, draft):
    for number in range(30):
        StretchFactory(name=f"Stretch {number:02}", difficulty=1)
        withhold(draft.patient, "precaution", StretchFactory(name=f"Careful {number:02}", difficulty=1))

    first = names(clinic_client.get(page("prescription_edit", draft.pk)))
    second = names(clinic_client.get(page("prescription_edit", draft.pk, allowed="2")))

    assert first == [f"Stretch {n:02}" for n in range(24)] + [f"Careful {n:02}" for n in range(24)]
    assert second == [f"Stretch {n:02}" for n in range(24, 30)] + [f"Careful {n:02}" for n in range(24)]


def test_the_way_to_the_next_page_keeps_the_filters(clinic_client, draft):
    for _ in range(25):
        StretchFactory(position="prone")

    content = clinic_client.get(page("prescription_edit", draft.pk, position="prone")).content.decode()

    assert "?position=prone&amp;allowed=2#allowed" in content


# With htmx ------------------------------------------------------------------------------------------------------------
def test_htmx_gets_the_builder_without_the_frame_and_with_the_same_filters(clinic_client, draft, catalogue):
    calf, bed = catalogue
    data = {"stretch": calf.pk, "q": "hamstring", "difficulty": "3"}

    response = clinic_client.post(page("prescribed_stretch_add", draft.pk), data, headers={"HX-Request": "true"})

    content = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in content
    assert 'id="builder"' in content
    assert "Standing calf added." in content
    assert names(response) == [bed.name]


@pytest.mark.parametrize("target", ["offers", "withheld"])
def test_what_is_typed_gets_the_list_alone(clinic_client, draft, catalogue, target):
    _calf, bed = catalogue
    PrescribedStretchFactory(prescription=draft, stretch=bed)
    headers = {"HX-Request": "true", "HX-Target": target}

    response = clinic_client.get(page("prescription_edit", draft.pk, q="hamstring"), headers=headers)

    content = response.content.decode()
    assert names(response) == ["Towel hamstring", "Chair hamstring"]
    assert 'id="offers"' in content
    assert 'id="withheld"' in content
    assert f'id="add-{bed.pk}" class="done-mark' in content
    assert "prescription-title" not in content


def test_what_memory_offers_is_kept_only_if_the_tables_agree(clinic_client, draft, monkeypatch):
    shown = StretchFactory(name="As it is")
    withhold(draft.patient, "absolute", StretchFactory(name="Excluded"))
    withhold(draft.patient, "precaution", StretchFactory(name="With advice"))
    StretchFactory(name="Retired", status="retired")
    everything = Inventory(draft.clinic_id).all
    monkeypatch.setattr("prescriptions.offers.by_verdict", lambda *_: dict.fromkeys(Verdict, everything))

    response = clinic_client.get(page("prescription_edit", draft.pk))

    assert names(response) == [shown.name, "With advice"]


# Queries --------------------------------------------------------------------------------------------------------------
def fill(draft: Prescription, count: int) -> None:
    """As many stretches of every verdict, and as many lines."""
    for severity in ["precaution", "relative", "absolute"]:
        for _ in range(count):
            withhold(draft.patient, severity)
    PrescribedStretchFactory.create_batch(count, prescription=draft)
    StretchFactory.create_batch(count)


@pytest.mark.parametrize(
    ("name", "args", "limit"),
    [
        ("prescription_edit", [], 12),
        ("withheld_stretch_list", ["excluded"], 12),
        ("withheld_stretch_list", ["needs_override"], 13),
    ],
)
def test_more_rows_cost_no_more_queries(clinic_client, draft, name, args, limit):
    counts = []
    for more in (10, 30):
        fill(draft, more)
        clinic_client.get(page(name, draft.pk, *args))  # the catalogue has changed, and is read once
        with CaptureQueriesContext(connection) as queries:
            clinic_client.get(page(name, draft.pk, *args))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= limit


def test_unsafe_lines_cost_no_more_queries_for_being_more(clinic_client, draft):
    counts = []
    for more in (2, 8):
        for line in PrescribedStretchFactory.create_batch(more, prescription=draft):
            withhold(draft.patient, "absolute", line.stretch)
        StretchFactory()
        with CaptureQueriesContext(connection) as queries:
            clinic_client.get(page("prescription_edit", draft.pk))
        counts.append(len(queries))

    assert counts[0] == counts[1]

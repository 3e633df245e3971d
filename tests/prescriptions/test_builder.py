"""The builder's pages: who may open them, what is offered and what is held back, searching, the draft as it grows."""

import datetime
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from patients.models import Patient
from prescriptions.models import Prescription
from stretches.models import Equipment, Movement, TimingRule
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician():
    return ClinicianFactory(clinic=ClinicFactory())


@pytest.fixture
def patient(clinician) -> Patient:
    return PatientFactory(clinic=clinician.memberships.get().clinic)


@pytest.fixture
def draft(clinician, patient) -> Prescription:
    return PrescriptionFactory(patient=patient, created_by=clinician)


@pytest.fixture
def clinic_client(client: Client, clinician) -> Client:
    client.force_login(clinician)
    return client


def page(name: str, *args: object, **query: str) -> str:
    return reverse(f"prescriptions:{name}", args=args, query=query)


def withhold(patient: Patient, severity: str, stretch=None, **kwargs):
    """A stretch with a contraindication that the patient has."""
    condition = ConditionFactory(patient=patient)
    return ContraindicationFactory(
        condition_code=condition.code, severity=severity, stretch=stretch or StretchFactory(), **kwargs
    ).stretch


def names(response) -> list[str]:
    """The stretches on the cards of a page, in order."""
    found = re.findall(r'<h3 class="stretch-name">(.*?)</h3>', response.content.decode())
    return [name.strip() for name in found]


# Who may, and how -----------------------------------------------------------------------------------------------------
METHODS = {
    "prescription_add": ["POST"],
    "prescription_edit": ["GET"],
    "message_edit": ["POST"],
    "withheld_stretch_list": ["GET"],
    "prescribed_stretch_add": ["POST"],
    "prescribed_stretch_edit": ["GET", "POST"],
    "prescribed_stretch_move": ["POST"],
    "prescribed_stretch_remove": ["POST"],
    "override_add": ["GET", "POST"],
}
CELLS = [(name, method) for name, methods in METHODS.items() for method in methods]


@pytest.fixture
def urls(draft):
    line = PrescribedStretchFactory(prescription=draft)
    other = withhold(draft.patient, "relative")
    return {
        "prescription_add": page("prescription_add", draft.patient.pk),
        "prescription_edit": page("prescription_edit", draft.pk),
        "message_edit": page("message_edit", draft.pk),
        "withheld_stretch_list": page("withheld_stretch_list", draft.pk, "excluded"),
        "prescribed_stretch_add": page("prescribed_stretch_add", draft.pk),
        "prescribed_stretch_edit": page("prescribed_stretch_edit", line.pk),
        "prescribed_stretch_move": page("prescribed_stretch_move", line.pk),
        "prescribed_stretch_remove": page("prescribed_stretch_remove", line.pk),
        "override_add": page("override_add", draft.pk, other.pk),
    }


@pytest.mark.parametrize(("name", "method"), CELLS)
@pytest.mark.parametrize("stranger", [ClinicianFactory, AdminFactory, UserFactory])
def test_a_stranger_finds_nothing_and_changes_nothing(client, urls, draft, stranger, name, method):
    client.force_login(stranger())

    response = client.generic(method, urls[name])

    assert response.status_code == 404
    assert draft.items.count() == 1


def test_an_admin_of_the_clinic_who_is_no_clinician_finds_nothing(client, urls, draft):
    client.force_login(AdminFactory(clinic=draft.clinic))

    assert {client.generic(method, urls[name]).status_code for name, method in CELLS} == {404}


def test_a_patient_does_not_reach_the_builder_of_their_own_prescription(client, urls, draft):
    draft.patient.user = UserFactory()
    draft.patient.save()
    client.force_login(draft.patient.user)

    assert {client.generic(method, urls[name]).status_code for name, method in CELLS} == {404}


@pytest.mark.parametrize(("name", "method"), CELLS)
def test_a_visitor_goes_to_the_sign_in(client, urls, name, method):
    response = client.generic(method, urls[name])

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        (name, method)
        for name, methods in METHODS.items()
        for method in ["GET", "POST", "PUT", "DELETE"]
        if method not in methods
    ],
)
def test_a_wrong_method_is_refused(clinic_client, urls, name, method):
    assert clinic_client.generic(method, urls[name]).status_code == 405


def test_a_colleague_goes_on_with_the_draft(client, draft):
    client.force_login(ClinicianFactory(clinic=draft.clinic))

    assert client.get(page("prescription_edit", draft.pk)).status_code == 200


# Starting -------------------------------------------------------------------------------------------------------------
def test_prescription_add_opens_a_new_draft(clinic_client, clinician, patient):
    response = clinic_client.post(page("prescription_add", patient.pk))

    draft = patient.prescriptions.get()
    assert response.url == page("prescription_edit", draft.pk)
    assert (draft.status, draft.created_by, draft.clinic) == ("draft", clinician, patient.clinic)


def test_prescription_add_goes_on_with_the_open_draft(clinic_client, draft):
    response = clinic_client.post(page("prescription_add", draft.patient.pk))

    assert response.url == page("prescription_edit", draft.pk)


def test_prescription_add_starts_from_what_is_in_force(clinic_client, draft):
    line = PrescribedStretchFactory(prescription=draft, repetitions=7)
    draft.activate(by=draft.created_by, at=timezone.now())

    clinic_client.post(page("prescription_add", draft.patient.pk))

    revision = draft.patient.prescriptions.drafts().get()
    assert revision.replaces == draft
    assert [(item.stretch, item.repetitions) for item in revision.items.all()] == [(line.stretch, 7)]


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_at_once_make_one_draft(clinician, patient):
    client = Client()
    client.force_login(clinician)
    cookie = client.cookies["sessionid"].value

    def post(_: int) -> int:
        own = Client()
        own.cookies["sessionid"] = cookie
        try:
            return own.post(page("prescription_add", patient.pk)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(20))) == {302}

    assert patient.prescriptions.count() == 1


@pytest.mark.parametrize("name", ["prescription_edit", "withheld_stretch_list"])
def test_a_prescription_that_is_no_draft_leads_to_its_page(clinic_client, urls, draft, name):
    draft.activate(by=draft.created_by, at=timezone.now())

    plain = clinic_client.get(urls[name])
    swapped = clinic_client.get(urls[name], headers={"HX-Request": "true"})

    assert plain.url == draft.get_absolute_url()
    assert swapped.headers["HX-Redirect"] == draft.get_absolute_url()


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


@pytest.mark.parametrize("reviewed_on", [None, datetime.date(2020, 1, 1), datetime.date(2999, 1, 1)])
def test_nothing_is_offered_while_the_record_has_a_problem(clinic_client, draft, reviewed_on):
    StretchFactory()
    withhold(draft.patient, "absolute")
    Patient.objects.filter(pk=draft.patient.pk).update(conditions_reviewed_on=reviewed_on)
    draft.refresh_from_db()

    response = clinic_client.get(page("prescription_edit", draft.pk))
    withheld = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded"))

    assert names(response) == names(withheld) == []
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


# What is withheld -----------------------------------------------------------------------------------------------------
def test_an_excluded_stretch_comes_with_every_reason_and_its_neighbour(clinic_client, draft):
    broad = ConditionCodeFactory(name="Disc herniation")
    narrow = ConditionCodeFactory(
        name="Disc herniation with radiculopathy", broader=[broad], window_anchor="onset_date"
    )
    ConditionFactory(patient=draft.patient, code=narrow)
    excluded = StretchFactory(name="Standing hamstring", difficulty=4)
    ContraindicationFactory(
        stretch=excluded, condition_code=broad, rationale="It loads the disc.", until_week=12, confidence="medium"
    )
    ContraindicationFactory(stretch=excluded, condition_code=narrow, severity="precaution", rationale="Go slowly.")
    near = StretchFactory(name="Wall hamstring", difficulty=3)
    StretchFactory(name="Far hamstring", difficulty=1)

    content = clinic_client.get(page("withheld_stretch_list", draft.pk, "excluded")).content.decode()

    for words in ["It loads the disc.", "Go slowly.", "until week 12", "the date is missing", "confidence medium"]:
        assert words in content
    assert re.search(r"<li>Disc herniation with radiculopathy</li>\s*<li>Disc herniation</li>", content)
    assert excluded.contraindications.first().source.citation in content
    assert f'name="stretch" value="{near.pk}"' in content
    assert f'name="stretch" value="{excluded.pk}"' not in content
    assert "Far hamstring" not in content


def test_what_needs_a_reason_leads_to_the_form_for_it(clinic_client, draft):
    relative = withhold(draft.patient, "relative")
    excluded = withhold(draft.patient, "absolute")

    content = clinic_client.get(page("withheld_stretch_list", draft.pk, "needs_override")).content.decode()

    assert page("override_add", draft.pk, relative.pk) in content
    assert excluded.name not in content


@pytest.mark.parametrize("verdict", ["allowed", "caution", "absolute", "nonsense"])
def test_only_what_is_withheld_has_a_list_of_its_own(clinic_client, draft, verdict):
    assert clinic_client.get(page("withheld_stretch_list", draft.pk, verdict)).status_code == 404


# The draft ------------------------------------------------------------------------------------------------------------
def test_the_draft_shows_doses_minutes_and_how_many_are_kept_up(clinic_client, draft):
    for _ in range(5):
        PrescribedStretchFactory(prescription=draft, target_hold_seconds=55)

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "hold 10 s, building up to 55 s" in content
    assert "<strong>30</strong> min a day" in content  # 5 stretches × 3 times × 2 sides × (55 s + 5 s)
    assert "More than 4" in content


@pytest.mark.parametrize(("count", "words"), [(1, "Up to 4"), (4, "Up to 4"), (5, "More than 4"), (7, "More than 6")])
def test_the_count_is_held_against_the_evidence(clinic_client, draft, count, words):
    PrescribedStretchFactory.create_batch(count, prescription=draft)

    assert words in clinic_client.get(page("prescription_edit", draft.pk)).content.decode()


def test_a_line_that_became_unsafe_is_flagged_with_its_neighbour_and_stops_the_way_on(clinic_client, draft):
    line = PrescribedStretchFactory(prescription=draft)
    neighbour = StretchFactory()
    assert "Review and activate" in clinic_client.get(page("prescription_edit", draft.pk)).content.decode()
    withhold(draft.patient, "absolute", line.stretch, rationale="New finding.")

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "New finding." in content
    assert "Review and activate" not in content
    assert f'name="instead_of" value="{line.pk}"' in content
    assert content.count(f'value="{neighbour.pk}"') == 2  # among the offers, and instead of the line


@pytest.mark.parametrize(("has_movement", "is_shown"), [(True, True), (False, False)])
def test_a_line_shows_when_in_the_day_it_is_wise(clinic_client, draft, has_movement, is_shown):
    disc = ConditionCodeFactory()
    ConditionFactory(patient=draft.patient, code=ConditionCodeFactory(broader=[disc]))
    rule = TimingRule.objects.create(
        condition_code=disc, advice="Not within an hour of getting up.", source=SourceFactory(), confidence="medium"
    )
    bending = Movement.objects.create(slug="bending", name="Bending")
    rule.movements.add(bending)
    line = PrescribedStretchFactory(prescription=draft)
    if has_movement:
        line.stretch.movements.add(bending)

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert ("Not within an hour" in content) is is_shown
    assert (rule.source.citation in content) is is_shown


# The message to the patient -------------------------------------------------------------------------------------------
def seen(client: Client, draft: Prescription) -> str:
    content = client.get(page("prescription_edit", draft.pk)).content.decode()
    return re.search(r'name="seen" value="(\w+)"', content)[1]


def test_message_edit_stores_the_message(clinic_client, draft):
    data = {"note": "Slow and gentle.", "seen": seen(clinic_client, draft)}

    response = clinic_client.post(page("message_edit", draft.pk), data)

    draft.refresh_from_db()
    assert draft.note == "Slow and gentle."
    assert response.url == page("prescription_edit", draft.pk)


def test_review_and_activate_takes_the_message_along(clinic_client, draft):
    data = {"note": "Slow and gentle.", "seen": seen(clinic_client, draft), "review": "1"}

    response = clinic_client.post(page("message_edit", draft.pk), data)

    draft.refresh_from_db()
    assert draft.note == "Slow and gentle."
    assert response.url == page("prescription_activate", draft.pk)


@pytest.mark.parametrize("note", ["x" * 1001, "a\0b"])
def test_a_message_that_cannot_be_stored_is_kept_and_says_why(clinic_client, draft, note):
    response = clinic_client.post(page("message_edit", draft.pk), {"note": note, "seen": seen(clinic_client, draft)})

    draft.refresh_from_db()
    assert draft.note == ""
    assert "invalid-feedback" in response.content.decode()
    assert note[:1000] in response.content.decode()


def test_a_message_that_somebody_else_wrote_meanwhile_is_not_overwritten_unseen(clinic_client, draft):
    before = seen(clinic_client, draft)
    Prescription.objects.filter(pk=draft.pk).update(note="From a colleague.")

    response = clinic_client.post(page("message_edit", draft.pk), {"note": "Mine.", "seen": before})

    draft.refresh_from_db()
    content = response.content.decode()
    assert (response.status_code, draft.note) == (409, "From a colleague.")
    assert "From a colleague." in content
    assert "Mine." in content
    again = re.search(r'name="seen" value="(\w+)"', content)[1]
    clinic_client.post(page("message_edit", draft.pk), {"note": "Mine.", "seen": again})
    draft.refresh_from_db()
    assert draft.note == "Mine."


def test_no_message_is_stored_with_what_is_no_draft(clinic_client, draft):
    before = seen(clinic_client, draft)
    PrescribedStretchFactory(prescription=draft)
    draft.activate(by=draft.created_by, at=timezone.now())

    response = clinic_client.post(page("message_edit", draft.pk), {"note": "Late.", "seen": before})

    draft.refresh_from_db()
    assert (draft.note, response.url) == ("", draft.get_absolute_url())


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
        ("withheld_stretch_list", ["excluded"], 13),
        ("withheld_stretch_list", ["needs_override"], 13),
    ],
)
def test_more_rows_cost_no_more_queries(clinic_client, draft, name, args, limit):
    counts = []
    for more in (10, 30):
        fill(draft, more)
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

"""The catalogue's pages for staff: who sees them, what they say, and what they cost."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from stretches.models import CatalogueRelease, ConditionCode, Equipment, Movement, MovementRule, Stretch, TimingRule
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LISTS = ["stretch_list", "condition_code_list", "source_list"]
PAGES = [*LISTS, "stretch_detail", "condition_code_detail", "source_detail"]


@pytest.fixture
def clinic():
    return ClinicFactory(name="Hill Road")


@pytest.fixture
def staff(client: Client, clinic) -> Client:
    """The browser of a clinician."""
    client.force_login(ClinicianFactory(clinic=clinic))
    return client


@pytest.fixture
def source():
    return SourceFactory(slug="wilke-1999", citation="Wilke HJ. Pressures. Spine 1999;24:755. doi:10.1097/00007632-1.")


@pytest.fixture
def herniation(source):
    disorder = ConditionCodeFactory(slug="disc-disorder", name="Disc disorder", source=source)
    return ConditionCodeFactory(
        slug="disc-herniation",
        name="Disc herniation",
        broader=[disorder],
        synonyms="slipped disc",
        icd10cm="M51.26",
        region="lumbar spine",
        window_anchor="onset_date",
        source=source,
    )


@pytest.fixture
def towel(source, herniation):
    """A stretch with everything: an easier neighbour, and one contraindication of each severity."""
    towel = StretchFactory(name="Towel stretch", position="supine", difficulty=3, source=source)
    towel.movements.add(Movement.objects.create(slug="tilt", name="Pelvic tilt"))
    towel.equipment.add(Equipment.objects.create(slug="towel", name="towel"))
    towel.easier.add(StretchFactory(name="Lying stretch", difficulty=1, muscles=["soleus"], position="prone"))
    above = ConditionCode.objects.get(slug="disc-disorder")
    on = {"stretch": towel, "source": source}
    ContraindicationFactory(condition_code=above, severity="absolute", rationale="It loads the disc.", **on)
    weeks = {"from_week": 6, "until_week": 12}
    ContraindicationFactory(condition_code=herniation, severity="relative", rationale="Healing.", **weeks, **on)
    ContraindicationFactory(condition_code=herniation, severity="precaution", rationale="Go slowly.", **on)
    return towel


def address(name: str, towel: Stretch) -> str:
    args: dict[str, list[Any]] = {
        "stretch_detail": [towel.pk],
        "condition_code_detail": ["disc-herniation"],
        "source_detail": ["wilke-1999"],
    }
    return reverse(f"stretches:{name}", args=args.get(name))


def text_of(response) -> str:
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words).replace("&#x27;", "'")


def found(client: Client, **asked: str) -> list[str]:
    response = client.get(reverse("stretches:stretch_list"), asked)
    return [stretch.name for stretch in response.context["shelf"].page]


# Who sees them --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_for_all_staff_and_for_nobody_else(client, towel, name):
    people = [ClinicianFactory(), AdminFactory(is_staff=False), UserFactory(is_staff=True), UserFactory()]
    people.append(PatientFactory(user=UserFactory()).user)
    seen = []

    for person in people:
        client.force_login(person)
        seen.append(client.get(address(name, towel)).status_code)

    assert seen == [200, 200, 200, 404, 404]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_sends_a_visitor_to_the_sign_in(client, towel, name):
    response = client.get(address(name, towel))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_only_read(staff, towel, name):
    methods = ("post", "put", "patch", "delete")

    assert {getattr(staff, method)(address(name, towel)).status_code for method in methods} == {405}


@pytest.mark.parametrize(
    ("name", "missing"),
    [("stretch_detail", uuid.uuid4()), ("condition_code_detail", "nothing"), ("source_detail", "nothing")],
)
def test_what_is_not_there_is_not_found(staff, name, missing):
    assert staff.get(reverse(f"stretches:{name}", args=[missing])).status_code == 404


@pytest.mark.parametrize(("person", "has_link"), [(ClinicianFactory, True), (AdminFactory, True), (UserFactory, False)])
def test_staff_find_the_catalogue_in_the_navigation(client, person, has_link):
    client.force_login(person())

    html = client.get(reverse("accounts:reading_edit")).content.decode()

    assert (f'href="{reverse("stretches:stretch_list")}"' in html) is has_link


# The shelf ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Lying stretch", "Towel stretch"]),
        ({"q": "hamstirng"}, ["Towel stretch"]),
        ({"q": "tilt"}, ["Towel stretch"]),
        ({"muscle": "soleus"}, ["Lying stretch"]),
        ({"muscle": "nothing-like-it"}, []),
        ({"position": "supine"}, ["Towel stretch"]),
        ({"equipment": "towel"}, ["Towel stretch"]),
        ({"equipment": "nothing"}, ["Lying stretch"]),
        ({"difficulty": "1"}, ["Lying stretch"]),
        ({"q": "stretch", "position": "prone", "difficulty": "3"}, []),
        ({"status": "draft"}, ["Drafted"]),
        ({"status": "retired"}, ["Retired one"]),
        ({"status": "any"}, ["Drafted", "Lying stretch", "Retired one", "Towel stretch"]),
        ({"position": "upside-down", "difficulty": "9", "status": "x"}, ["Lying stretch", "Towel stretch"]),
        ({"page": "99999"}, ["Lying stretch", "Towel stretch"]),
    ],
)
def test_stretch_list_keeps_what_was_asked_for(staff, towel, asked, names):
    StretchFactory(name="Drafted", status="draft")
    StretchFactory(name="Retired one", status="retired")

    assert sorted(found(staff, **asked)) == names


def test_stretch_list_counts_each_facet_by_what_else_was_asked_for(staff, towel):
    StretchFactory(name="Drafted", status="draft")
    StretchFactory(name="Step stretch", position="supine", difficulty=2)

    shelf = staff.get(reverse("stretches:stretch_list"), {"position": "supine"}).context["shelf"]

    counted = {facet: [(each.words, each.count) for each in choices] for facet, choices in shelf.facets.items()}
    assert counted == {
        "muscle": [("Hamstrings", 2)],
        "equipment": [("Nothing needed", 1), ("Towel", 1)],
        "position": [("Lying on the front", 1), ("Lying on the back", 2)],  # not narrowed by itself
        "difficulty": [("2", 1), ("3", 1)],
        "status": [("Draft", 1), ("Reviewed", 2)],
    }
    assert shelf.count == 2


def test_stretch_list_offers_counts_and_keeps_what_was_chosen(staff, towel):
    html = staff.get(reverse("stretches:stretch_list"), {"q": "soleus", "equipment": "towel"}).content.decode()

    assert "Hamstrings (" not in html
    assert '<option value="towel" selected>Towel (0)</option>' in html
    assert '<option value="" selected>Reviewed (0)</option>' in html
    assert 'value="soleus"' in html


def test_stretch_list_says_what_it_cannot_search_for(staff, towel):
    response = staff.get(reverse("stretches:stretch_list"), {"q": "a\x00b", "muscle": "no slug!"})

    assert response.status_code == 200
    assert "Null characters are not allowed" in text_of(response)
    assert len(response.context["shelf"].page) == 2


def test_stretch_list_search_works_without_javascript(staff, towel):
    html = staff.get(reverse("stretches:stretch_list"), {"q": "towel"}).content.decode()

    assert re.search(r'<form class="filterbar[^>]* action="/stretches/"', html)
    assert re.search(r"<noscript>\s*<button[^>]*>Search</button>", html)


def test_stretch_list_goes_page_by_page(staff):
    for number in range(25):
        StretchFactory(name=f"S {number:02}", difficulty=1)

    first = staff.get(reverse("stretches:stretch_list"), {"q": "s"})

    assert found(staff, q="s") == [f"S {number:02}" for number in range(24)]
    assert 'href="/stretches/?q=s&amp;page=2"' in first.content.decode()
    assert found(staff, q="s", page="2") == ["S 24"]


def test_stretch_list_says_that_nothing_matches(staff, towel):
    assert "No stretch matches “zorro”" in text_of(staff.get(reverse("stretches:stretch_list"), {"q": "zorro"}))


# A stretch ------------------------------------------------------------------------------------------------------------
def test_stretch_detail_says_everything_that_is_known(staff, towel, source):
    response = staff.get(address("stretch_detail", towel))

    said = text_of(response)
    for words in ("Lengthen the hamstrings.", "Lift one leg.", "sharp pain", "30 to 60 s", "10 to 20 s", "Pelvic tilt"):
        assert words in said
    assert re.search(r"Absolute 1 .* It loads the disc\. .* Relative 1 .* Healing\. .* Precaution 1 .* Go slow", said)
    assert "Weeks 6 to 12 from onset" in said
    assert "Covers 1 narrower condition too : Disc disorder Disc herniation" in said
    assert f'href="{source.get_absolute_url()}"' in response.content.decode()
    assert re.search(r"Easier Lying stretch", said)
    assert "animated=1" in response.content.decode()


def test_stretch_detail_leads_to_harder_ones(staff, towel):
    easier = Stretch.objects.get(name="Lying stretch")

    assert re.search(r"Harder Towel stretch", text_of(staff.get(easier.get_absolute_url())))


@pytest.mark.parametrize(("status", "words"), [("draft", "Not reviewed yet"), ("retired", "Taken out of use")])
def test_stretch_detail_says_that_it_is_offered_to_nobody(staff, status, words):
    assert words in text_of(staff.get(StretchFactory(status=status).get_absolute_url()))


def test_stretch_detail_without_contraindications_promises_nothing(staff):
    assert "that is no sign of safety" in text_of(staff.get(StretchFactory().get_absolute_url()))


def test_stretch_detail_names_the_patients_of_ones_own_clinic_only(staff, clinic, towel):
    def prescribe(name, status, at):
        patient = PatientFactory(clinic=at, full_name=name)
        prescription = PrescriptionFactory(patient=patient, status=status)
        PrescribedStretchFactory(prescription=prescription, stretch=towel)

    prescribe("Walter Brandt", "active", clinic)
    prescribe("Ana Held", "on-hold", clinic)
    prescribe("Dora Draft", "draft", clinic)
    prescribe("Carl Done", "completed", clinic)
    prescribe("Somebody Else", "active", ClinicFactory())

    said = text_of(staff.get(towel.get_absolute_url()))

    assert "In 2 prescriptions of your clinic, in force today. Ana Held Walter Brandt" in said
    assert not any(name in said for name in ("Dora", "Carl", "Somebody Else"))


def test_stretch_detail_names_no_patients_to_who_treats_none(client, clinic, towel):
    prescription = PrescriptionFactory(
        patient=PatientFactory(clinic=clinic, full_name="Walter Brandt"), status="active"
    )
    PrescribedStretchFactory(prescription=prescription, stretch=towel)
    admin = UserFactory()
    Membership.objects.create(user=admin, clinic=clinic, role=Membership.Role.ADMIN)
    client.force_login(admin)

    said = text_of(client.get(towel.get_absolute_url()))

    assert "In 1 prescription of your clinic" in said
    assert "Walter" not in said


def test_only_who_may_edit_is_led_to_the_admin_site(client, staff, admin, towel):
    def has_link(name, of):
        return f"/admin/stretches/{of}/" in client.get(address(name, towel)).content.decode()

    pages = [("stretch_detail", "stretch"), ("condition_code_detail", "conditioncode")]
    before = [has_link(*each) for each in pages]
    client.force_login(admin)

    assert before == [False, False]
    assert [has_link(*each) for each in pages] == [True, True]


# Conditions and sources -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["Disc disorder", "Disc herniation"]),
        ({"q": "herniaton"}, ["Disc herniation"]),
        ({"q": "slipped"}, ["Disc herniation"]),
        ({"q": "m51"}, ["Disc herniation"]),
        ({"region": "lumbar spine"}, ["Disc herniation"]),
        ({"region": "elsewhere"}, []),
        ({"q": "zorro"}, []),
    ],
)
def test_condition_code_list_finds_by_name_synonym_or_code(staff, herniation, asked, names):
    response = staff.get(reverse("stretches:condition_code_list"), asked)

    assert [code.name for code in response.context["page"]] == names


@pytest.mark.parametrize("name", ["stretch_list", "condition_code_list"])
def test_a_list_says_that_it_guessed(staff, towel, name):
    found = {"stretch_list": ("towle", "towel"), "condition_code_list": ("herniaton", "herniation")}[name]

    pages = [staff.get(reverse(f"stretches:{name}"), {"q": words}).content.decode() for words in (*found, "zorro")]

    assert [f"Nothing is called “{found[0]}”. Close to it:" in page for page in pages] == [True, False, False]
    assert ["Close to it:" in page for page in pages] == [True, False, False]


def test_condition_code_list_says_that_what_is_not_found_is_not_checked(staff, herniation):
    content = staff.get(reverse("stretches:condition_code_list"), {"q": "stroke"}).content.decode()

    assert "Limber has no condition called “stroke”" in content
    assert "not checked against the stretches" in content


def test_condition_code_detail_says_what_it_rules_out_and_why(staff, towel, herniation, source):
    rule = MovementRule.objects.create(
        condition_code=herniation, severity="absolute", rationale="Because.", source=source, confidence="high"
    )
    rule.movements.add(Movement.objects.get(slug="tilt"))
    TimingRule.objects.create(
        condition_code=herniation, advice="Not before breakfast.", source=source, confidence="low"
    )
    drafted = StretchFactory(name="Drafted", status="draft")
    ContraindicationFactory(stretch=drafted, condition_code=herniation)

    said = text_of(staff.get(herniation.get_absolute_url()))

    assert re.search(r"Absolute 1 never prescribe As Disc disorder , which is broader It loads the disc\. Towel", said)
    assert re.search(r"Relative 1 prescribe only .* Weeks 6 to 12 from onset.* Healing\. Towel stretch", said)
    assert re.search(r"Precaution 1 prescribe with advice Go slowly\. Towel stretch", said)
    for words in ("Broader Disc disorder", "slipped disc", "M51.26", "Not before breakfast.", "Pelvic tilt"):
        assert words in said
    assert "Drafted" not in said


def test_condition_code_detail_names_what_is_narrower_and_takes_nothing_from_it(staff, towel, herniation):
    above = ConditionCode.objects.get(slug="disc-disorder")

    said = text_of(staff.get(above.get_absolute_url()))

    assert "Narrower: what is said here holds for them too Disc herniation" in said
    assert "Absolute 1" in said
    assert "Healing." not in said


def test_contraindications_that_say_the_same_are_said_once(staff, towel, herniation, source):
    other = StretchFactory(name="Another one")
    ContraindicationFactory(
        stretch=other, condition_code=herniation, severity="precaution", rationale="Go slowly.", source=source
    )

    said = text_of(staff.get(herniation.get_absolute_url()))

    assert said.count("Go slowly.") == 1
    assert "Precaution 2 prescribe with advice Go slowly. Another one Towel stretch" in said


def test_source_list_counts_what_rests_on_each(staff, towel, source):
    rows = staff.get(reverse("stretches:source_list"), {"q": "1999 wilke"}).context["rows"]

    assert [(row.source, row.stretches, row.codes, row.contraindications, row.absolute) for row in rows] == [
        (source, 1, 2, 3, 1)
    ]


@pytest.mark.parametrize(("verification", "is_marked"), [("read", False), ("background", True)])
def test_an_absolute_row_on_background_knowledge_is_pointed_out(staff, towel, source, verification, is_marked):
    source.verification = verification
    source.save()

    assert ("Absolute rows rest on it" in text_of(staff.get(reverse("stretches:source_list")))) is is_marked
    assert ("Worth reading first" in text_of(staff.get(source.get_absolute_url()))) is is_marked


def test_source_detail_says_what_rests_on_it(staff, towel, source):
    response = staff.get(source.get_absolute_url())

    assert re.search(r"Disc disorder 1 absolute Disc herniation 1 relative 1 precaution", text_of(response))
    assert f'href="{towel.get_absolute_url()}"' in response.content.decode()
    assert 'href="https://doi.org/10.1097/00007632-1"' in response.content.decode()


# What they cost -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_ten_more_rows_cost_no_more_queries(staff, clinic, towel, source, herniation, name):
    asked = {"q": "s"} if name in LISTS else {}
    counts: list[int] = []
    words: list[str] = []

    for _ in range(2):
        for _ in range(1 + 9 * len(counts)):
            grow(clinic, towel, source, herniation)
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(address(name, towel), asked).status_code == 200
        words = [query["sql"][:60] for query in queries]
        counts.append(sum(each.startswith("SELECT") for each in words))

    assert counts[0] == counts[1] <= 12, words


def grow(clinic, towel, source, herniation):
    """One row more of everything that a page shows."""
    more = StretchFactory(name="One more", source=source, difficulty=1)
    towel.easier.add(more)
    below = ConditionCodeFactory(broader=[herniation], source=source)
    ContraindicationFactory(stretch=towel, condition_code=below, source=source)
    ContraindicationFactory(stretch=more, condition_code=herniation, source=source, severity="relative")
    prescription = PrescriptionFactory(patient=PatientFactory(clinic=clinic), status="active")
    PrescribedStretchFactory(prescription=prescription, stretch=towel)
    rule = MovementRule.objects.create(
        condition_code=herniation, severity="absolute", rationale=more.slug, source=source, confidence="high"
    )
    rule.movements.add(Movement.objects.get(slug="tilt"))


def test_counts_are_kept_for_a_version_of_the_library_and_never_of_what_is_a_clinics_own(staff, clinic, towel):
    CatalogueRelease.record_edit("filled", by=UserFactory())

    def count() -> int:
        return staff.get(reverse("stretches:stretch_list")).context["shelf"].count

    before = count()
    StretchFactory(name="Behind the back of every release")
    kept = count()
    StretchFactory(clinic=clinic, name="Our own")
    StretchFactory(clinic=ClinicFactory(), name="Not ours")
    with_own = count()
    CatalogueRelease.record_edit("stretch changed", by=UserFactory())

    assert (before, kept, with_own, count()) == (2, 2, 3, 4)
    facet = staff.get(reverse("stretches:stretch_list")).context["shelf"].facets["status"]
    assert [(each.value, each.count) for each in facet] == [("reviewed", 4)]

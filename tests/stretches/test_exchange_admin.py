"""Import and export in the admin site: who may, what is shown first, and what comes of it."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from stretches.models import CatalogueImport, CatalogueRelease, Contraindication, Source, Stretch
from tests.admin_pages import admin_url
from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ContraindicationFactory,
    PatientFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)
from tests.stretches.exchanging import CONTRAINDICATION, SOURCE, STRETCH, counts, table
from tests.stretches.test_admin_impact import confirm, prescribe, told

pytestmark = pytest.mark.django_db

ADD = "/admin/stretches/catalogueimport/add/"
EXPORT = "/admin/stretches/catalogueimport/export/"


def send(client: Client, content: bytes, name: str = "file.csv") -> Any:
    return client.post(ADD, {"file": SimpleUploadedFile(name, content)})


def sent(client: Client, content: bytes, name: str = "file.csv") -> CatalogueImport:
    """An import that was sent and waits for a decision."""
    answer = send(client, content, name)
    assert answer.status_code == 302, answer.context["form"].errors
    return CatalogueImport.objects.latest("uploaded_at")


def page_of(row: CatalogueImport) -> str:
    return admin_url(CatalogueImport, "change", row.pk)


def decide(client: Client, row: CatalogueImport, **data: str) -> str:
    """Press a button of the preview, and read all of the answer."""
    seen = client.get(page_of(row)).context["plan"].fingerprint
    answer = client.post(page_of(row), {"seen_plan": seen, **data})
    return b"".join(answer).decode()


# Who may --------------------------------------------------------------------------------------------------------------
def people() -> dict[str, User]:
    only_edits = AdminFactory(is_staff=True)
    return {
        "clinician": ClinicianFactory(),
        "admin of a clinic": AdminFactory(),
        "staff without the group": only_edits,
        "patient": PatientFactory(user=UserFactory()).user,
    }


def test_nobody_else_may(admin_client: Client) -> None:
    row = sent(admin_client, table("sources", SOURCE))
    addresses = [ADD, EXPORT, f"{EXPORT}?file=catalogue.json", page_of(row), admin_url(CatalogueImport, "changelist")]

    for who, person in people().items():
        client = Client()
        client.force_login(person)
        for address in addresses:
            answers = {client.get(address).status_code, client.post(address, {"_new": "1"}).status_code}
            assert answers <= {302, 403, 404}, (who, address)
    for address in addresses:
        assert Client().get(address).status_code == 302

    assert Source.objects.count() == 0
    assert CatalogueImport.objects.waiting().count() == 1


def test_a_superuser_and_a_library_admin_may(admin_client: Client) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    answers = [each.get(address).status_code for each in (client, admin_client) for address in (ADD, EXPORT)]

    assert answers == [200] * 4


def test_an_import_is_neither_edited_nor_deleted(admin_client: Client) -> None:
    row = sent(admin_client, table("sources", SOURCE))

    deletion = admin_client.post(admin_url(CatalogueImport, "delete", row.pk), {"post": "yes"})
    nothing = admin_client.get(admin_url(CatalogueImport, "change", "0" * 32))

    assert deletion.status_code == 403
    assert nothing.status_code == 302


# Seen first, then done ------------------------------------------------------------------------------------------------
def test_a_file_is_shown_before_anything_is_changed(admin_client: Client, admin: User) -> None:
    row = sent(admin_client, table("sources", SOURCE))

    page = admin_client.get(page_of(row)).content.decode()

    assert Source.objects.count() == 0
    assert "smith-2020" in page
    assert row.uploaded_by == admin


def test_what_is_new_comes_as_a_draft_with_who_brought_it(admin_client: Client, admin: User) -> None:
    SourceFactory(slug="smith-2020")
    row = sent(admin_client, table("stretches", STRETCH), "backs.csv")

    answer = decide(admin_client, row, _new="1")

    stretch = Stretch.objects.get()
    release = CatalogueRelease.objects.get()
    row.refresh_from_db()
    assert "Done." in answer
    assert 'value="5"' in answer  # of five rows: two movements, two muscles, a stretch
    assert stretch.status == "draft"
    assert stretch.history.get().history_user == admin
    assert release.released_by == admin
    assert "Imported from “backs.csv”" in release.reason
    assert (row.release, row.content, row.applied_at is not None) == (release, None, True)
    assert row.outcome in admin_client.get(page_of(row)).content.decode()


def test_what_differs_is_shown_and_left_unless_that_is_chosen(admin_client: Client) -> None:
    SourceFactory(slug="smith-2020", citation="Smith, as an admin put it.", loaded_digest="of another row")
    row = sent(admin_client, table("sources", SOURCE, SOURCE | {"slug": "new"}))

    page = admin_client.get(page_of(row)).content.decode()
    decide(admin_client, row, _new="1")
    left = Source.objects.get(slug="smith-2020").citation
    decide(admin_client, again := sent(admin_client, table("sources", SOURCE)), _all="1")

    again.refresh_from_db()
    assert "Smith, as an admin put it." in page
    assert SOURCE["citation"] in page
    assert "edited here" in page
    assert left == "Smith, as an admin put it."
    assert Source.objects.get(slug="smith-2020").citation == SOURCE["citation"]
    assert "changed 1 source" in again.outcome


def test_a_reviewed_stretch_that_a_file_changes_is_a_draft_again(admin_client: Client, admin: User) -> None:
    ContraindicationFactory(stretch__slug="kept")
    changed = ContraindicationFactory(code="one")
    content = admin_client.get(f"{EXPORT}?file=contraindications.csv").content.decode("utf-8-sig")

    decide(admin_client, sent(admin_client, content.replace("absolute", "precaution", 2).encode()), _all="1")

    changed.stretch.refresh_from_db()
    assert set(Contraindication.objects.values_list("severity", flat=True)) == {"precaution"}
    assert changed.stretch.status == "draft"
    assert changed.stretch.history.latest().history_user == admin


def test_what_would_pause_prescribed_stretches_is_asked_about_first(admin_client: Client) -> None:
    clinician = ClinicianFactory()
    line = prescribe(StretchFactory(slug="bend"), ConditionCodeFactory(slug="sore"), clinician=clinician)
    SourceFactory(slug="smith-2020")
    rows = table("contraindications", CONTRAINDICATION | {"stretch": "bend", "condition": "sore"})
    row = sent(admin_client, rows, "pain.csv")
    seen = admin_client.get(page_of(row)).context["plan"].fingerprint

    question = admin_client.post(page_of(row), {"seen_plan": seen, "_new": "1"})
    before = Contraindication.objects.count()
    without_reason = confirm(admin_client, question, why=" ")
    answer = b"".join(confirm(admin_client, question, why="A trial showed harm.")).decode()

    assert question.context["affected"].lines == 1
    assert before == 0
    assert "Say why" in without_reason.context["problem"]
    assert "Prescribed stretches paused: 1. Clinicians told: 1." in answer
    assert "A trial showed harm." in CatalogueRelease.objects.get().reason
    assert told() == [clinician.email]
    assert line.stretch.contraindications.count() == 1


def test_nothing_is_done_if_the_catalogue_moved_after_it_was_shown(admin_client: Client) -> None:
    SourceFactory(slug="smith-2020", citation="Old.")
    row = sent(admin_client, table("sources", SOURCE))
    seen = admin_client.get(page_of(row)).context["plan"].fingerprint
    Source.objects.update(citation="Edited meanwhile.")

    answer = admin_client.post(page_of(row), {"seen_plan": seen, "_all": "1"})

    assert "nothing was imported" in answer.content.decode()
    assert Source.objects.get().citation == "Edited meanwhile."


def test_a_file_is_applied_once(admin_client: Client) -> None:
    row = sent(admin_client, table("sources", SOURCE))
    data = {"seen_plan": admin_client.get(page_of(row)).context["plan"].fingerprint, "_new": "1"}

    b"".join(admin_client.post(page_of(row), data))
    Source.objects.all().delete()
    again = admin_client.post(page_of(row), data)

    assert again.status_code == 200
    assert Source.objects.count() == 0


def test_of_three_who_confirm_at_once_two_are_told_that_it_was_imported(admin_client: Client, admin: User) -> None:
    row = sent(admin_client, table("sources", SOURCE))
    data = {"seen_plan": admin_client.get(page_of(row)).context["plan"].fingerprint, "_new": "1"}

    first, second = admin_client.post(page_of(row), data), admin_client.post(page_of(row), data)  # neither read yet
    done, too_late = (b"".join(each).decode() for each in (first, second))
    third = admin_client.post(page_of(row), data).content.decode()

    row.refresh_from_db()
    assert "<strong>Done.</strong>" in done
    for answer in (too_late, third):
        assert f"This file was imported already by {escape(admin)}, on " in answer
        assert escape(row.outcome) in answer
        assert "Something was changed meanwhile" not in answer
    assert "<strong>Not done.</strong>" in too_late


def test_whoever_confirms_after_it_was_discarded_is_told(admin_client: Client) -> None:
    row = sent(admin_client, table("sources", SOURCE))
    data = {"seen_plan": admin_client.get(page_of(row)).context["plan"].fingerprint, "_new": "1"}

    late = admin_client.post(page_of(row), data)
    admin_client.post(page_of(row), {"_discard": "1"})

    assert "<strong>Not done.</strong> Discarded: nothing was changed." in b"".join(late).decode()
    assert Source.objects.count() == 0


def test_a_file_can_be_discarded(admin_client: Client) -> None:
    row = sent(admin_client, table("sources", SOURCE))

    admin_client.post(page_of(row), {"_discard": "1"})

    row.refresh_from_db()
    assert (row.content, row.outcome) == (None, "Discarded: nothing was changed.")
    assert Source.objects.count() == 0


def test_a_file_waits_for_a_day(admin_client: Client) -> None:
    row = sent(admin_client, table("sources", SOURCE))
    CatalogueImport.objects.update(uploaded_at=timezone.now() - timezone.timedelta(days=2))

    sent(admin_client, table("sources", SOURCE))

    row.refresh_from_db()
    assert row.content is None
    assert CatalogueImport.objects.waiting().count() == 1


# What is wrong with it ------------------------------------------------------------------------------------------------
def test_every_fault_is_told_at_once_by_row_and_column(admin_client: Client) -> None:
    SourceFactory(slug="smith-2020")
    bad = [STRETCH | {"slug": f"s-{number}"} for number in range(3)]
    bad[0] |= {"difficulty": 9}
    bad[2] |= {"position": "upside down", "source": "nobody"}
    before = counts()

    answer = send(admin_client, table("stretches", *bad))

    form = answer.context["form"]
    assert [(fault.place, fault.column) for fault in form.problems] == [("row 2", "difficulty"), ("row 4", "position")]
    assert "9 is not 1 to 5" in answer.content.decode()
    assert "2 faults" in form.errors["file"][0]
    assert counts() == before
    assert not CatalogueImport.objects.exists()


def test_a_form_without_a_file_says_so(admin_client: Client) -> None:
    answer = admin_client.post(ADD, {})

    assert answer.context["form"].errors["file"] == ["This field is required."]


# Out ------------------------------------------------------------------------------------------------------------------
def test_the_catalogue_as_files(admin_client: Client) -> None:
    StretchFactory(slug="one")

    answers = {name: admin_client.get(EXPORT, {"file": name}) for name in ("catalogue.json", "stretches.csv", "x.exe")}

    assert json.loads(answers["catalogue.json"].content)["stretches"][0]["slug"] == "one"
    assert answers["stretches.csv"].content.startswith(b"\xef\xbb\xbfslug,name,status")
    assert "attachment" in answers["stretches.csv"]["Content-Disposition"]
    assert answers["x.exe"].status_code == 404


def test_pages_cost_the_same_with_more_rows(admin_client: Client) -> None:
    def queries(address: str) -> int:
        admin_client.get(address)  # the first time of many, which begins to count
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(address).status_code == 200
        return len(captured)

    SourceFactory(slug="smith-2020")
    few = sent(admin_client, table("stretches", STRETCH))
    addresses = [admin_url(CatalogueImport, "changelist"), EXPORT, f"{EXPORT}?file=catalogue.json"]
    before = [queries(address) for address in [*addresses, page_of(few)]]
    many = sent(admin_client, table("stretches", *[STRETCH | {"slug": f"s-{n}"} for n in range(12)]))
    decide(admin_client, sent(admin_client, table("stretches", STRETCH | {"slug": "old"})), _new="1")
    after = [queries(address) for address in [*addresses, page_of(many)]]

    assert after == before

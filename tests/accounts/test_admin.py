from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Clinic, Membership, User
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

MODELS = [Clinic, Membership, User]
LONG = "four words of spring"


@pytest.fixture
def superuser_client() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def one(model: type[Model]) -> Model:
    """A row of any of the three."""
    ClinicianFactory()
    return model._default_manager.latest("pk")


@pytest.mark.parametrize("model", MODELS)
def test_every_page_works_for_a_superuser(superuser_client: Client, model: type[Model]) -> None:
    row = one(model)
    addresses = [admin_url(model, "changelist"), admin_url(model, "add"), admin_url(model, "change", row.pk)]

    answers = [superuser_client.get(address).status_code for address in addresses]
    searched = superuser_client.get(admin_url(model, "changelist"), {"q": "person"}).status_code

    assert [*answers, searched] == [200, 200, 200, 200]


def test_the_admin_site_says_when_a_session_ends(superuser_client: Client) -> None:
    page = superuser_client.get(admin_url(Clinic, "add")).content.decode()

    assert 'id="session-end"' in page
    assert "js/session-end.js" in page
    assert 'data-seconds="8' in page or 'data-seconds="9' in page


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["changelist", "add", "change", "delete", "history"])
def test_others_are_turned_away(client: Client, model: type[Model], page: str) -> None:
    row = one(model)
    url = admin_url(model, page, *([row.pk] if page not in {"changelist", "add"} else []))
    permitted = AdminFactory()
    permitted.groups.add(Group.objects.get(name="Catalogue admins"))
    permitted.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    answers = []

    for person in (None, PatientFactory(user=UserFactory()).user, ClinicianFactory(), permitted):
        if person:
            client.force_login(person)
        answers += [client.get(url).status_code, client.post(url, {"post": "yes"}).status_code]

    assert answers == [302, 302, 302, 302, 302, 302, 403, 403]


def test_the_password_page_is_for_superusers(client: Client, superuser_client: Client) -> None:
    person = UserFactory()
    url = reverse("admin:auth_user_password_change", args=[person.pk])
    client.force_login(AdminFactory())

    assert client.get(url).status_code == 403
    assert superuser_client.get(url).status_code == 200


@pytest.mark.parametrize("model", [Clinic, User])
def test_people_and_clinics_are_never_deleted(superuser_client: Client, model: type[Model]) -> None:
    row = one(model)

    response = superuser_client.post(admin_url(model, "delete", row.pk), {"post": "yes"})
    superuser_client.post(
        admin_url(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    )

    assert response.status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_role_is_taken_away(superuser_client: Client) -> None:
    row = one(Membership)

    superuser_client.post(admin_url(Membership, "delete", row.pk), {"post": "yes"})

    assert not Membership.objects.filter(pk=row.pk).exists()


def test_a_person_is_added_with_a_password(superuser_client: Client) -> None:
    data: dict[str, Any] = {"email": "New@Example.org", "full_name": "New Person", "usable_password": "true"}

    response = send(superuser_client, admin_url(User, "add"), **data, password1=LONG, password2=LONG)

    assert response.status_code == 302
    person = User.objects.get(full_name="New Person")
    assert person.email == "new@example.org"
    assert person.check_password(LONG)
    assert (person.is_staff, person.is_superuser) == (False, False)


def test_a_person_is_added_who_signs_in_by_a_code(superuser_client: Client) -> None:
    data = {"email": "new@example.org", "full_name": "New Person", "usable_password": "false"}

    response = send(superuser_client, admin_url(User, "add"), **data)

    assert response.status_code == 302
    assert not User.objects.get(full_name="New Person").has_usable_password()


@pytest.mark.parametrize(
    ("changes", "beside", "words"),
    [
        ({"email": "TAKEN@example.org"}, "email", "Somebody with this address is here already."),
        ({"email": "nobody"}, "email", "Enter a valid email address."),
        ({"email": ""}, "email", "This field is required."),
        ({"full_name": ""}, "full_name", "This field is required."),
        ({"password2": "another one"}, "password2", "didn’t match"),
        ({"password1": "short", "password2": "short"}, "password2", "This password is too short."),
    ],
)
def test_a_bad_person_is_told_beside_the_field(
    superuser_client: Client, changes: dict[str, str], beside: str, words: str
) -> None:
    UserFactory(email="taken@example.org")
    data = {"email": "new@example.org", "full_name": "New", "usable_password": "true"}
    data |= {"password1": LONG, "password2": LONG} | changes

    response = send(superuser_client, admin_url(User, "add"), **data)

    assert words in errors_of(response)[beside][0]


def test_an_address_is_changed_but_not_to_somebody_elses(superuser_client: Client) -> None:
    person = UserFactory(email="person@example.org")
    UserFactory(email="taken@example.org")
    url = admin_url(User, "change", person.pk)

    refused = send(superuser_client, url, email="Taken@example.org")
    taken = send(superuser_client, url, email="Person@Example.ORG", full_name="Renamed")

    assert errors_of(refused)["email"] == ["Somebody with this address is here already."]
    assert taken.status_code == 302
    person.refresh_from_db()
    assert (person.email, person.full_name) == ("person@example.org", "Renamed")


def test_somebody_who_signs_in_meanwhile_is_nobody_who_saved(superuser_client: Client) -> None:
    person = UserFactory()
    url = admin_url(User, "change", person.pk)
    seen = superuser_client.get(url).context["adminform"].form["seen"].value()

    User.objects.filter(pk=person.pk).update(last_login=timezone.now())
    saved = send(superuser_client, url, full_name="Renamed", seen=seen)
    late = send(superuser_client, url, full_name="Renamed again", seen=seen)

    assert (saved.status_code, late.status_code) == (302, 409)


def test_a_change_leaves_the_password(superuser_client: Client) -> None:
    person = UserFactory()
    person.set_password(LONG)
    person.save()
    url = admin_url(User, "change", person.pk)

    page = superuser_client.get(url).content.decode()
    send(superuser_client, url, full_name="Renamed")

    person.refresh_from_db()
    assert person.password not in page
    assert person.check_password(LONG)


@pytest.mark.parametrize(
    ("changes", "beside", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone", "is not a time zone"),
        ({"review_limit_days": "0"}, "review_limit_days", "greater than or equal to 1"),
        ({"review_limit_days": "366"}, "review_limit_days", "less than or equal to 365"),
        ({"name": ""}, "name", "required"),
    ],
)
def test_a_bad_clinic_is_told_beside_the_field(
    superuser_client: Client, changes: dict[str, str], beside: str, words: str
) -> None:
    response = send(superuser_client, admin_url(Clinic, "change", ClinicFactory().pk), **changes)

    assert words in errors_of(response)[beside][0]


def test_another_clinic_sent_under_the_id_of_the_first_is_made_too_and_each_once(superuser_client: Client) -> None:
    url = admin_url(Clinic, "add")
    sent = {**form_of(superuser_client.get(url)), "new_id": "6a1cfd3c-4c2e-4f6e-9f57-0a1b8f0a3c11"}

    for name in ("First", "Second", "First", "Second"):
        superuser_client.post(url, {**sent, "name": name, "csrfmiddlewaretoken": f"of {name}"})

    assert sorted(Clinic.objects.values_list("name", flat=True)) == ["First", "Second"]


def test_a_role_is_given_once(superuser_client: Client) -> None:
    row: Any = one(Membership)
    data = {"user": str(row.user_id), "clinic": str(row.clinic_id), "role": row.role}

    response = send(superuser_client, admin_url(Membership, "add"), **data)

    assert "already exists" in errors_of(response)[""][0]


@pytest.mark.parametrize("key", ["x", "\x00", "9" * 30])
def test_a_role_for_nobody_is_told_beside_the_field(superuser_client: Client, key: str) -> None:
    response = send(superuser_client, admin_url(Membership, "add"), user=key, clinic=key, role="admin")

    assert set(errors_of(response)) == {"user", "clinic"}


@pytest.mark.parametrize("model", MODELS)
def test_ten_more_rows_cost_a_list_no_more_queries(superuser_client: Client, model: type[Model]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            superuser_client.get(admin_url(model, "changelist"))
        return len(captured)

    one(model)
    queries()
    before = queries()
    for _ in range(10):
        one(model)

    assert queries() == before

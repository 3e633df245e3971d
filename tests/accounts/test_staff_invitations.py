"""A clinic's admin invites staff: the link works once, for three days, and opens no sign-in that exists."""

import datetime
import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Clinic, Membership, OutboxMessage, StaffInvitation, User
from accounts.sessions import SIGNED_IN_AT
from tests.accounts.second_proof import STEP, who
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST, ADD = "/staff/", "/staff/invite/"
NEW = {"full_name": "Nora New", "address": "Nora@Example.org", "role": "clinician"}
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def clinic() -> Clinic:
    return ClinicFactory()


@pytest.fixture
def admin(clinic: Clinic) -> User:
    return AdminFactory(clinic=clinic)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def invite(admin: User, clinic: Clinic, **more: str) -> Any:
    return signed_in(admin).post(ADD, {**NEW, "clinic": clinic.pk, **more})


def link() -> str:
    call_command("send_due")
    found = re.search(r"http://127.0.0.1:8000(/staff/join/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_whoever_is_invited_comes_in_and_is_asked_for_a_second_proof(
    admin: User, clinic: Clinic, client: Client, settings: Any
) -> None:
    invite(admin, clinic)
    page = link()
    settings.REQUIRE_STAFF_MFA = True

    looked = [client.get(page).status_code for _ in range(3)]
    response = client.post(page)

    assert looked == [200] * 3
    membership = Membership.objects.get(user__email="nora@example.org")
    assert (membership.clinic, membership.role, membership.user.full_name) == (clinic, "clinician", "Nora New")
    assert who(client) == str(membership.user_id)
    assert client.get(response["Location"])["Location"].startswith(STEP)


@pytest.mark.parametrize("over", ["used", "revoked", "too old", "its author is no admin now", "replaced"])
def test_a_link_that_is_over_lets_nobody_in(admin: User, clinic: Clinic, client: Client, over: str) -> None:
    invite(admin, clinic)
    page = link()
    match over:
        case "used":
            Client().post(page)
            Membership.objects.filter(user__email="nora@example.org").delete()
        case "revoked":
            signed_in(admin).post(reverse("accounts:staff_invitation_revoke", args=[StaffInvitation.objects.get().pk]))
        case "too old":
            StaffInvitation.objects.update(expires_at=timezone.now())
        case "replaced":
            invite(admin, clinic)
        case _:
            admin.memberships.all().delete()

    answers = (client.get(page).status_code, client.post(page).status_code)

    assert answers == (404, 404)
    assert not Membership.objects.filter(user__email="nora@example.org").exists()


@pytest.mark.parametrize(
    "person", [UserFactory, ClinicianFactory, lambda email: UserFactory(email=email, is_active=False)]
)
def test_a_link_is_no_way_into_a_sign_in_that_exists(admin: User, clinic: Clinic, client: Client, person: Any) -> None:
    user = person(email="nora@example.org")
    invite(admin, clinic)
    page = link()

    refused = client.post(page)

    assert (refused.status_code, who(client)) == (409, None)
    assert signed_in(UserFactory()).post(page).status_code == 409
    if user.is_active:
        assert signed_in(user).post(page).status_code == 302
        assert user.memberships.filter(clinic=clinic, role="clinician").exists()


def test_a_withdrawn_invitation_is_not_mailed_in_the_name_of_another(admin: User, clinic: Clinic) -> None:
    invite(admin, clinic, address="somebody-else@example.org")
    call_command("send_due")
    mail.outbox.clear()
    invite(admin, clinic)
    StaffInvitation.objects.get(address="nora@example.org").revoke(at=timezone.now())

    call_command("send_due")

    assert mail.outbox == []


def test_only_the_hash_is_stored_and_it_lasts_three_days(admin: User, clinic: Clinic) -> None:
    invite(admin, clinic)
    token = link().rstrip("/").rpartition("/")[2]

    invitation = StaffInvitation.objects.get()

    assert token not in " ".join(map(str, [*vars(invitation).values(), *OutboxMessage.objects.values_list()]))
    assert invitation.expires_at - invitation.created_at == 72 * HOUR


def test_the_page_of_a_link_names_it_to_nobody(admin: User, clinic: Clinic, client: Client) -> None:
    invite(admin, clinic)

    page = client.get(link())

    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    ("person", "status"),
    [
        (lambda clinic: ClinicianFactory(clinic=clinic), 404),
        (lambda clinic: PatientFactory(clinic=clinic, user=UserFactory()).user, 404),
        (lambda _: AdminFactory(), 200),
    ],
    ids=["clinician", "patient", "admin of another clinic"],
)
def test_only_an_admin_manages_staff_and_only_of_the_own_clinic(
    admin: User, clinic: Clinic, person: Any, status: int
) -> None:
    invite(admin, clinic)
    invitation = StaffInvitation.objects.get()
    client = signed_in(person(clinic))

    pages = [client.get(LIST), client.get(ADD)]
    client.post(ADD, {**NEW, "address": "other@example.org", "clinic": clinic.pk})
    revoked = client.post(reverse("accounts:staff_invitation_revoke", args=[invitation.pk]))

    assert [page.status_code for page in pages] == [status, status]
    assert all("Nora" not in page.content.decode() for page in pages)
    assert revoked.status_code == 404
    assert StaffInvitation.objects.get().revoked_at is None


@pytest.mark.parametrize("path", [LIST, ADD])
def test_a_visitor_goes_to_the_sign_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"address": "nowhere"}, "valid email address"),
        ({"full_name": ""}, "required"),
        ({"role": "owner"}, "not one of the available choices"),
        ({"address": "sam@example.org"}, "has this role in this clinic already"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(admin: User, clinic: Clinic, typed: Any, complaint: str) -> None:
    ClinicianFactory(email="sam@example.org", clinic=clinic)

    response = invite(admin, clinic, **typed)

    assert response.status_code == 422
    assert complaint in " ".join(response.context["form"].errors.popitem()[1])
    assert not StaffInvitation.objects.exists()


def test_methods_and_rows(admin: User, clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    client = signed_in(admin)
    for _ in range(12):
        ClinicianFactory(clinic=clinic)

    with django_assert_max_num_queries(8):
        client.get(LIST)

    assert client.post(LIST).status_code == 405
    assert client.get(reverse("accounts:staff_invitation_revoke", args=[clinic.pk])).status_code == 405
    assert client.delete("/staff/join/x/").status_code == 405


# Shown once more who one is, before what matters most -----------------------------------------------------------------
@pytest.mark.parametrize(
    "page",
    [
        "/accounts/password/change/",
        "/accounts/password/set/",
        "/accounts/passkeys/add/",
        "/accounts/second-step/app/",
        "/admin/accounts/user/add/",
        "/admin/accounts/membership/add/",
        "/admin/accounts/clinic/add/",
        "/admin/accounts/user/{person}/change/",
        "/admin/accounts/user/{person}/password/",
        "/admin/accounts/membership/{role}/delete/",
        ADD,
    ],
)
@pytest.mark.parametrize(("ago", "asked"), [(9 * HOUR / 60, False), (10 * HOUR / 60, True)])
def test_ten_minutes_later_it_is_asked_who_one_is(page: str, ago: datetime.timedelta, asked: bool) -> None:
    admin = AdminFactory(is_superuser=True)
    admin.set_password("a long and boring password")
    admin.save()
    client = signed_in(admin)
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - ago).isoformat()
    session.save()
    role = Membership.objects.get(user=ClinicianFactory())
    page = page.format(person=role.user_id, role=role.pk)

    answers = [client.get(page), client.post(page, {})]

    places = [answer.get("Location", "").startswith("/accounts/reauthenticate/") for answer in answers]
    assert places == [asked, asked]
    assert "account_reauthentication_state" not in client.session or "passkeys" in page or "second-step" in page

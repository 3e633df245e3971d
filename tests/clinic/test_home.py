"""Where everybody arrives."""

import pytest
from django.urls import reverse

from tests.factories import AdminFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def somebody(*, treats: bool, is_treated: bool, is_staff: bool):
    user = ClinicianFactory(is_staff=is_staff) if treats else UserFactory(is_staff=is_staff)
    if is_treated:
        PatientFactory(user=user)
    return user


@pytest.mark.parametrize(
    ("treats", "is_treated", "is_staff", "leads_to"),
    [
        (True, False, False, "attention_list"),
        (True, False, True, "attention_list"),
        (False, True, False, "routines:routine_today"),
        (False, True, True, "routines:routine_today"),
        (False, False, True, "admin:index"),
    ],
)
def test_home_leads_everybody_to_their_own_page(client, treats, is_treated, is_staff, leads_to):
    client.force_login(somebody(treats=treats, is_treated=is_treated, is_staff=is_staff))

    response = client.get(reverse("home"))

    assert response.status_code == 302
    assert response.url == reverse(leads_to)


@pytest.mark.parametrize("is_staff", [True, False])
def test_home_lets_who_is_both_choose(client, is_staff):
    client.force_login(somebody(treats=True, is_treated=True, is_staff=is_staff))

    page = client.get(reverse("home")).content.decode().partition("<main")[2]

    assert f'href="{reverse("attention_list")}"' in page
    assert f'href="{reverse("routines:routine_today")}"' in page


def test_home_leads_an_admin_of_a_clinic_to_the_admin_site(client):
    client.force_login(AdminFactory())

    assert client.get(reverse("home")).url == reverse("admin:index")


def test_home_tells_who_belongs_to_no_clinic(client):
    user = UserFactory()
    client.force_login(user)

    response = client.get(reverse("home"))

    assert response.status_code == 200
    assert "No clinic yet" in response.content.decode()
    assert user.email in response.content.decode()


def test_home_sends_a_visitor_to_sign_in(client):
    assert client.get(reverse("home")).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_home_is_only_read(client, method):
    client.force_login(ClinicianFactory())

    assert client.generic(method, reverse("home")).status_code == 405

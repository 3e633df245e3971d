"""Pages around signing in, pages for when something went wrong, and what every page may ask about its reader."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants as levels
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults
from pytest_django import DjangoAssertNumQueries

from accounts.context import roles
from accounts.models import Membership, User
from patients.models import Patient
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, PatientFactory, UserFactory
from tests.walled import TOLD

pytestmark = pytest.mark.django_db
PASSWORD = "a long and boring password"


def headings(response: Any) -> list[str]:
    return re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", response.content.decode(), re.DOTALL)


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


# Signing in -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/accounts/login/", "Sign in"),
        ("/accounts/login/code/", "Send me a code"),
        ("/accounts/password/reset/", "Forgot your password?"),
        ("/accounts/password/reset/done/", "Look into your mail"),
        ("/accounts/password/reset/key/done/", "Your new password is saved"),
        ("/accounts/password/reset/key/1-outdated/", "This link no longer works"),
        ("/accounts/confirm-email/", "Look into your mail"),
        ("/accounts/confirm-email/outdated/", "This link no longer works"),
        ("/accounts/inactive/", "This account is closed"),
        ("/accounts/signup/", "Your clinic makes your account"),
    ],
)
def test_a_visitor_reads_the_page(client: Client, path: str, heading: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert headings(response) == [heading]
    assert "· Limber</title>" in response.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "account_logout",
        "account_change_password",
        "account_set_password",
        "account_reauthenticate",
    ],
)
def test_a_visitor_is_sent_away_from_what_needs_an_account(client: Client, name: str) -> None:
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("account_logout", "Sign out?"),
        ("account_change_password", "Change your password"),
        ("account_reauthenticate", "Is it still you?"),
    ],
)
def test_a_person_with_a_password_manages_the_account(client: Client, name: str, heading: str) -> None:
    client.force_login(with_password(UserFactory()))

    response = client.get(reverse(name))

    assert response.status_code == 200
    assert headings(response) == [heading]


def test_a_person_without_a_password_may_set_one(client: Client) -> None:
    user = UserFactory()
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    response = client.get(reverse("account_set_password"))

    assert headings(response) == ["Set a password"]


def test_the_sign_in_page_offers_a_code_before_a_password(client: Client) -> None:
    text = client.get(reverse("account_login")).content.decode()

    assert 0 < text.index('action="/accounts/login/code/"') < text.index('action="/accounts/login/"')


def test_every_way_to_sign_in_leads_on_to_the_page_that_was_asked_for(client: Client) -> None:
    text = client.get(reverse("account_login"), {"next": "/patients/"}).content.decode()

    assert text.count('name="next" value="/patients/"') == 3


def test_a_wrong_password_is_explained_with_the_form_open_and_the_address_kept(client: Client) -> None:
    user = with_password(UserFactory())

    response = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})

    text = response.content.decode()
    assert "are not correct" in text
    assert re.search(r'<details class="disclosure[^>]*\bopen>', text)
    assert f'value="{user.email}"' in text


def test_a_code_by_mail_signs_in(client: Client) -> None:
    user = UserFactory()

    asked = client.post(reverse("account_request_login_code"), {"email": user.email}, follow=True)
    code = re.search(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None
    wrong = client.post(reverse("account_confirm_login_code"), {"code": "wrong"})
    right = client.post(reverse("account_confirm_login_code"), {"code": code[1], "next": "/accounts/email/"})

    assert headings(asked) == ["Enter the code"]
    assert user.email in asked.content.decode()
    assert mail.outbox[0].subject.endswith("Your code for Limber")
    assert "Incorrect code" in wrong.content.decode()
    assert right["Location"] == "/accounts/email/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_link_by_mail_leads_to_a_new_password(client: Client) -> None:
    user = with_password(UserFactory())

    client.post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"http\S+(/accounts/password/reset/key/\S+/)", str(mail.outbox[0].body))
    assert link is not None
    response = client.get(link[1], follow=True)

    assert headings(response) == ["Choose a new password"]


# When something went wrong --------------------------------------------------------------------------------------------
def refused(request: HttpRequest) -> HttpResponse:
    return defaults.permission_denied(request, PermissionDenied())


@pytest.mark.parametrize(
    ("handler", "status", "heading"),
    [
        (lambda request: defaults.bad_request(request, ValueError()), 400, "We could not read that"),
        (refused, 403, "This page is not for you"),
        (lambda request: defaults.page_not_found(request, ValueError()), 404, "This page is not here"),
        (defaults.server_error, 500, "Something went wrong on our side"),
    ],
)
def test_an_error_page_asks_nothing_of_the_request_or_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
    handler: Callable[[HttpRequest], HttpResponse],
    status: int,
    heading: str,
) -> None:
    request = RequestFactory().get("/")  # no session, no user, no nonce

    with django_assert_num_queries(0):
        response = handler(request)

    assert response.status_code == status
    assert headings(response) == [heading]


def test_the_last_page_is_rendered_without_any_context() -> None:
    assert "what you saved before is safe" in render_to_string("500.html")


def test_a_form_from_elsewhere_is_refused_kindly() -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"))

    assert response.status_code == 403
    assert headings(response) == ["Please try once more"]


# What every page may ask ----------------------------------------------------------------------------------------------
def answers(user: User | AnonymousUser) -> tuple[bool | str, ...]:
    request = RequestFactory().get("/")
    request.user = user
    context = roles(request)
    return context["is_clinician"](), context["is_patient"](), context["clinic_name"]()


def test_a_visitor_is_nobody_yet() -> None:
    assert answers(AnonymousUser()) == (False, False, "")


def test_a_page_without_a_user_knows_nobody() -> None:
    assert roles(RequestFactory().get("/"))["is_clinician"]() is False


def test_a_clinician_is_known_with_the_clinic() -> None:
    assert answers(ClinicianFactory(clinic=ClinicFactory(name="Riverside"))) == (True, False, "Riverside")


def test_an_admin_is_neither_clinician_nor_patient() -> None:
    assert answers(AdminFactory(clinic=ClinicFactory(name="Riverside"))) == (False, False, "Riverside")


def test_a_patient_is_known_with_the_clinic() -> None:
    patient = PatientFactory(user=UserFactory(), clinic=ClinicFactory(name="Riverside"))

    assert answers(patient.user) == (False, True, "Riverside")


def test_a_clinician_may_be_a_patient_elsewhere() -> None:
    clinician = ClinicianFactory()
    PatientFactory(user=clinician)

    assert answers(clinician) == (True, True, "")


def test_who_works_in_two_clinics_reads_on_each_page_which_it_is() -> None:
    clinician = ClinicianFactory()
    Membership.objects.create(user=clinician, clinic=ClinicFactory(), role=Membership.Role.CLINICIAN)

    assert answers(clinician) == (True, False, "")


def test_a_page_that_asks_nothing_costs_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = RequestFactory().get("/")
    request.user = ClinicianFactory()

    with django_assert_num_queries(0):
        Template("Nothing to ask.").render(Context(roles(request)))


def test_a_page_that_asks_everything_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = RequestFactory().get("/")
    request.user = ClinicianFactory()

    with django_assert_num_queries(1 + TOLD):
        text = Template(
            "{{ is_clinician }} {{ is_patient }} {{ clinic_name }} {% if is_clinician %}yes{% endif %}"
        ).render(Context(roles(request)))

    assert text.endswith("yes")


def test_every_page_sends_its_token_with_what_htmx_asks(client: Client) -> None:
    text = client.get(reverse("account_login")).content.decode()

    assert re.search(r"""hx-headers='{"X-CSRFToken": "\w+"}'""", text)


@pytest.mark.parametrize(
    ("level", "look"),
    [(levels.ERROR, "danger"), (levels.WARNING, "warning"), (levels.SUCCESS, "success"), (levels.INFO, "info")],
)
def test_a_message_is_told_by_icon_and_colour(level: int, look: str) -> None:
    message = {"level_tag": levels.DEFAULT_TAGS[level], "__str__": "Saved."}

    text = render_to_string("_messages.html", {"messages": [message]})

    assert f"alert-{look}" in text
    assert "<svg" in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_changes_an_address_alone(client: Client, method: str) -> None:
    user = UserFactory()
    client.force_login(user)

    response = getattr(client, method)("/accounts/email/", {"email": "other@example.org", "action_add": "1"})

    assert response.status_code == 404
    assert list(user.emailaddress_set.values_list("email", flat=True)) in ([], [user.email])


def test_the_admin_site_is_entered_by_the_one_sign_in(client: Client) -> None:
    response = client.post("/admin/login/", {"username": "somebody@example.org", "password": "guess"})

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_a_page_for_somebody_signed_in_is_kept_in_no_cache(client: Client) -> None:
    client.force_login(ClinicianFactory())

    assert "no-store" in client.get("/patients/")["Cache-Control"]


def test_messages_end_with_the_session(client: Client) -> None:
    clinician = ClinicianFactory()
    client.force_login(clinician)
    added = client.post("/patients/add/", {"full_name": "Walter Brandt", "born_on": "1960-05-04"})
    assert Patient.objects.filter(full_name="Walter Brandt").exists()

    client.post("/accounts/logout/")

    assert "messages" not in added.cookies
    assert "Walter Brandt" not in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/accounts/membership/?role=%00",
        "/admin/stretches/cataloguerelease/?version=%00",
        "/admin/stretches/stretch/abc/history/",
        "/admin/autocomplete/?term=%00&app_label=accounts&model_name=membership&field_name=user",
    ],
)
def test_a_strange_address_of_the_admin_site_is_no_error(client: Client, address: str) -> None:
    client.force_login(User.objects.create_superuser("operator@example.org", full_name="Olga Operator"))

    assert client.get(address, follow=True).status_code == 200


def test_who_is_signed_in_guesses_no_password_at_the_admin_site(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.post("/admin/login/", {"username": "a@example.org", "password": "guess"}).status_code == 403


@pytest.mark.parametrize("factory", [UserFactory, AdminFactory])
def test_the_patient_list_is_for_clinicians_alone(client: Client, factory: Any) -> None:
    client.force_login(factory())

    assert client.get("/patients/").status_code == 404

"""How people read: language and text size, chosen at reading_edit, before and after signing in."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from tests.factories import ClinicianFactory, PatientFactory, UserFactory
from tests.walled import TOLD

pytestmark = pytest.mark.django_db

SETTINGS = "/settings/"
LOGIN = "/accounts/login/"
SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es-MX,es;q=0.9,en;q=0.5"}


@pytest.fixture
def patient() -> User:
    return PatientFactory(user=UserFactory(full_name="Ada Lovelace")).user


def page(response):
    return response.content.decode()


def html_tag(response):
    return re.search(r"<html[^>]*>", page(response)).group()


# Which language -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("accepted", "language", "heading"),
    [
        ("es", "es", "Entrar"),
        ("es-419,es;q=0.8", "es", "Entrar"),
        ("fr, es;q=0.4", "es", "Entrar"),
        ("en-US", "en-gb", "Sign in"),
        ("fr", "en-gb", "Sign in"),
        ("", "en-gb", "Sign in"),
        ("*;q=nonsense,\x7f", "en-gb", "Sign in"),
    ],
)
def test_a_visitor_is_met_in_the_language_of_the_browser(client, accepted, language, heading):
    response = client.get(LOGIN, HTTP_ACCEPT_LANGUAGE=accepted)

    assert f"<h1>{heading}</h1>" in page(response)
    assert f'lang="{language}"' in html_tag(response)
    assert response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


def test_a_visitor_switches_the_language_and_stays_on_the_page(client):
    response = client.post(SETTINGS, {"language": "es", "next": f"{LOGIN}?next=/today/"})

    assert (response.status_code, response["Location"]) == (302, f"{LOGIN}?next=/today/")
    assert "<h1>Entrar</h1>" in page(client.get(LOGIN))


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "\\\\e"]
)
def test_the_switch_leads_nowhere_else(client, elsewhere):
    response = client.post(SETTINGS, {"language": "es", "next": elsewhere})

    assert response["Location"] == SETTINGS


def test_what_a_person_chose_holds_on_every_device(client, patient):
    client.force_login(patient)
    client.post(SETTINGS, {"language": "es", "text_size": "large"})
    other = Client(HTTP_ACCEPT_LANGUAGE="en")
    other.force_login(patient)

    response = other.get("/today/")

    assert "Hola" in page(response)
    assert html_tag(response) == '<html lang="es" class="text-large">'


def test_a_language_that_is_taken_away_is_not_asked_for(client, patient):
    User.objects.filter(pk=patient.pk).update(language="tlh")
    client.force_login(User.objects.get(pk=patient.pk))

    assert 'lang="en-gb"' in html_tag(client.get("/today/"))


def test_staff_work_in_english_and_read_their_own_pages_in_their_language(client):
    clinician = ClinicianFactory(language="es")
    client.force_login(clinician)

    work, own = client.get(reverse("patients:patient_list")), client.get(SETTINGS)

    assert 'lang="en-gb"' in html_tag(work)
    assert "Pacientes" not in page(work)
    assert 'lang="es"' in html_tag(own)
    assert "<h1>Ajustes</h1>" in page(own)


def test_the_language_of_one_answer_is_not_that_of_the_next(client):
    before = translation.get_language()

    client.get(LOGIN, **SPANISH)

    assert translation.get_language() == before


@pytest.mark.parametrize(
    ("path", "said"),
    [("/nowhere/", "Esta página no está aquí"), (LOGIN, "Le enviamos un código por correo.")],
)
def test_errors_are_told_in_the_language_too(client, path, said):
    assert said in page(client.get(path, **SPANISH))


def test_a_mistake_is_told_in_the_language(client):
    response = client.post("/accounts/login/code/", {"email": "no address"}, **SPANISH)

    assert "Introduzca una dirección de correo electrónico válida" in page(response)


@pytest.mark.parametrize(("language", "subject"), [("es", "Su código para Limber"), ("", "Your code for Limber")])
def test_a_code_comes_in_the_language_of_its_reader(client, language, subject):
    UserFactory(email="ada@example.org", language=language)

    client.post("/accounts/login/code/", {"email": "ada@example.org"}, HTTP_ACCEPT_LANGUAGE="en")

    assert mail.outbox[0].subject.endswith(subject)
    assert ("Escríbalo en la página" in mail.outbox[0].body) is (language == "es")


# The page -------------------------------------------------------------------------------------------------------------
def test_reading_edit_stores_with_the_person_and_says_so_in_the_new_language(client, patient):
    client.force_login(patient)

    response = client.post(SETTINGS, {"language": "es", "text_size": "very-large"}, follow=True)
    patient.refresh_from_db()

    assert (patient.language, patient.text_size) == ("es", "very-large")
    assert "Guardado." in page(response)
    assert re.search(r'value="very-large"\s+checked', page(response))
    assert re.search(r'value="es"\s+checked', page(response))


def test_a_visitors_choice_is_kept_in_the_browser(client):
    client.post(SETTINGS, {"text_size": "very-large"})

    assert 'class="text-very-large"' in html_tag(client.get(LOGIN))
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies
    assert client.cookies["limber_text_size"]["httponly"]


def test_a_cookie_that_nobody_set_is_ignored(client):
    client.cookies["limber_text_size"] = '"><script>'
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "../../etc"

    assert html_tag(client.get(LOGIN)) == '<html lang="en-gb" class="text-normal">'


def test_only_what_is_sent_changes(client, patient):
    patient.choose_reading(language="es", text_size="large")
    client.force_login(patient)

    client.post(SETTINGS, {"language": "en-gb", "next": "/today/"})
    patient.refresh_from_db()

    assert (patient.language, patient.text_size) == ("en-gb", "large")


@pytest.mark.parametrize("wrong", [{"language": "tlh"}, {"text_size": "9000"}, {"language": "es\x00"}])
def test_nonsense_is_refused_beside_its_field(client, patient, wrong):
    client.force_login(patient)

    response = client.post(SETTINGS, wrong)
    patient.refresh_from_db()

    assert response.status_code == 200
    assert page(response).count("invalid-feedback") == 1
    assert (patient.language, patient.text_size) == ("", "")


def test_other_methods_are_refused(client):
    assert client.put(SETTINGS).status_code == 405


def test_the_database_knows_the_sizes(patient):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=patient.pk).update(text_size="9000")


def test_a_visitors_page_asks_the_database_nothing(client):
    with CaptureQueriesContext(connection) as queries:
        client.get(SETTINGS, **SPANISH)

    assert len(queries) == TOLD

import uuid
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.urls import reverse

from stretches.models import Stretch
from stretches.pictograms import pose_text
from tests.factories import AdminFactory, ClinicianFactory, PatientFactory, StretchFactory, UserFactory

pytestmark = pytest.mark.django_db


def address(stretch: Stretch, query: str = "") -> str:
    return reverse("stretches:stretch_picture", args=[stretch.pk]) + query


@pytest.fixture
def patient_client(client: Client) -> Client:
    client.force_login(PatientFactory(user=UserFactory()).user)
    return client


def test_stretch_picture_shows_a_reviewed_stretch_to_a_patient(patient_client: Client) -> None:
    stretch = StretchFactory(slug="towel-hamstring-stretch", name="Towel stretch", purpose="Lengthen <it>.")

    response = patient_client.get(address(stretch))

    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert "Towel stretch: Lengthen <it>." in [each.text for each in ET.fromstring(response.content).iter()]


@pytest.mark.parametrize("query", ["?theme=dark", "?theme=print", "?animated=1", "?theme=dark&animated=1"])
def test_stretch_picture_comes_in_other_ways(patient_client: Client, query: str) -> None:
    stretch = StretchFactory(slug="towel-hamstring-stretch")
    plain = patient_client.get(address(stretch)).content

    response = patient_client.get(address(stretch, query))

    assert response.status_code == 200
    assert response.content != plain


@pytest.mark.parametrize("slug", ["towel-hamstring-stretch", "never-drawn"])
def test_stretch_picture_is_there_for_every_stretch(patient_client: Client, slug: str) -> None:
    response = patient_client.get(address(StretchFactory(slug=slug), "?animated=1"))

    assert b"<svg" in response.content


def test_stretch_picture_is_fetched_once_a_day(patient_client: Client) -> None:
    stretch = StretchFactory()
    first = patient_client.get(address(stretch))

    again = patient_client.get(address(stretch), headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert set(first["Cache-Control"].split(", ")) == {"private", "max-age=86400"}
    assert patient_client.get(address(stretch, "?theme=dark"))["ETag"] != first["ETag"]


def test_stretch_picture_is_kept_for_good_under_its_version(patient_client: Client) -> None:
    stretch = StretchFactory(slug="towel-hamstring-stretch")
    before = stretch.picture_version
    kept = patient_client.get(address(stretch, f"?v={before}"))["Cache-Control"]

    Stretch.objects.update(own_pose=pose_text("chin-tuck"))

    stretch.refresh_from_db()
    assert set(kept.split(", ")) == {"private", "max-age=31536000", "immutable"}
    assert stretch.picture_version != before
    assert "immutable" not in patient_client.get(address(stretch, f"?v={before}"))["Cache-Control"]
    assert "immutable" in patient_client.get(address(stretch, f"?v={stretch.picture_version}"))["Cache-Control"]


@pytest.mark.parametrize("theme", ["", "sepia", "LIGHT", "light dark", "%00", "../../settings"])
def test_stretch_picture_knows_no_other_theme(patient_client: Client, theme: str) -> None:
    assert patient_client.get(address(StretchFactory(), f"?theme={theme}")).status_code == 404


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_stretch_picture_of_what_is_not_reviewed_is_for_staff(patient_client: Client, status: str) -> None:
    stretch = StretchFactory(status=status)
    seen = [patient_client.get(address(stretch)).status_code]

    for person in (ClinicianFactory(), AdminFactory(), UserFactory(is_staff=True)):
        patient_client.force_login(person)
        seen.append(patient_client.get(address(stretch)).status_code)

    assert seen == [404, 200, 200, 200]


def test_stretch_picture_of_nothing_is_not_found(patient_client: Client) -> None:
    missing = reverse("stretches:stretch_picture", args=[uuid.uuid4()])

    assert patient_client.get(missing).status_code == 404


def test_stretch_picture_sends_a_visitor_to_the_sign_in(client: Client) -> None:
    response = client.get(address(StretchFactory()))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_stretch_picture_is_only_read(patient_client: Client, method: str) -> None:
    assert getattr(patient_client, method)(address(StretchFactory())).status_code == 405

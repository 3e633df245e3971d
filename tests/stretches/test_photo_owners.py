"""Photos and videos of a clinic's own stretches are that clinic's; a clinic changes none of the library."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Clinic
from stretches.models import Stretch, StretchPhoto, StretchVideo
from tests.admin_pages import admin_url
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, PatientFactory, StretchFactory, UserFactory
from tests.stretches.pictures import jpeg
from tests.stretches.test_photo_pages import a_photo, file_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def clinic() -> Clinic:
    return ClinicFactory()


@pytest.fixture
def of_clinic(clinic: Clinic) -> Client:
    """The browser of a clinic's admin, who edits nothing of the library."""
    client = Client()
    client.force_login(AdminFactory(clinic=clinic))
    return client


def add_both(client: Client, stretch: Stretch) -> list[int]:
    photo = {"stretch": stretch.pk, "file": file_of(jpeg()), "alt": "Lying, a leg up."}
    video = {"stretch": stretch.pk, "address": "https://vimeo.com/76979871"}
    return [
        client.post(admin_url(StretchPhoto, "add"), photo).status_code,
        client.post(admin_url(StretchVideo, "add"), video).status_code,
    ]


def test_a_clinic_has_photos_and_videos_of_its_own(clinic: Clinic, of_clinic: Client) -> None:
    stretch = StretchFactory(clinic=clinic)

    assert add_both(of_clinic, stretch) == [302, 302]
    assert of_clinic.post(admin_url(StretchPhoto, "delete", stretch.pk), {"post": "yes"}).status_code == 302
    assert (StretchPhoto.objects.count(), StretchVideo.objects.count()) == (0, 1)


@pytest.mark.parametrize("is_of_library", [True, False])
def test_a_clinic_changes_none_of_others(of_clinic: Client, is_of_library: bool) -> None:
    owner = None if is_of_library else ClinicFactory()
    bare, photo = StretchFactory(clinic=owner), a_photo(StretchFactory(clinic=owner))
    before = list(StretchPhoto.objects.values())
    change, delete = (admin_url(StretchPhoto, page, photo.pk) for page in ("change", "delete"))

    add_both(of_clinic, bare)
    of_clinic.post(change, {"alt": "Ours now.", "file": file_of(jpeg())})
    of_clinic.post(delete, {"post": "yes"})

    assert list(StretchPhoto.objects.values()) == before
    assert not StretchVideo.objects.exists()


def test_stretch_photo_of_a_clinics_own_is_for_its_people(clinic: Clinic) -> None:
    photo = a_photo(StretchFactory(clinic=clinic))
    address = reverse("stretches:stretch_photo", args=[photo.pk, photo.key, "small"])
    people = (
        ClinicianFactory(clinic=clinic),
        PatientFactory(clinic=clinic, user=UserFactory()).user,
        ClinicianFactory(),
        PatientFactory(user=UserFactory()).user,
        AdminFactory(),
    )
    seen = []

    for person in people:
        client = Client()
        client.force_login(person)
        seen.append(client.get(address).status_code)

    assert seen == [200, 200, 404, 404, 404]

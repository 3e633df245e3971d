"""Photo and video of a stretch on the patient's pages: there when asked for, and never asked for by themselves."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stretches.models import StretchPhoto, StretchVideo
from tests.factories import PatientFactory, PrescribedStretchFactory, PrescriptionFactory, UserFactory

pytestmark = pytest.mark.django_db

TODAY, DATA = "/today/", "/today/routine.json"
KEY = "0123456789abcdef" * 2


@pytest.fixture
def stretch(client):
    """A stretch that a patient, who is signed in, does today."""
    patient = PatientFactory(user=UserFactory())
    draft = PrescriptionFactory(patient=patient)
    item = PrescribedStretchFactory(prescription=draft, stretch__name="Towel stretch")
    draft.activate(by=draft.created_by, at=timezone.now())
    client.force_login(patient.user)
    return item.stretch


@pytest.fixture
def with_both(stretch):
    StretchPhoto.objects.create(stretch=stretch, key=KEY, alt="Lying, <a> leg up.", width=1600, height=1200)
    StretchVideo.objects.create(stretch=stretch, provider="youtube", video_id="dQw4w9WgXcQ")
    return stretch


def test_routine_today_holds_photo_and_video_back_until_asked(client, with_both):
    page = client.get(TODAY).content.decode()

    (photo,) = re.findall(r'<details class="more-pictures">\s*<summary>Photo<.*?</details>', page, re.DOTALL)
    (video,) = re.findall(r'<details class="more-pictures">\s*<summary>Video<.*?</details>', page, re.DOTALL)
    assert 'loading="lazy"' in photo
    assert 'alt="Lying, &lt;a&gt; leg up."' in photo
    assert reverse("stretches:stretch_photo", args=[with_both.pk, KEY, "small"]) in photo
    assert "YouTube shows this video, not your clinic." in video
    (link,) = re.findall(r'<a [^>]*href="https://www\.youtube\.com/watch\?v=dQw4w9WgXcQ"[^>]*>', video)
    assert 'rel="noopener noreferrer"' in link
    assert 'referrerpolicy="no-referrer"' in link
    assert not re.findall(r'(?:src|srcset)="https?:', page)


def test_routine_today_has_neither_where_there_is_neither(client, stretch):
    assert "more-pictures" not in client.get(TODAY).content.decode()


def test_routine_today_says_it_in_spanish(client, with_both):
    page = client.get(TODAY, headers={"Accept-Language": "es"}).content.decode()

    assert "Este vídeo lo muestra YouTube, no su clínica." in page


def test_routine_data_names_both_and_the_player_fetches_neither(client, with_both):
    (routine,) = client.get(DATA).json()["routines"]

    shown = routine["parts"][0]["stretches"][0]
    assert shown["photo"] == {
        "address": reverse("stretches:stretch_photo", args=[with_both.pk, KEY, "small"]),
        "alt": "Lying, <a> leg up.",
    }
    assert shown["video"] == {"address": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "provider": "YouTube"}


def test_routine_data_is_no_longer_where_there_is_neither(client, stretch):
    shown = client.get(DATA).json()["routines"][0]["parts"][0]["stretches"][0]

    assert not {"photo", "video"} & set(shown)


@pytest.mark.parametrize("address", [TODAY, DATA])
def test_they_cost_no_query(client, stretch, address):
    client.get(address)
    with CaptureQueriesContext(connection) as without:
        client.get(address)
    StretchPhoto.objects.create(stretch=stretch, key=KEY, alt="Lying.", width=1600, height=1200)
    StretchVideo.objects.create(stretch=stretch, provider="vimeo", video_id="76979871")

    with CaptureQueriesContext(connection) as both:
        client.get(address)

    assert len(both) == len(without)


@pytest.mark.parametrize("page", ["routines:routine_print", "routines:routine_pdf"])
def test_paper_has_neither(client, with_both, page):
    prescription = with_both.prescribed.get().prescription

    assert b"youtube" not in client.get(reverse(page, args=[prescription.pk])).content.lower()

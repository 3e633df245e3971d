"""Uploading, replacing and removing a photo, linking a video; and who is shown them."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.sessions import SessionStore
from stretches import photos
from stretches.models import Stretch, StretchPhoto, StretchPose, StretchVideo
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import AdminFactory, ClinicianFactory, PatientFactory, StretchFactory, UserFactory
from tests.stretches.admin_rows import reasons
from tests.stretches.pictures import HOSTILE, jpeg, picture, saved
from tests.walled import TOLD

pytestmark = pytest.mark.django_db

ALT = "Lying on the back, one leg lifted with a towel."

NOBODYS = "5f0c9a52-0000-4000-8000-000000000000"
"""An id that no stretch has; always the same, so that every process collects the same tests."""


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "stretch-photos"


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def file_of(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/html")


def a_photo(stretch: Stretch | None = None) -> StretchPhoto:
    key = photos.write(photos.Photo(b"large", b"small", 4, 3))
    return StretchPhoto.objects.create(stretch=stretch or StretchFactory(), key=key, alt=ALT, width=4, height=3)


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Any:
    """What happens once a transaction is stored, as after every request in earnest."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


# Uploading ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["a.jpg", "a.exe", "../../etc/a.png", "a\x00b.html", "x" * 5000, "ф.webp"])
def test_a_photo_is_uploaded_whatever_its_name(
    admin: User, admin_client: Client, folder: Path, commit: Any, name: str
) -> None:
    stretch = StretchFactory(name="Towel stretch")
    data = {"stretch": stretch.pk, "file": file_of(jpeg(), name), "alt": ALT}

    with commit():
        response = admin_client.post(admin_url(StretchPhoto, "add"), data)

    assert response.status_code == 302, errors_of(response)
    photo = stretch.photo
    assert (photo.alt, photo.width, photo.height) == (ALT, 480, 360)
    assert files(folder) == [f"{photo.key}-large.webp", f"{photo.key}-small.webp"]
    assert photo.history.get().history_user == admin
    assert reasons() == ["Edited: photo “Photo of Towel stretch” added"]


def test_a_photo_is_replaced_and_its_history_is_kept(admin_client: Client, folder: Path, commit: Any) -> None:
    photo = a_photo()
    before = photo.key

    with commit():
        send(admin_client, admin_url(StretchPhoto, "change", photo.pk), file=file_of(saved(picture(400, 400), "PNG")))

    photo.refresh_from_db()
    assert photo.key != before
    assert (photo.width, photo.alt) == (400, ALT)
    assert files(folder) == [f"{photo.key}-large.webp", f"{photo.key}-small.webp"]
    assert [row.key for row in photo.history.all()] == [photo.key, before]


def test_the_words_change_without_the_photo(admin_client: Client, folder: Path, commit: Any) -> None:
    photo = a_photo()
    before = files(folder)

    with commit():
        send(admin_client, admin_url(StretchPhoto, "change", photo.pk), alt="Lying, a leg up.")

    photo.refresh_from_db()
    assert photo.alt == "Lying, a leg up."
    assert files(folder) == before


def test_a_photo_is_removed_with_its_files(admin_client: Client, folder: Path, commit: Any) -> None:
    photo = a_photo()

    with commit():
        admin_client.post(admin_url(StretchPhoto, "delete", photo.pk), {"post": "yes"})

    assert files(folder) == []
    assert not StretchPhoto.objects.exists()
    assert StretchPhoto.history.filter(stretch_id=photo.pk, history_type="-").exists()


def test_a_stretch_with_a_photo_is_not_deleted_below_it(admin_client: Client, folder: Path) -> None:
    photo = a_photo()

    response = admin_client.post(admin_url(Stretch, "delete", photo.pk), {"post": "yes"})

    assert "1 photos" in response.content.decode()
    assert len(files(folder)) == 2


# What is refused ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_told_beside_the_field_and_changes_nothing(
    admin_client: Client, folder: Path, name: str
) -> None:
    photo = a_photo()
    before = files(folder)
    data, words = HOSTILE[name]
    url = admin_url(StretchPhoto, "change", photo.pk)

    response = send(admin_client, url, file=file_of(data, "photo.jpg"), alt="What was typed.")

    assert words in errors_of(response)["file"][0]
    assert form_of(response)["alt"] == "What was typed."
    assert files(folder) == before
    photo.refresh_from_db()
    assert (photo.alt, photo.history.count(), reasons()) == (ALT, 1, [])


@pytest.mark.parametrize(
    ("changes", "beside", "words"),
    [
        ({"file": ""}, "file", "This field is required."),
        ({"file": b""}, "file", "The submitted file is empty."),
        ({"alt": ""}, "alt", "This field is required."),
        ({"alt": "  "}, "alt", "This field is required."),
        ({"alt": "x" * 251}, "alt", "at most 250 characters"),
        ({"alt": "a\x00b"}, "alt", "Null characters are not allowed"),
        ({"stretch": ""}, "stretch", "This field is required."),
        ({"stretch": "nothing"}, "stretch", "“nothing” is not a valid UUID."),
        ({"stretch": NOBODYS}, "stretch", "not one of the available choices"),
    ],
)
def test_a_bad_form_is_told_beside_the_field_and_leaves_no_file(
    admin_client: Client, folder: Path, changes: dict[str, Any], beside: str, words: str
) -> None:
    data = {"stretch": str(StretchFactory().pk), "file": jpeg(), "alt": ALT} | changes
    if isinstance(data["file"], bytes):
        data["file"] = file_of(data["file"])

    response = admin_client.post(admin_url(StretchPhoto, "add"), data)

    said = errors_of(response)
    assert words in said[beside][0]
    assert beside == "file" or said["file"] == ["The photo is fine, but browsers send no file twice: choose it again."]
    assert form_of(response).get("alt", "").strip() == str(data["alt"]).strip()
    assert files(folder) == []


def test_a_stretch_has_one_photo(admin_client: Client, folder: Path) -> None:
    stretch = a_photo().stretch
    data = {"stretch": stretch.pk, "file": file_of(jpeg()), "alt": "Another."}

    response = admin_client.post(admin_url(StretchPhoto, "add"), data)

    assert errors_of(response)["stretch"] == ["This stretch has a photo already: change that one."]
    assert len(files(folder)) == 2
    stretch.photo.refresh_from_db()
    assert stretch.photo.alt == ALT


def test_what_somebody_else_saved_is_not_replaced_unseen(admin_client: Client, folder: Path, commit: Any) -> None:
    photo = a_photo()
    url = admin_url(StretchPhoto, "change", photo.pk)
    mine = form_of(admin_client.get(url)) | {"alt": "Mine.", "file": file_of(jpeg())}
    with commit():
        send(admin_client, url, file=file_of(jpeg()))
    theirs = files(folder)

    refused = admin_client.post(url, mine)

    assert "Somebody else saved this while you were editing" in errors_of(refused)[""][0]
    assert files(folder) == theirs


def test_a_full_disk_is_told_and_changes_nothing(admin_client: Client, folder: Path) -> None:
    folder.touch()  # where the folder should be: nothing can be written below it
    data = {"stretch": StretchFactory().pk, "file": file_of(jpeg()), "alt": ALT}

    response = admin_client.post(admin_url(StretchPhoto, "add"), data)

    assert "could not be stored just now; nothing was changed" in errors_of(response)["file"][0]
    assert not StretchPhoto.objects.exists()


def test_a_row_that_cannot_be_stored_leaves_no_file(
    admin_client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(StretchPhoto, "save", fail)
    data = {"stretch": StretchFactory().pk, "file": file_of(jpeg()), "alt": ALT}

    with pytest.raises(ConnectionError):
        admin_client.post(admin_url(StretchPhoto, "add"), data)

    assert files(folder) == []


@pytest.mark.parametrize("size", [50_000_001, 100_000_000, 10**15])
def test_a_body_without_end_is_refused_before_it_is_read(admin_client: Client, size: int) -> None:
    class Body:
        def read(self, *_: Any) -> bytes:
            raise AssertionError("It was read.")

        readline = read

    sent: Any = {"wsgi.input": Body(), "CONTENT_LENGTH": size}
    response = admin_client.generic("POST", admin_url(StretchPhoto, "add"), **sent)

    assert response.status_code == 413
    assert "Nothing was changed." in response.content.decode()


def test_a_clinics_admin_sends_files_by_that_role_alone(client: Client) -> None:
    client.force_login(AdminFactory(is_staff=False))

    response = client.post(admin_url(StretchPhoto, "add"), {"image": file_of(bytes(4_000_001))})

    assert response.status_code == 200
    assert errors_of(response)


def test_a_body_without_end_is_not_read_when_a_session_is_over(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(ClinicianFactory())
    monkeypatch.setattr(SessionStore, "is_over", lambda *_args, **_kwargs: True)

    class Body:
        def read(self, *_: Any) -> bytes:
            raise AssertionError("It was read.")

        readline = read

    sent: Any = {"wsgi.input": Body(), "CONTENT_LENGTH": 4_000_001}
    response = client.generic("POST", reverse("patients:patient_add"), content_type="multipart/form-data", **sent)

    assert response.status_code == 413


@pytest.mark.parametrize(("person", "status"), [(ClinicianFactory, 413), (UserFactory, 413), (None, 413)])
def test_only_staff_send_files(client: Client, person: Any, status: int) -> None:
    if person:
        client.force_login(person())

    response = client.post(reverse("account_login"), {"file": file_of(bytes(4_000_001))})

    assert response.status_code == status


# Videos ---------------------------------------------------------------------------------------------------------------
def test_a_video_is_linked_changed_and_removed(admin_client: Client) -> None:
    stretch = StretchFactory(name="Towel stretch")
    url = admin_url(StretchVideo, "change", stretch.pk)
    pasted = "https://youtu.be/dQw4w9WgXcQ?si=abc&t=3"

    admin_client.post(admin_url(StretchVideo, "add"), {"stretch": stretch.pk, "address": pasted})
    send(admin_client, url, address="https://vimeo.com/76979871/8272103f6e")
    video = StretchVideo.objects.get()

    assert (video.provider, video.video_id, video.privacy_hash) == ("vimeo", "76979871", "8272103f6e")
    assert form_of(admin_client.get(url))["address"] == "https://player.vimeo.com/video/76979871?dnt=1&h=8272103f6e"
    assert send(admin_client, url).status_code == 302
    assert [row.provider for row in video.history.all()] == ["vimeo", "vimeo", "youtube"]
    admin_client.post(admin_url(StretchVideo, "delete", stretch.pk), {"post": "yes"})
    assert not StretchVideo.objects.exists()
    assert reasons()[-1] == "Edited: video “Video of Towel stretch” added"


def test_an_address_that_is_no_video_is_told_beside_the_field(admin_client: Client) -> None:
    data = {"stretch": StretchFactory().pk, "address": "javascript:alert(1)"}

    response = admin_client.post(admin_url(StretchVideo, "add"), data)

    assert errors_of(response)["address"] == ["The address of a video starts with https://."]
    assert form_of(response)["address"] == "javascript:alert(1)"


# The admin's pages ----------------------------------------------------------------------------------------------------
def test_a_stretch_leads_to_its_drawing_photo_and_video(admin_client: Client) -> None:
    without, with_both = StretchFactory(), a_photo().stretch
    StretchVideo.objects.create(stretch=with_both, provider="youtube", video_id="dQw4w9WgXcQ")

    pages = [admin_client.get(admin_url(Stretch, "change", each.pk)).content.decode() for each in (without, with_both)]

    assert admin_url(StretchPose, "change", without.pk) in pages[0]
    assert f"{admin_url(StretchPhoto, 'add')}?stretch={without.pk}" in pages[0]
    assert f"{admin_url(StretchVideo, 'add')}?stretch={without.pk}" in pages[0]
    assert admin_url(StretchPhoto, "change", with_both.pk) in pages[1]
    assert admin_url(StretchVideo, "change", with_both.pk) in pages[1]
    begun = admin_client.get(f"{admin_url(StretchPhoto, 'add')}?stretch={without.pk}")
    assert form_of(begun)["stretch"] == str(without.pk)


@pytest.mark.parametrize("query", ["stretch=nothing", "stretch=%00", f"stretch={NOBODYS}", "alt=x", "key=x"])
def test_a_strange_beginning_is_no_error(admin_client: Client, query: str) -> None:
    for model in (StretchPhoto, StretchVideo):
        assert admin_client.get(f"{admin_url(model, 'add')}?{query}").status_code == 200


# Being shown it -------------------------------------------------------------------------------------------------------
def address(photo: StretchPhoto, size: str = "large", **other: Any) -> str:
    named = {"pk": photo.pk, "key": photo.key, "size": size} | other
    return reverse("stretches:stretch_photo", kwargs=named)


@pytest.fixture
def patient_client(client: Client) -> Client:
    client.force_login(PatientFactory(user=UserFactory()).user)
    return client


def test_stretch_photo_is_a_picture_and_nothing_else(patient_client: Client) -> None:
    photo = a_photo()

    response = patient_client.get(address(photo, "small"))

    assert response.content == b"small"
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    assert response["Content-Disposition"] == "inline"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"


def test_stretch_photo_of_another_name_or_size_is_not_found(patient_client: Client) -> None:
    photo = a_photo()
    lost = StretchPhoto.objects.create(stretch=StretchFactory(), key="0" * 32, alt=ALT, width=4, height=3)
    others = [
        address(photo, "huge"),
        address(photo, key="f" * 32),
        address(photo, pk=uuid.uuid4()),
        address(photo, pk=lost.pk),
        address(lost),
    ]

    assert [patient_client.get(each).status_code for each in others] == [404] * 5


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_stretch_photo_of_what_is_not_reviewed_is_for_staff(patient_client: Client, status: str) -> None:
    photo = a_photo(StretchFactory(status=status))
    seen = [patient_client.get(address(photo)).status_code]

    for person in (ClinicianFactory(), AdminFactory()):
        patient_client.force_login(person)
        seen.append(patient_client.get(address(photo)).status_code)

    assert seen == [404, 200, 200]


def test_stretch_photo_sends_a_visitor_to_the_sign_in(client: Client) -> None:
    response = client.get(address(a_photo()))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_stretch_photo_is_only_read(patient_client: Client, method: str) -> None:
    assert getattr(patient_client, method)(address(a_photo())).status_code == 405


def test_stretch_photo_takes_few_queries(patient_client: Client) -> None:
    photo = a_photo()

    with CaptureQueriesContext(connection) as queries:
        patient_client.get(address(photo))

    assert len(queries) <= 4 + TOLD

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Clinic, Membership, User

pytestmark = pytest.mark.django_db
ANNA = {"admin": "Anna@Example.org", "admin_name": "Anna Reed"}


def open_clinic(name="Riverside", *, typed="", monkeypatch=None, **options):
    said = io.StringIO()
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    call_command("open_clinic", name, stdout=said, **{"time_zone": "Europe/London", **ANNA, **options})
    return said.getvalue()


def test_it_opens_a_clinic_whose_admin_signs_in_by_code(settings):
    said = open_clinic(phone="020 7946 0000")

    (membership,) = Membership.objects.select_related("user", "clinic")
    assert (membership.clinic.name, membership.clinic.phone, membership.role) == ("Riverside", "020 7946 0000", "admin")
    assert (membership.user.email, membership.user.has_usable_password()) == ("anna@example.org", False)
    assert not membership.user.is_superuser
    assert not membership.user.is_staff
    assert settings.SITE_URL in said


def test_a_second_clinic_may_have_the_same_admin():
    open_clinic()
    open_clinic("Hillside", admin="ANNA@example.org", edits_catalogue=True)

    anna = User.objects.get()
    assert anna.memberships.count() == 2
    assert anna.is_staff


def test_a_password_is_taken_if_it_is_a_good_one(monkeypatch):
    open_clinic(password=True, typed="a long enough sentence\n", monkeypatch=monkeypatch)

    assert User.objects.get().check_password("a long enough sentence")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"time_zone": "London"}, "is not a time zone"),
        ({"admin": "anna"}, "valid email address"),
        ({"password": True, "typed": "short\n"}, "too short"),
        ({"name": "Taken"}, "is open already"),
    ],
)
def test_a_bad_answer_stores_nothing(monkeypatch, options, complaint):
    Clinic.objects.create(name="Taken")

    with pytest.raises(CommandError, match=complaint):
        open_clinic(monkeypatch=monkeypatch, **options)

    assert (Clinic.objects.count(), User.objects.count()) == (1, 0)

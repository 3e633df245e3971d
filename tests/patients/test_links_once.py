"""A link lets one person in, also when it was opened before it was used, or by many at the same moment."""

import datetime
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts.models import Clinic, Membership, StaffInvitation, StaffInvitationOverError, User
from patients.models import Invitation, InvitationOverError, Patient, WrongBirthDateError
from tests.factories import AdminFactory, ClinicianFactory, PatientFactory

pytestmark = pytest.mark.django_db
BORN_ON = datetime.date(1960, 5, 4)
Open = Callable[[], User]


def for_a_patient() -> Open:
    patient: Patient = PatientFactory(born_on=BORN_ON, email="ada@example.org")
    read, _ = Invitation.on_paper(patient, by=ClinicianFactory(clinic=patient.clinic), at=timezone.now())
    return lambda: read.redeem(born_on=BORN_ON, at=timezone.now(), visitor=AnonymousUser())


def for_staff() -> Open:
    admin = AdminFactory()
    clinic = Clinic.objects.administered_by(admin).get()
    more: Any = {"full_name": "Nora New", "role": "clinician", "by": admin, "at": timezone.now()}
    read = StaffInvitation.by_mail(clinic, address="nora@example.org", **more)
    return lambda: read.redeem(at=timezone.now(), visitor=AnonymousUser())


@pytest.mark.parametrize(
    ("link", "error"), [(for_a_patient, InvitationOverError), (for_staff, StaffInvitationOverError)]
)
def test_a_link_that_was_read_before_it_was_used_lets_nobody_in(link: Callable[[], Open], error: Any) -> None:
    open_it = link()
    open_it()
    Membership.objects.filter(user__email="nora@example.org").delete()
    User.objects.filter(email="nora@example.org").delete()

    with pytest.raises(error):
        open_it()

    assert not Membership.objects.filter(user__email="nora@example.org").exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("link", [for_a_patient, for_staff])
def test_of_many_who_open_a_link_at_once_one_comes_in(link: Callable[[], Open]) -> None:
    open_it = link()

    came = at_once(open_it, 12)

    assert sorted(came)[-1:] == ["in"]
    assert came.count("in") == 1
    assert set(came) - {"in"} <= {"InvitationOverError", "StaffInvitationOverError"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_wrong_dates_at_once_are_all_counted() -> None:
    patient = PatientFactory(born_on=BORN_ON)
    read, _ = Invitation.on_paper(patient, by=ClinicianFactory(clinic=patient.clinic), at=timezone.now())
    wrong = BORN_ON + datetime.timedelta(days=1)

    came = at_once(lambda: read.redeem(born_on=wrong, at=timezone.now(), visitor=AnonymousUser()), 12)

    assert came.count(WrongBirthDateError.__name__) == 5
    assert came.count(InvitationOverError.__name__) == 7
    assert Invitation.objects.get().tries_left == 0


def at_once(do: Open, count: int) -> list[str]:
    """What became of doing it so many times at the same moment: ``in``, or the name of the error."""
    together = threading.Barrier(count)

    def once(_: int) -> str:
        together.wait()
        try:
            do()
        except (InvitationOverError, StaffInvitationOverError, WrongBirthDateError, IntegrityError) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(once, range(count)))

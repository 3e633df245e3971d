"""Who answers for a contraindication: by name, for what it says, and shown wherever it decides."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from stretches.admin.owned import NONE_OF_YOURS
from stretches.models import Contraindication, SignOff
from tests.admin_pages import admin_url
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ContraindicationFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

AS_WHAT = "Physiotherapist, HCPC PH12345"


@pytest.fixture
def library_admin() -> User:
    person = UserFactory(full_name="Ada Quist")
    person.let_edit_catalogue()
    return person


def sign(person: User, rows: Sequence[Any], registration: str = AS_WHAT) -> Any:
    client = Client()
    client.force_login(person)
    chosen = {"action": "sign", "_selected_action": [str(row.pk) for row in rows], "registration": registration}
    return client.post(admin_url(Contraindication, "changelist"), chosen, follow=True)


def test_a_library_admin_signs_rows_by_name_once(library_admin: User) -> None:
    rows = [ContraindicationFactory(), ContraindicationFactory()]
    ContraindicationFactory()

    first, second = sign(library_admin, rows[:1]), sign(library_admin, rows)

    assert "Signed: 1 of 1." in first.content.decode()
    assert "Signed: 1 of 2." in second.content.decode()
    assert set(SignOff.objects.under([row.pk for row in Contraindication.objects.all()])) == {row.pk for row in rows}
    signature = SignOff.objects.earliest("pk")
    assert (signature.name, signature.registration, signature.signed_by) == ("Ada Quist", AS_WHAT, library_admin)
    assert str(signature).startswith(f"Ada Quist, {AS_WHAT}, ")


def test_nobody_signs_as_nothing(library_admin: User) -> None:
    response = sign(library_admin, [ContraindicationFactory()], registration="  ")

    assert "Nothing was signed" in response.content.decode()
    assert not SignOff.objects.exists()


def test_a_clinics_admin_signs_what_is_the_clinics_own_and_nothing_else() -> None:
    clinic = ClinicFactory()
    own = ContraindicationFactory(clinic=clinic, stretch=StretchFactory(clinic=clinic))
    others = [ContraindicationFactory(), ContraindicationFactory(clinic=ClinicFactory())]

    sign(AdminFactory(clinic=clinic), [own, *others])
    answer = sign(AdminFactory(clinic=clinic), others)

    assert SignOff.objects.get().contraindication == own
    assert NONE_OF_YOURS in answer.content.decode()


def test_a_registration_that_was_mistyped_is_signed_anew(library_admin: User) -> None:
    row = ContraindicationFactory()

    sign(library_admin, [row], registration="HCPC PH1")
    sign(library_admin, [row], registration="HCPC PH12345")
    again = sign(library_admin, [row], registration="HCPC PH12345")

    assert "HCPC PH12345" in SignOff.objects.under([row.pk])[row.pk]
    assert "The others carry this signature already." in again.content.decode()
    assert SignOff.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "precaution"},
        {"rationale": "In other words."},
        {"from_week": 6},
        {"until_week": 12},
        {"condition_code": ConditionCodeFactory},
        {"source": SourceFactory},
        {"stretch": StretchFactory},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_signature_holds_for_what_was_signed(library_admin: User, change: dict[str, Any]) -> None:
    row = ContraindicationFactory(severity="absolute")
    SignOff.sign([row], by=library_admin, registration=AS_WHAT, at=timezone.now())
    assert SignOff.objects.holding().exists()

    made = {name: value() if callable(value) else value for name, value in change.items()}
    Contraindication.objects.filter(pk=row.pk).update(**made)

    assert not SignOff.objects.holding().exists()
    row.refresh_from_db()
    assert len(SignOff.sign([row], by=library_admin, registration=AS_WHAT, at=timezone.now())) == 1


def test_a_signature_is_written_once(library_admin: User) -> None:
    SignOff.sign([ContraindicationFactory()], by=library_admin, registration=AS_WHAT, at=timezone.now())

    with pytest.raises(TypeError):
        SignOff.objects.get().save()


def test_the_catalogue_says_how_much_is_signed_and_by_whom(client: Client, library_admin: User) -> None:
    row = ContraindicationFactory()
    ContraindicationFactory(stretch=row.stretch, source=row.source)
    ContraindicationFactory(clinic=ClinicFactory())  # another clinic's: not counted here
    client.force_login(ClinicianFactory())
    SignOff.sign([row], by=library_admin, registration=AS_WHAT, at=timezone.now())

    sources = client.get(reverse("stretches:source_list"))
    source = client.get(row.source.get_absolute_url())
    stretch = client.get(row.stretch.get_absolute_url()).content.decode()

    assert (sources.context["signed"], sources.context["contraindications"]) == (1, 2)
    assert source.context["resting"].signed == 1
    assert stretch.count("Signed by Ada Quist") == stretch.count("Not signed by a physiotherapist yet") == 1

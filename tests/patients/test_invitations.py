"""How a patient comes in for the first time: a link, a date of birth, and nobody else."""

import datetime
import json
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import passkeys
from accounts.sending import Sender
from patients.models import Invitation, InvitationOverError, Patient, WrongBirthDateError
from tests.accounts.passkey_device import ADD, Device
from tests.factories import ClinicFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

RIGHT = {"day": "4", "month": "5", "year": "1960"}
WRONG = {"day": "5", "month": "5", "year": "1960"}
TODAY_PAGE = "/today/"


@pytest.fixture
def patient():
    return PatientFactory(full_name="Ada Lovelace", email="ada@example.org", born_on=datetime.date(1960, 5, 4))


@pytest.fixture
def clinician(patient):
    return ClinicianFactory(clinic=patient.clinic)


@pytest.fixture
def signed_in(clinician):
    client = Client()
    client.force_login(clinician)
    return client


def link_on_paper(patient, clinician):
    _invitation, token = Invitation.on_paper(patient, by=clinician, at=timezone.now())
    return reverse("patients:invitation_accept", args=[token])


def link_in_mail():
    Sender(clock=timezone.now).send_due()
    return re.search(r"http://[^/\s]+(/join/\S+)", str(mail.outbox[-1].body))[1]


def who(client):
    return client.session.get("_auth_user_id")


# The clinician's side -------------------------------------------------------------------------------------------------
def test_invitation_add_mails_a_link_without_the_patients_name(signed_in, patient):
    signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))

    assert link_in_mail()
    assert [message.to for message in mail.outbox] == [["ada@example.org"]]
    assert "Lovelace" not in mail.outbox[0].body + mail.outbox[0].subject


def test_invitation_add_asks_for_an_address_first(signed_in, patient):
    Patient.objects.update(email="")

    response = signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))

    assert response.url == reverse("patients:patient_edit", args=[patient.pk])
    assert not Invitation.objects.exists()


def test_invitation_revoke_ends_it(signed_in, patient, clinician, client):
    link = link_on_paper(patient, clinician)

    signed_in.post(reverse("patients:invitation_revoke", args=[Invitation.objects.get().pk]))

    assert client.get(link).status_code == 404


def test_a_withdrawn_invitation_is_not_mailed(signed_in, patient):
    signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))
    Invitation.objects.get().revoke(at=timezone.now())

    Sender(clock=timezone.now).send_due()

    assert mail.outbox == []


def test_a_withdrawn_invitation_is_not_mailed_in_the_name_of_another(signed_in, patient, clinician):
    signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))
    Invitation.objects.get().revoke(at=timezone.now())
    link_on_paper(PatientFactory(clinic=patient.clinic), clinician)

    Sender(clock=timezone.now).send_due()

    assert mail.outbox == []


def test_a_new_invitation_withdraws_the_last(patient, clinician, client):
    first = link_on_paper(patient, clinician)

    second = link_on_paper(patient, clinician)

    assert [client.get(link).status_code for link in (first, second)] == [404, 200]


def test_the_patients_page_says_how_things_stand(signed_in, patient, clinician):
    before = signed_in.get(patient.get_absolute_url()).content.decode()
    link_on_paper(patient, clinician)

    after = signed_in.get(patient.get_absolute_url()).content.decode()

    assert "has never signed in" in before
    assert "A code was printed" in after


@pytest.mark.parametrize("name", ["invitation_add", "invitation_revoke"])
def test_inviting_is_nothing_to_strangers_visitors_and_other_methods(name, patient, clinician, signed_in):
    link_on_paper(patient, clinician)
    row = patient if name == "invitation_add" else Invitation.objects.get()
    path = reverse(f"patients:{name}", args=[row.pk])
    stranger = Client()
    stranger.force_login(ClinicianFactory())

    assert stranger.post(path).status_code == 404
    assert Client().post(path).url.startswith(reverse("account_login"))
    assert signed_in.get(path).status_code == 405
    assert Invitation.objects.get().revoked_at is None


# The patient's side ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("channel", ["mail", "paper"])
def test_invitation_accept_signs_the_patient_in(channel, patient, clinician, signed_in, client):
    signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))
    link = link_in_mail() if channel == "mail" else link_on_paper(patient, clinician)

    response = client.post(link, RIGHT)

    patient.refresh_from_db()
    assert response.url == TODAY_PAGE
    assert who(client) == str(patient.user_id)
    assert (patient.user.email, patient.user.full_name) == ("ada@example.org", "Ada Lovelace")
    assert client.get(TODAY_PAGE).status_code == 200


def test_looking_uses_up_nothing(patient, clinician, client):
    link = link_on_paper(patient, clinician)

    pages = [client.get(link) for _ in range(10)]

    assert {page.status_code for page in pages} == {200}
    assert "Lovelace" not in pages[0].content.decode()
    assert pages[0]["Referrer-Policy"] == "strict-origin"
    assert client.post(link, RIGHT).url == TODAY_PAGE


def test_it_works_once(patient, clinician, client):
    link = link_on_paper(patient, clinician)
    client.post(link, RIGHT)

    again = Client().post(link, RIGHT)

    assert again.status_code == 404


def test_after_five_wrong_dates_the_right_one_does_not_help(patient, clinician, client):
    link = link_on_paper(patient, clinician)

    tries = [client.post(link, WRONG) for _ in range(5)]

    assert {each.status_code for each in tries} == {422}
    assert ["4 more times" in tries[0].content.decode(), "once more" in tries[3].content.decode()] == [True, True]
    assert client.post(link, RIGHT).status_code == 404
    assert who(client) is None


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"day": "4"},
        {**RIGHT, "day": "31", "month": "2"},
        {**RIGHT, "year": "sixty"},
        {**RIGHT, "year": "0"},
        {**RIGHT, "day": "9" * 40},
    ],
)
def test_what_is_no_date_costs_no_try_and_is_kept(typed, patient, clinician, client):
    link = link_on_paper(patient, clinician)

    response = client.post(link, typed)

    page = response.content.decode()
    assert response.status_code == 422
    assert page.count("Type the day, the month and the year") == 1
    assert all(f'value="{value}"' in page for value in typed.values())
    assert Invitation.objects.get().tries_left == 5


def test_it_ends_after_three_days(patient, clinician):
    at = timezone.now()
    invitation, _token = Invitation.on_paper(patient, by=clinician, at=at)
    hours = datetime.timedelta(hours=1)

    with pytest.raises(InvitationOverError):
        invitation.redeem(born_on=patient.born_on, at=at + 72 * hours, visitor=UserFactory())
    with pytest.raises(WrongBirthDateError):
        invitation.redeem(born_on=datetime.date(1999, 1, 1), at=at + 71 * hours, visitor=UserFactory())


@pytest.mark.parametrize("token", ["nothing", "x" * 43, "ünïcode", "%00"])
def test_an_unknown_link_says_the_same_as_one_that_is_over(token, client):
    response = client.post(f"/join/{token}/", RIGHT)

    assert response.status_code == 404
    assert "This link no longer works" in response.content.decode()


def test_the_token_is_stored_nowhere(patient, clinician):
    _invitation, token = Invitation.on_paper(patient, by=clinician, at=timezone.now())

    assert len(token) >= 22  # 128 bits and more in base64
    assert token not in str(list(Invitation.objects.values()))


def test_without_an_address_the_patient_gets_in_all_the_same(patient, clinician, client):
    Patient.objects.update(email="")

    client.post(link_on_paper(Patient.objects.get(), clinician), RIGHT)

    assert Patient.objects.get().user.email.endswith("@patient.invalid")


# Two clinics, and sign-ins that are more than one record's ------------------------------------------------------------
def elsewhere(patient, user):
    return PatientFactory(clinic=ClinicFactory(), user=user, email=user.email, born_on=patient.born_on)


def test_paper_opens_no_sign_in_that_holds_another_clinics_record(patient, clinician, client):
    patient.user = UserFactory(email=patient.email)
    patient.save()
    elsewhere(patient, patient.user)

    response = client.post(link_on_paper(patient, clinician), RIGHT)

    assert response.status_code == 409
    assert who(client) is None


def test_paper_does_not_take_over_a_sign_in_with_the_same_address(patient, clinician, client):
    owner = UserFactory(email="ADA@example.org".lower())
    elsewhere(patient, owner)

    response = client.post(link_on_paper(patient, clinician), RIGHT)

    patient.refresh_from_db()
    assert (response.status_code, who(client), patient.user) == (409, None, None)


def test_who_signs_in_first_adds_the_second_clinics_record(patient, clinician, client):
    owner = UserFactory(email=patient.email)
    elsewhere(patient, owner)
    client.force_login(owner)

    client.post(link_on_paper(patient, clinician), RIGHT)

    patient.refresh_from_db()
    assert patient.user == owner


def test_a_mail_proves_the_address_and_puts_out_whoever_was_in_before(patient, clinician, signed_in, client):
    owner = UserFactory(email=patient.email)
    owner.set_password("set by somebody who never held the address")
    owner.save()
    elsewhere(patient, owner)
    intruder = Client()
    intruder.force_login(owner)
    device = Device()
    device.add(intruder)
    begun = Device()
    credential = begun.make(intruder.get(ADD).context["js_data"]["creation_options"])
    signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))

    client.post(link_in_mail(), RIGHT)

    assert who(client) == str(owner.pk)
    assert intruder.get(TODAY_PAGE).status_code == 302
    owner.refresh_from_db()
    assert not owner.has_usable_password()
    intruder.post(ADD, {"name": "Mine", "credential": json.dumps(credential)})
    assert not passkeys.has_any(owner)
    device.sign_in(intruder)
    begun.sign_in(intruder)
    assert who(intruder) is None


def test_who_is_in_and_opens_the_link_keeps_the_passkey(patient, clinician, signed_in, client):
    owner = UserFactory(email=patient.email)
    elsewhere(patient, owner)
    client.force_login(owner)
    Device().add(client)
    signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))

    client.post(link_in_mail(), RIGHT)

    assert passkeys.has_any(owner)


def test_a_passkey_is_offered_once_to_who_has_none(patient, clinician, client):
    first = client.post(link_on_paper(patient, clinician), RIGHT, follow=True)
    Device().add(client)
    client.logout()
    second = client.post(link_on_paper(patient, clinician), RIGHT, follow=True)

    offers = [f'<a href="{ADD}">make a passkey</a>' in page.content.decode() for page in (first, second)]
    assert offers == [True, False]


def test_a_clinicians_own_sign_in_is_never_opened_by_a_link(patient, clinician, signed_in, client):
    colleague = ClinicianFactory(clinic=patient.clinic, email=patient.email)
    signed_in.post(reverse("patients:invitation_add", args=[patient.pk]))

    response = client.post(link_in_mail(), RIGHT)

    assert (response.status_code, who(client)) == (409, None)
    assert not Patient.objects.filter(user=colleague).exists()


def test_a_closed_account_stays_closed(patient, clinician, client):
    patient.user = UserFactory(email=patient.email, is_active=False)
    patient.save()

    assert client.post(link_on_paper(patient, clinician), RIGHT).status_code == 409

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Clinic, User
from clinic import demo
from patients.models import Condition, Patient
from prescriptions.models import Prescription
from tests.factories import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(settings):
    settings.DEMO = True
    call_command("load_catalogue", verbosity=0)
    demo.load(at=NOON)


def test_load_demo_makes_a_believable_clinic(loaded):
    assert Patient.objects.filter(clinic_id=demo.CLINIC_ID).count() == len(demo.PEOPLE) >= 12
    assert Condition.objects.filter(code=None).exists()
    assert Condition.objects.filter(code__is_red_flag=True).current().exists()
    assert Patient.objects.filter(conditions=None).exists()
    assert all(user.check_password(demo.PASSWORD) for user in User.objects.all())


def test_load_demo_shows_a_prescription_that_became_unsafe(loaded):
    """Somebody's herniation was recorded after activation: the standing stretch is paused, the safe ones go on."""
    prescription = Prescription.objects.active().get(patient__full_name="Yusuf Demir")

    shown = {line.item.stretch.slug: line.is_safe for line in prescription.lines_on(TODAY)}

    assert shown == {"standing-hamstring-stretch": False, "seated-hamstring-stretch": True}


def test_every_report_of_the_demo_is_reproduced_from_the_catalogue_of_then(loaded, capsys):
    call_command("reproduce_reports")

    assert "reproduced exactly, 0 differ, 0 name no release" in capsys.readouterr().out


def test_every_other_prescription_of_the_demo_is_safe(loaded):
    for prescription in Prescription.objects.active().exclude(patient__full_name="Yusuf Demir"):
        assert all(line.is_safe for line in prescription.lines_on(TODAY)), prescription


def test_load_demo_leaves_what_was_entered_alone(loaded):
    Patient.objects.filter(full_name="Dev Patel").update(full_name="Somebody else")

    assert demo.load(at=NOON) is False

    assert Patient.objects.filter(full_name="Somebody else").exists()
    assert Clinic.objects.count() == 1


@pytest.mark.parametrize(("demo_mode", "debug"), [(False, False)])
def test_load_demo_refuses_among_real_patients(settings, demo_mode, debug):
    settings.DEMO, settings.DEBUG = demo_mode, debug

    with pytest.raises(CommandError, match="DEMO"):
        call_command("load_demo")

    assert not Clinic.objects.exists()


def test_load_demo_asks_for_the_catalogue_first(settings):
    settings.DEMO = True

    with pytest.raises(CommandError, match="load_catalogue"):
        call_command("load_demo")


def test_load_demo_prints_the_sign_ins(loaded, capsys):
    call_command("load_demo")

    printed = capsys.readouterr().out
    assert demo.PASSWORD in printed
    assert all(address in printed for address, _ in demo.sign_ins())

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Clinic
from clinic import demo, demo_attention
from clinic.attention.queue import queue_of
from clinic.models import AttentionKind
from patients.models import Patient

pytestmark = pytest.mark.django_db


def test_load_demo_gives_the_clinicians_a_day_with_every_kind_of_line(settings):
    settings.DEMO = True
    call_command("load_catalogue", verbosity=0)
    call_command("load_demo", verbosity=0)

    patients = Patient.objects.filter(clinic=demo.CLINIC_ID)
    queue = queue_of(patients, clinics=[*Clinic.objects.all()], at=timezone.now())

    assert {line.kind for line in queue.waiting} == set(AttentionKind)
    assert patients.count() == len(demo.PEOPLE) + len(demo_attention.PEOPLE)
    names = {person.name for person in demo_attention.PEOPLE}
    of_demo = {str(line.patient) for line in queue.waiting if str(line.patient) not in names}
    assert "Yusuf Demir" in of_demo  # a condition was recorded after activation


def test_load_demo_adds_nobody_twice(settings):
    settings.DEMO = True
    call_command("load_catalogue", verbosity=0)
    call_command("load_demo", verbosity=0)

    call_command("load_demo", verbosity=0)

    assert Patient.objects.filter(clinic=demo.CLINIC_ID).count() == len(demo.PEOPLE) + len(demo_attention.PEOPLE)

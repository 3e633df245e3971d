"""A patient with one row of everything that is stored of one, in words that nobody could mistake."""

import datetime
import uuid
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from accounts import outbox
from accounts.drafts import keep
from accounts.models import Clinic, User
from clinic.models import ErasureRequest
from patients.models import OutcomeActivity, OutcomeMeasure, OutcomeScore, Patient
from prescriptions.models import OverriddenContraindication, Override
from routines.models import PushSubscription, RedFlagAnswer, RedFlagScreen
from stretches.models import RedFlagAction, RedFlagQuestion
from tests.factories import ClinicianFactory, SourceFactory, UserFactory
from tests.permissions.world import a_record

NAME = "Zdenka Quimby-Oxblood"
ADDRESS = "zdenka.quimby@example.org"
SAID = "Wobblesome sciatica since the trampoline"


def a_measure() -> OutcomeMeasure:
    return OutcomeMeasure.objects.get_or_create(
        slug="scale",
        defaults={
            "name": "A scale",
            "short_name": "Scale",
            "instructions": "Say.",
            "scale_min": 0,
            "scale_max": 10,
            "is_more_better": True,
            "citation": "A paper.",
        },
    )[0]


def everything(clinic: Clinic, *, name: str = NAME, address: str = ADDRESS) -> Patient:
    """One row at least of every table that may be about a patient."""
    now = timezone.now()
    user: User = UserFactory(full_name=name, email=address)
    clinician = ClinicianFactory(clinic=clinic)
    ids = a_record(clinic, user, clinician, a_measure())
    patient = Patient.objects.get(pk=ids["patient"])
    patient.full_name, patient.phone, patient.note = name, "01632 960 777", SAID
    patient.save()
    log = patient.session_logs.get().stretch_logs.get()
    log.note, log.pain_score = SAID, 4
    log.save()
    patient.proposals.get().logs.add(log)
    patient.conditions.update(free_text=SAID, code=None)
    score = OutcomeScore.objects.get(patient=patient)
    OutcomeActivity.objects.create(clinic=clinic, score=score, position=1, activity=SAID, rating=2)
    OverriddenContraindication.objects.create(
        clinic=clinic,
        override=Override.objects.get(patient=patient),
        condition=patient.conditions.get(),
        severity="relative",
        rationale="Bending.",
        citation="A paper.",
        path="Back pain",
    )
    screen = RedFlagScreen.objects.filter(patient=patient).earliest("pk")
    RedFlagAnswer.objects.create(clinic=clinic, screen=screen, question=a_question(), wording="Numb?", is_yes=False)
    ErasureRequest.objects.filter(patient=patient).update(words=SAID)
    email = EmailAddress.objects.create(user=user, email=address, primary=True, verified=True)
    EmailConfirmation.objects.create(email_address=email, key=uuid.uuid4().hex)
    keep(user, f"/patients/{patient.pk}/", _typed(), at=now)
    keep(clinician, f"/patients/{patient.pk}/edit/", _typed(), at=now)
    page = patient.get_absolute_url()
    outbox.post("needs_you", unique_key=f"a:{patient.pk}", due_at=now, to=clinician, clinic=clinic, path=page)
    outbox.post("invitation", unique_key=f"b:{patient.pk}", due_at=now, address=address, clinic=clinic)
    outbox.post("reminder", unique_key=f"c:{patient.pk}", due_at=now, to=user, clinic=clinic)
    LogEntry.objects.create(
        user=clinician,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=name,
        action_flag=CHANGE,
        change_message=f"Changed {name}",
    )
    client = Client()
    client.force_login(user)
    PushSubscription.objects.filter(user=user).update(p256dh="key", auth="secret")
    return patient


def a_question() -> RedFlagQuestion:
    action = RedFlagAction.objects.get_or_create(tier="emergency", defaults={"message": "Call."})[0]
    defaults = {"question": "Numb?", "action": action, "source": SourceFactory(), "position": 1}
    return RedFlagQuestion.objects.get_or_create(slug="numb", defaults=defaults)[0]


def _typed() -> Any:
    from django.http import QueryDict

    return QueryDict(f"note={SAID}")


LONG_AGO = datetime.timedelta(days=366 * 11)

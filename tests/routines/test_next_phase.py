"""When every stretch is through with a template's phase, the next one is proposed."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from prescriptions import applying
from prescriptions.models import Prescription, Template, TemplateLine, TemplatePhase
from routines import deciding
from routines.proposing import propose_next_phase
from tests.factories import (
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    SessionLogFactory,
    StretchFactory,
    StretchLogFactory,
)

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def clinician():
    return ClinicianFactory()


@pytest.fixture
def phases():
    """Wall, then Towel and Chair; held for 30 seconds from the start."""
    template = Template.objects.create(slug="ladder", name="Ladder", for_whom="Backs", citation="Founding text")
    made = []
    for position, names in enumerate([["Wall"], ["Towel", "Chair"]]):
        phase = TemplatePhase.objects.create(
            template=template, position=position, name=f"Phase {position + 1}", weeks=2
        )
        for place, name in enumerate(names):
            dose = {"start_hold_seconds": 30, "target_hold_seconds": 30, "repetitions": 3, "is_on_getting_up": True}
            TemplateLine.objects.create(phase=phase, stretch=StretchFactory(name=name), position=place, **dose)
        made.append(phase)
    return made


@pytest.fixture
def prescription(phases, clinician):
    """The first phase, in force."""
    patient = PatientFactory(clinic=clinician.memberships.get().clinic)
    draft = applying.apply(phases[0], patient, is_replacing=True, by=clinician, at=timezone.now()).draft
    draft.activate(by=clinician, at=timezone.now())
    return draft


def log(prescription, *, days, **how):
    for item in prescription.items.all():
        for back in range(days):
            session, _ = prescription.session_logs.get_or_create(
                on=prescription.clinic.today() - back * DAY,
                part_of_day="on-getting-up",
                defaults={"clinic": prescription.clinic, "patient": prescription.patient},
            )
            StretchLogFactory(item=item, session=session, **{"held_seconds": 30, "pain_score": 0, **how})


def names_in_force(prescription):
    items = Prescription.objects.in_force().get(patient=prescription.patient).items
    return list(items.values_list("stretch__name", flat=True))


def test_three_good_days_at_the_target_propose_the_next_phase(prescription):
    log(prescription, days=3)

    proposal = propose_next_phase(prescription, at=timezone.now())

    assert (proposal.kind, proposal.item, "Phase 2" in proposal.rationale) == ("next-phase", None, True)
    assert propose_next_phase(prescription, at=timezone.now()) == proposal


@pytest.mark.parametrize("how", [{"days": 2}, {"days": 3, "pain_score": 4}, {"days": 3, "held_seconds": 10}])
def test_less_proposes_nothing(prescription, how):
    log(prescription, **how)

    assert propose_next_phase(prescription, at=timezone.now()) is None


def test_one_stretch_that_is_not_through_keeps_the_phase(prescription, phases, clinician):
    log(prescription, days=3)
    second = applying.apply(phases[1], prescription.patient, is_replacing=True, by=clinician, at=timezone.now()).draft
    second.activate(by=clinician, at=timezone.now(), replacing=prescription)
    third = TemplatePhase.objects.create(template=phases[0].template, position=2, name="Phase 3", weeks=2)
    towel = second.items.get(stretch__name="Towel")
    for back in range(3):
        session = SessionLogFactory(prescription=second, on=second.clinic.today() - back * DAY)
        StretchLogFactory(item=towel, session=session, held_seconds=30, pain_score=0)

    assert third == second.template_phase.next_phase
    assert propose_next_phase(second, at=timezone.now()) is None


def test_after_the_last_phase_comes_nothing(prescription, phases):
    phases[1].delete()
    log(prescription, days=3)

    assert propose_next_phase(prescription, at=timezone.now()) is None


def test_accepting_goes_on_to_the_next_phase(prescription, clinician):
    log(prescription, days=3)
    proposal = propose_next_phase(prescription, at=timezone.now())
    assert proposal

    deciding.accept(proposal, by=clinician, at=timezone.now())

    assert names_in_force(prescription) == ["Towel", "Chair"]


def test_accepting_leaves_out_what_is_not_safe(prescription, clinician, phases):
    log(prescription, days=3)
    proposal = propose_next_phase(prescription, at=timezone.now())
    chair = phases[1].lines.get(stretch__name="Chair").stretch
    condition = ConditionFactory(patient=prescription.patient)
    ContraindicationFactory(stretch=chair, condition_code=condition.code, rationale="Loads the disc.")
    client = Client()
    client.force_login(clinician)

    page = client.get(proposal.get_absolute_url()).content.decode()
    client.post(proposal.get_absolute_url(), {"decision": "accept"})

    assert page.index("Towel") < page.index("Left out") < page.index("Loads the disc.")
    assert names_in_force(prescription) == ["Towel"]

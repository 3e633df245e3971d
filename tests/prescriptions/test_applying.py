"""Applying a template's phase: what comes into the draft, what stays out, and that nothing unsafe ever comes in."""

import datetime
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from prescriptions import applying, golden_patients
from prescriptions.models import Override, Template, TemplateLine, TemplatePhase, UnsafePrescriptionError
from prescriptions.models.prescription import Prescription
from prescriptions.own_templates import PhaseGoneError
from prescriptions.safety import Verdict
from stretches.models import Stretch
from tests.factories import (
    ClinicianFactory,
    PrescribedStretchFactory,
    StretchFactory,
    TemplateLineFactory,
    TemplatePhaseFactory,
    UserFactory,
)
from tests.prescriptions.acting import withhold

pytestmark = pytest.mark.django_db

OWN = Path(__file__).parent / "golden_patients.json"


@pytest.fixture
def phase(patient):
    return TemplatePhaseFactory(template__clinic=patient.clinic)


def apply(phase, patient, *, is_replacing=False):
    by = ClinicianFactory(clinic=patient.clinic)
    return applying.apply(phase, patient, is_replacing=is_replacing, by=by, at=timezone.now())


def stretches_of(draft):
    return [item.stretch for item in draft.items.all()]


def override_in_force(draft, stretch):
    circumstances_on = draft.clinic.today()
    line = PrescribedStretchFactory(prescription=draft, stretch=stretch)
    Override(
        clinic=draft.clinic,
        patient=draft.patient,
        prescription=draft,
        stretch=stretch,
        reason="adapted",
        expires_on=circumstances_on + datetime.timedelta(days=30),
        decided_by=draft.created_by,
    ).record(draft.lines_on(circumstances_on)[0].assessment)
    return line


# What comes in --------------------------------------------------------------------------------------------------------
def test_a_phase_comes_in_with_its_order_doses_and_notes(patient, phase):
    second = TemplateLineFactory(phase=phase, position=2, note="Slowly.")
    first = TemplateLineFactory(phase=phase, position=1)

    applied = apply(phase, patient)

    items = list(applied.draft.items.all())
    assert [(item.stretch, item.target_hold_seconds, item.repetitions, item.note) for item in items] == [
        (first.stretch, 45, 2, ""),
        (second.stretch, 45, 2, "Slowly."),
    ]
    assert [item.is_before_bed for item in items] == [True, True]
    assert {item.clinic for item in items} == {patient.clinic}
    assert applied.draft.template_phase == phase
    assert applied.left_out == ()


def test_sent_twice_it_does_nothing_more(patient, phase):
    TemplateLineFactory(phase=phase)
    before = apply(phase, patient).draft.items.get()

    again = apply(phase, patient)

    assert again.draft.items.get() == before
    assert again.added == ()
    assert patient.prescriptions.count() == 1


def test_what_is_there_already_stays_as_it_is_once(draft, phase):
    line = PrescribedStretchFactory(prescription=draft, repetitions=9)
    TemplateLineFactory(phase=phase, stretch=line.stretch)
    other = TemplateLineFactory(phase=phase)

    applied = apply(phase, draft.patient)

    assert applied.draft == draft
    assert [(item.stretch, item.repetitions) for item in draft.items.all()] == [(line.stretch, 9), (other.stretch, 2)]


def test_a_phase_may_take_the_place_of_what_was_there(draft, phase):
    old = PrescribedStretchFactory(prescription=draft)
    same = PrescribedStretchFactory(prescription=draft, repetitions=9)
    TemplateLineFactory(phase=phase, stretch=same.stretch)

    applied = apply(phase, draft.patient, is_replacing=True)

    assert [(item.stretch, item.repetitions) for item in draft.items.all()] == [(same.stretch, 2)]
    assert old.stretch not in stretches_of(draft)
    assert applied.added == ()  # it was there, in another dose


def test_nothing_makes_way_for_nothing(draft, phase):
    line = PrescribedStretchFactory(prescription=draft)
    withhold(draft.patient, "absolute", TemplateLineFactory(phase=phase).stretch)

    apply(phase, draft.patient, is_replacing=True)

    assert stretches_of(draft) == [line.stretch]


def test_a_draft_begins_with_what_is_in_force(draft, phase):
    line = PrescribedStretchFactory(prescription=draft)
    new = TemplateLineFactory(phase=phase)
    draft.activate(by=draft.created_by, at=timezone.now())

    applied = apply(phase, draft.patient)

    assert applied.draft.replaces == draft
    assert stretches_of(applied.draft) == [line.stretch, new.stretch]


def test_a_new_version_remembers_the_phase(patient, phase):
    TemplateLineFactory(phase=phase)
    draft = apply(phase, patient).draft
    draft.activate(by=draft.created_by, at=timezone.now())

    revision = draft.revise(by=draft.created_by)

    assert revision.template_phase == phase


def test_a_prescription_outlives_the_phase_that_it_came_from(patient, phase):
    TemplateLineFactory(phase=phase)
    draft = apply(phase, patient).draft

    phase.delete()

    draft.refresh_from_db()
    assert draft.template_phase is None
    assert draft.items.count() == 1


# What stays out -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("severity", ["absolute", "relative"])
def test_what_is_not_safe_is_left_out_with_its_reason(patient, phase, severity):
    safe = TemplateLineFactory(phase=phase)
    unsafe = TemplateLineFactory(phase=phase)
    withhold(patient, severity, unsafe.stretch, rationale="Bends the back.")

    applied = apply(phase, patient)

    assert stretches_of(applied.draft) == [safe.stretch]
    assert [each.stretch for each in applied.left_out] == [unsafe.stretch]
    assert applied.left_out[0].issues[0].rationale == "Bends the back."


def test_what_needs_care_comes_in(patient, phase):
    line = TemplateLineFactory(phase=phase)
    withhold(patient, "precaution", line.stretch)

    assert stretches_of(apply(phase, patient).draft) == [line.stretch]


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_what_is_not_reviewed_is_left_out(patient, phase, status):
    TemplateLineFactory(phase=phase, stretch=StretchFactory(status=status))

    assert stretches_of(apply(phase, patient).draft) == []


def test_an_override_in_force_does_not_let_a_template_in(draft, phase):
    line = TemplateLineFactory(phase=phase)
    withhold(draft.patient, "relative", line.stretch)
    override_in_force(draft, line.stretch).delete()
    assert draft.patient.overrides.count() == 1

    applied = apply(phase, draft.patient)

    assert stretches_of(draft) == []
    assert [each.stretch for each in applied.left_out] == [line.stretch]
    assert draft.patient.overrides.count() == 1


def test_what_was_prescribed_with_a_reason_is_not_called_left_out(draft, phase):
    line = TemplateLineFactory(phase=phase)
    withhold(draft.patient, "relative", line.stretch)
    override_in_force(draft, line.stretch)

    applied = apply(phase, draft.patient)

    assert stretches_of(draft) == [line.stretch]
    assert applied.left_out == ()


def test_while_the_record_has_a_problem_nothing_is_begun(patient, phase):
    TemplateLineFactory(phase=phase)
    patient.conditions_reviewed_on = None
    patient.save()

    with pytest.raises(UnsafePrescriptionError, match="reviewed"):
        apply(phase, patient)

    assert patient.prescriptions.count() == 0


def test_a_phase_that_was_taken_away_meanwhile_begins_nothing(patient, phase):
    TemplatePhase.objects.filter(pk=phase.pk).delete()

    with pytest.raises(PhaseGoneError):
        apply(phase, patient)

    assert patient.prescriptions.count() == 0


# The whole library and the whole catalogue, for every golden patient --------------------------------------------------
@pytest.fixture
def library(db):
    """The shipped library, and one template that holds the whole catalogue."""
    call_command("load_catalogue", verbosity=0)
    call_command("load_templates", verbosity=0)
    everything = TemplatePhaseFactory(template__clinic=None, template__slug="everything")
    for position, stretch in enumerate(Stretch.objects.all()):
        line = TemplateLine.with_default_dose(stretch)
        line.phase, line.position = everything, position
        line.save()
    return [everything, *TemplatePhase.objects.exclude(pk=everything.pk)]


@pytest.mark.parametrize("file", [golden_patients.SHIPPED, OWN], ids=["shipped", "our own"])
def test_no_golden_patient_gets_an_unsafe_stretch_from_any_template(library, file):
    by = UserFactory()
    asked = 0
    for golden in golden_patients.read(file):
        patient = golden_patients._record(golden)
        at = datetime.datetime.combine(golden.on, datetime.time(12), tzinfo=datetime.UTC)
        may_have = (Verdict.ALLOWED, Verdict.CAUTION)
        for phase in library if golden.is_reviewed else library[:1]:
            Prescription.objects.filter(patient=patient).delete()
            if not golden.is_reviewed:
                with pytest.raises(UnsafePrescriptionError):
                    applying.apply(phase, patient, is_replacing=False, by=by, at=at)
                continue

            applied = applying.apply(phase, patient, is_replacing=False, by=by, at=at)

            lines = applied.draft.lines_on(golden.on)
            got = {line.item.stretch.slug for line in lines}
            forbidden = {slug for slug, verdict in golden.expected.items() if verdict not in may_have}
            assert {line.assessment.verdict for line in lines} <= set(may_have), golden.name
            assert got & forbidden == set(), golden.name
            assert got | {each.stretch.slug for each in applied.left_out} == {
                line.stretch.slug for line in phase.lines.select_related("stretch")
            }
            asked += len(forbidden)
    assert Override.objects.count() == 0
    assert asked > 100  # the golden patients do forbid something


def test_the_library_keeps_its_promises(library):
    shipped = json.loads((Path(applying.__file__).parent / "data" / "templates.json").read_text())

    templates = list(Template.objects.exclude(slug="everything").in_full())

    assert len(templates) == len(shipped["templates"]) == 6
    for template in templates:
        assert "await sign-off by a registered physiotherapist" in template.sign_off
        assert template.citations
        for phase in template.phases.all():
            assert 1 <= phase.lines.count() <= 4
            for line in phase.lines.all():
                catalogue = TemplateLine.with_default_dose(line.stretch)
                assert line.dose_words == catalogue.dose_words


def test_the_hamstring_ladder_has_the_founding_order(library):
    ladder = Template.objects.get(slug="hamstring-ladder-low-back-pain")

    steps = [line.stretch.slug for phase in ladder.phases.all() for line in phase.lines.all()]

    assert steps == [
        "wall-hamstring-stretch-both-legs",
        "towel-hamstring-stretch",
        "chair-hamstring-stretch",
        "standing-hamstring-stretch",
    ]

"""The cast: people, catalogue entries and prescriptions with boring defaults."""

import datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import Clinic, Membership, User
from patients.models import Condition, Patient
from prescriptions.models import PrescribedStretch, Prescription, Template, TemplateLine, TemplatePhase
from routines.models import SessionLog, StretchLog
from stretches.models import ConditionCode, Contraindication, Muscle, Source, Stretch

TODAY = datetime.date(2026, 1, 15)
NOON = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC)


class ClinicFactory(DjangoModelFactory[Clinic]):
    class Meta:
        model = Clinic

    name = factory.Sequence(lambda n: f"Clinic {n}")
    time_zone = "Europe/London"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Person {n}")


class ClinicianFactory(UserFactory):
    """A clinician of one clinic: ``ClinicianFactory(clinic=…)``."""

    @factory.post_generation
    def clinic(self: Any, create: bool, extracted: Clinic | None, **kwargs: Any) -> None:
        Membership.objects.create(user=self, clinic=extracted or ClinicFactory.create(), role=Membership.Role.CLINICIAN)


class AdminFactory(UserFactory):
    """A clinic's admin who is no clinician."""

    is_staff = True

    @factory.post_generation
    def clinic(self: Any, create: bool, extracted: Clinic | None, **kwargs: Any) -> None:
        Membership.objects.create(user=self, clinic=extracted or ClinicFactory.create(), role=Membership.Role.ADMIN)


class PatientFactory(DjangoModelFactory[Patient]):
    """Somebody whose conditions were reviewed today."""

    class Meta:
        model = Patient

    clinic = factory.SubFactory(ClinicFactory)
    full_name = factory.Sequence(lambda n: f"Patient {n}")
    born_on = datetime.date(1960, 5, 4)
    conditions_reviewed_on = factory.LazyAttribute(lambda patient: patient.clinic.today())


class SourceFactory(DjangoModelFactory[Source]):
    class Meta:
        model = Source

    slug = factory.Sequence(lambda n: f"source-{n}")
    citation = factory.Sequence(lambda n: f"Author N. A study of {n} backs. Spine 1999;24:755-762")
    verification = "read"


class ConditionCodeFactory(DjangoModelFactory[ConditionCode]):
    """A code; ``broader=[…]`` puts it below others."""

    class Meta:
        model = ConditionCode
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"condition-{n}")
    name = factory.Sequence(lambda n: f"Condition {n}")
    kind = "disorder"
    confidence = "high"
    source = factory.SubFactory(SourceFactory)

    @factory.post_generation
    def broader(self: Any, create: bool, extracted: list[ConditionCode] | None, **kwargs: Any) -> None:
        if extracted:
            self.broader.set(extracted)


class ConditionFactory(DjangoModelFactory[Condition]):
    """A coded, active, confirmed condition."""

    class Meta:
        model = Condition

    patient = factory.SubFactory(PatientFactory)
    clinic = factory.SelfAttribute("patient.clinic")
    code = factory.SubFactory(ConditionCodeFactory)
    recorded_by = factory.SubFactory(UserFactory)


class StretchFactory(DjangoModelFactory[Stretch]):
    """A reviewed, held stretch, for each side; ``muscles=["hamstrings"]`` names its targets."""

    class Meta:
        model = Stretch
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"stretch-{n}")
    name = factory.Sequence(lambda n: f"Stretch {n}")
    family = "hamstring"
    status = "reviewed"
    difficulty = 2
    position = "supine"
    spinal_load = "low"
    sides = "per_side"
    purpose = "Lengthen the hamstrings."
    steps = "Lie on your back.\nLift one leg."
    stop_rules = "sharp pain"
    dose_kind = "static_hold"
    start_hold_seconds_min = 10
    start_hold_seconds_max = 20
    hold_seconds_min = 30
    hold_seconds_max = 60
    default_hold_seconds = 30
    repetitions = 3
    times_per_day = 2
    days_per_week = 7
    confidence = "high"
    source = factory.SubFactory(SourceFactory)

    @factory.post_generation
    def muscles(self: Any, create: bool, extracted: list[str] | None, **kwargs: Any) -> None:
        for name in [] if not create else ["hamstrings"] if extracted is None else extracted:
            self.muscles.add(Muscle.objects.get_or_create(slug=name.replace(" ", "-"), defaults={"name": name})[0])


class ContraindicationFactory(DjangoModelFactory[Contraindication]):
    """An absolute contraindication without a window."""

    class Meta:
        model = Contraindication

    stretch = factory.SubFactory(StretchFactory)
    condition_code = factory.SubFactory(ConditionCodeFactory)
    severity = "absolute"
    rationale = "Bending forward loads the disc."
    confidence = "high"
    source = factory.SubFactory(SourceFactory)


class PrescriptionFactory(DjangoModelFactory[Prescription]):
    """A draft."""

    class Meta:
        model = Prescription

    patient = factory.SubFactory(PatientFactory)
    clinic = factory.SelfAttribute("patient.clinic")
    created_by = factory.LazyAttribute(lambda prescription: ClinicianFactory(clinic=prescription.clinic))


class PrescribedStretchFactory(DjangoModelFactory[PrescribedStretch]):
    class Meta:
        model = PrescribedStretch

    prescription = factory.SubFactory(PrescriptionFactory)
    clinic = factory.SelfAttribute("prescription.clinic")
    stretch = factory.SubFactory(StretchFactory)
    start_hold_seconds = 10
    target_hold_seconds = 30
    repetitions = 3
    is_on_getting_up = True


class TemplateFactory(DjangoModelFactory[Template]):
    """A clinic's own; ``TemplateFactory(clinic=None, slug="…")`` is one of the library."""

    class Meta:
        model = Template

    clinic = factory.SubFactory(ClinicFactory)
    name = factory.Sequence(lambda n: f"Template {n}")
    for_whom = "Tight hamstrings"
    citation = "Practice of the clinic"


class TemplatePhaseFactory(DjangoModelFactory[TemplatePhase]):
    class Meta:
        model = TemplatePhase

    template = factory.SubFactory(TemplateFactory)
    clinic = factory.SelfAttribute("template.clinic")
    name = factory.Sequence(lambda n: f"Phase {n}")
    weeks = 2


class TemplateLineFactory(DjangoModelFactory[TemplateLine]):
    """A line in a dose that is not the catalogue's."""

    class Meta:
        model = TemplateLine

    phase = factory.SubFactory(TemplatePhaseFactory)
    clinic = factory.SelfAttribute("phase.clinic")
    stretch = factory.SubFactory(StretchFactory)
    start_hold_seconds = 15
    target_hold_seconds = 45
    repetitions = 2
    is_before_bed = True


class SessionLogFactory(DjangoModelFactory[SessionLog]):
    """What a patient did on getting up, on ``TODAY``."""

    class Meta:
        model = SessionLog

    prescription = factory.SubFactory(PrescriptionFactory)
    patient = factory.SelfAttribute("prescription.patient")
    clinic = factory.SelfAttribute("prescription.clinic")
    on = TODAY
    part_of_day = "on-getting-up"


class StretchLogFactory(DjangoModelFactory[StretchLog]):
    """A stretch that was done as prescribed: ``StretchLogFactory(item=…, pain_score=2)``."""

    class Meta:
        model = StretchLog

    item = factory.SubFactory(PrescribedStretchFactory)
    stretch = factory.SelfAttribute("item.stretch")
    session = factory.SubFactory(SessionLogFactory, prescription=factory.SelfAttribute("..item.prescription"))
    clinic = factory.SelfAttribute("session.clinic")
    outcome = "done"
    held_seconds = 10
    logged_at = NOON

"""Templates: home programmes in phases, to start prescriptions from. A patient's conditions are not known here."""

import uuid
from itertools import pairwise
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, Prefetch, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.models import Clinic, User
from prescriptions import dosage
from prescriptions.models.prescribed_stretch import Dose, dose_constraints
from stretches.models import Source

WEEKS_MAX = 52


def clinics_of(user: User | AnonymousUser) -> "models.QuerySet[Clinic]":
    """Clinics in which this person treats patients; none for a visitor."""
    return Clinic.objects.treating(user) if isinstance(user, User) else Clinic.objects.none()


class TemplateQuerySet(models.QuerySet["Template"]):
    """Templates."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For clinicians: the library's, and those of the clinics in which they treat patients."""
        own = clinics_of(user)
        return self.filter(Q(Exists(own), clinic=None) | Q(clinic__in=own))

    def of_clinics(self) -> Self:
        """Those that belong to a clinic, and so may be edited by its clinicians; the library's may not."""
        return self.filter(clinic__isnull=False)

    def offered_in(self, clinic_id: uuid.UUID) -> Self:
        """What a patient of this clinic may be started on: the library's and the clinic's own, without the retired."""
        return self.filter(Q(clinic=None) | Q(clinic=clinic_id), is_retired=False)

    def in_full(self) -> Self:
        """With phases, lines, stretches and sources: three queries for any number."""
        lines = TemplateLine.objects.select_related("stretch__source", "stretch__adapted_from")
        read = self.select_related("clinic", "source", "adapted_from")
        return read.prefetch_related("phases", Prefetch("phases__lines", lines))


class Template(models.Model):
    """A home programme in phases, for a kind of patient. FHIR: PlanDefinition.

    Without a clinic it belongs to the library, which ``load_templates`` keeps; ``slug`` names it there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="+")
    slug = models.SlugField(max_length=60, blank=True, editable=False)
    name = models.CharField(max_length=120)
    for_whom = models.CharField("for whom", max_length=200)
    summary = models.TextField(blank=True, max_length=1000)
    source = models.ForeignKey(Source, models.PROTECT, null=True, blank=True, related_name="+")
    citation = models.TextField("what it rests on", blank=True, max_length=500)
    sign_off = models.TextField(blank=True, editable=False)
    adapted_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    is_retired = models.BooleanField("retired: no longer offered", default=False)

    objects = TemplateQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["slug"], condition=Q(clinic=None), name="template_slug_once_in_library"),
            models.CheckConstraint(
                condition=Q(clinic__isnull=False, slug="") | (Q(clinic=None) & ~Q(slug="")),
                name="template_of_the_library_has_a_slug",
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False) | ~Q(citation=""), name="template_says_what_it_rests_on"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The template's page, for clinicians."""
        return reverse("prescriptions:template_detail", args=[self.pk])

    @property
    def is_of_library(self) -> bool:
        """Whether it came with Limber, and nobody in a clinic edits it."""
        return self.clinic_id is None

    @property
    def citations(self) -> list[str]:
        """What it rests on, and where its doses come from, each once. Read after ``in_full``."""
        own = [self.citation] if self.citation else []
        if self.source:
            own.append(self.source.citation)
        doses = [line.stretch.source.citation for phase in self.phases.all() for line in phase.lines.all()]
        return list(dict.fromkeys([*own, *doses]))


class TemplatePhaseQuerySet(models.QuerySet["TemplatePhase"]):
    """Phases of templates."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Phases of the templates that this person may see."""
        return self.filter(template__in=Template.objects.visible_to(user))

    def of_clinics(self) -> Self:
        """Those that a clinic's own clinicians may edit."""
        return self.filter(template__clinic__isnull=False)


class TemplatePhase(models.Model):
    """One step of a template: what is done, for about how many weeks, and when the patient moves on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    template = models.ForeignKey(Template, models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=80)
    weeks = models.PositiveSmallIntegerField(
        "about how many weeks", validators=[MinValueValidator(1), MaxValueValidator(WEEKS_MAX)]
    )
    criterion = models.TextField("moves on when", max_length=500, blank=True)

    objects = TemplatePhaseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(weeks__gte=1, weeks__lte=WEEKS_MAX), name="template_phase_weeks_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def minutes_a_day(self) -> int:
        """How long it takes on a day with everything in it, in minutes."""
        return dosage.minutes(sum(line.seconds_a_day for line in self.lines.all()))

    @property
    def next_phase(self) -> "TemplatePhase | None":
        """The phase after this one, if there is one."""
        every = list(self.template.phases.all())
        return next((phase for before, phase in pairwise(every) if before == self), None)


class TemplateLineQuerySet(models.QuerySet["TemplateLine"]):
    """Lines of templates."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Lines of the templates that this person may see."""
        return self.filter(phase__template__in=Template.objects.visible_to(user))

    def of_clinics(self) -> Self:
        """Those that a clinic's own clinicians may edit."""
        return self.filter(phase__template__clinic__isnull=False)


class TemplateLine(Dose):
    """A stretch of a phase, with its dose. Whether it is safe is asked for each patient, never here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    phase = models.ForeignKey(TemplatePhase, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=0)

    objects = TemplateLineQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["phase", "stretch"], name="template_line_once"),
            *dose_constraints("template_line"),
        ]

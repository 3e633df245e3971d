"""Who we treat, and their conditions."""

import datetime
import enum
import uuid
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, models, transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from accounts import once
from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from audit.viewing import Shown
from patients.models.statuses import SETTLED_CLINICAL, SETTLED_VERIFICATION, ClinicalStatus, VerificationStatus
from patients.versions import StaleEditError, as_seen
from stretches.models import ConditionCode

if TYPE_CHECKING:
    from patients.models.invitation import Invitation


class RecordGoneError(Http404):
    """The record was erased, perhaps while this waited for it: nothing of it is there for anybody."""


class RecordProblem(enum.Enum):
    """Why nothing may be offered or activated for a patient, whatever the conditions say: unknown is not safe."""

    NEVER_REVIEWED = "The conditions were never reviewed."
    REVIEW_OVERDUE = "The conditions have to be reviewed again."
    REVIEWED_IN_FUTURE = "The date of the conditions review lies in the future."


class PatientQuerySet(models.QuerySet["Patient"]):
    """Patients."""

    def visible_to(self, user: User | AnonymousUser, *, treating: Iterable[Clinic] | None = None) -> Self:
        """Patients of the clinics in which this person is a clinician.

        ``treating`` are those clinics, where a page has just read them (``Clinic.objects.treating``): a statement that
        asks for its patients in many places is planned sooner when they are named.
        """
        if not user.is_authenticated:
            return self.none()
        clinics = Clinic.objects.treating(user) if treating is None else [clinic.pk for clinic in treating]
        return self.present().filter(clinic__in=clinics)

    def present(self) -> Self:
        """All but the erased, whose records are locked away until the legal term is over."""
        return self.filter(erased_at=None)

    def locked(self, pk: uuid.UUID) -> "Patient":
        """Lock a record until the transaction ends, and read it as it is now: whatever writes of it begins so.

        Raises ``RecordGoneError`` where it was erased since the page was opened.
        """
        try:
            return self.present().select_for_update(of=("self",)).get(pk=pk)
        except Patient.DoesNotExist as error:
            raise RecordGoneError from error

    def own(self, user: User | AnonymousUser) -> Self:
        """This person's own records: one for each clinic that treats them."""
        return self.present().filter(user=user) if user.is_authenticated else self.none()

    def with_invitation(self) -> Self:
        """Each with ``latest_invitation``: the one that was neither used nor withdrawn, if there is one."""
        unused = models.Q(invitations__used_at__isnull=True, invitations__revoked_at__isnull=True)
        relation = models.FilteredRelation("invitations", condition=unused)
        return self.annotate(latest_invitation=relation).select_related("latest_invitation")

    def matching(self, words: str) -> Self:
        """Those whose name or address contains every word."""
        wanted = (models.Q(full_name__icontains=word) | models.Q(email__icontains=word) for word in words.split())
        return self.filter(*wanted)

    def namesakes(self, *, clinic: Clinic, full_name: str, born_on: datetime.date) -> Self:
        """Those at a clinic with this name, whatever its case, and this date of birth: perhaps the same person."""
        return self.present().filter(clinic=clinic, full_name__iexact=full_name, born_on=born_on)


class Patient(Shown):
    """A person in treatment at one clinic. FHIR: Patient."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="patients")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="patient_records"
    )
    full_name = models.CharField("name", max_length=150)
    born_on = models.DateField("date of birth")
    email = models.EmailField("email address", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField("language for paper and mail", max_length=12, blank=True)
    note = models.TextField("goal or note", blank=True, max_length=2000)
    clinician = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="treated_patients"
    )
    conditions_reviewed_on = models.DateField(null=True, blank=True)
    conditions_reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)
    kept_until_on = models.DateField(null=True, editable=False)

    objects = PatientQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("full_name", "id")
        indexes = [models.Index(fields=["clinic", "full_name", "id"], name="patient_clinic_name")]
        constraints = [models.UniqueConstraint(fields=["clinic", "user"], name="patient_one_record_a_clinic")]

    def __str__(self) -> str:
        return self.full_name

    def get_absolute_url(self) -> str:
        """The patient's page, for clinicians."""
        return reverse("patients:patient_detail", args=[self.pk])

    def age_years(self, *, on: datetime.date) -> int:
        """Completed years of life on a day; who is born on 29 February has the birthday on 1 March."""
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))

    @property
    def conditions_review_due_on(self) -> datetime.date | None:
        """The last day on which the latest review still counts; ``None`` when nobody ever asked."""
        if self.conditions_reviewed_on is None:
            return None
        return self.conditions_reviewed_on + datetime.timedelta(days=self.clinic.review_limit_days)

    def record_problem(self, *, on: datetime.date) -> RecordProblem | None:
        """What keeps this record from being prescribed for on a day; the limit is the clinic's."""
        if self.conditions_reviewed_on is None:
            return RecordProblem.NEVER_REVIEWED
        if self.conditions_reviewed_on > on:
            return RecordProblem.REVIEWED_IN_FUTURE
        if (on - self.conditions_reviewed_on).days > self.clinic.review_limit_days:
            return RecordProblem.REVIEW_OVERDUE
        return None

    def add(self, *, by: User) -> "Patient":
        """Store a new patient, and return what is stored.

        The id was chosen when the form was opened: the same said twice makes one patient, and another person another.
        """
        self._history_user = by
        for _try in range(2):  # the second time, another request may have been faster again
            try:
                with transaction.atomic():
                    self.save(force_insert=True)
                    return self
            except IntegrityError:
                own = Patient.objects.visible_to(by)
                if stored := once.stored_already(own, self, once.saying(*PATIENT_FIELDS)):
                    return stored
        self.save(force_insert=True)
        return self

    def edit(self, *, by: User, fields: Collection[str], seen: str) -> None:
        """Store these fields and no others; raises ``StaleEditError`` unless they still say what was seen."""
        with transaction.atomic():
            locked = Patient.objects.locked(self.pk)
            if as_seen([locked], fields) != seen:
                raise StaleEditError(locked)
            for name in fields:
                setattr(locked, name, getattr(self, name))
            locked._history_user = by
            locked.save(update_fields=[*fields])

    def open_invitation(self, *, at: datetime.datetime) -> "Invitation | None":
        """The invitation that would let the patient in at a moment; the row has to be read ``with_invitation``."""
        invitation: Invitation | None = getattr(self, "latest_invitation", None)  # absent where there is none
        return invitation if invitation and invitation.is_open(at=at) else None

    def conditions_as_seen(self) -> str:
        """What the current conditions say, summed up."""
        return as_seen(self.conditions.current(), CONDITION_FIELDS)

    def record_review(self, *, by: User, on: datetime.date, seen: str | None = None) -> None:
        """Attest that every condition was asked about on a day.

        ``seen`` sums up the conditions that were gone through; raises ``StaleEditError`` if they are others by now.
        Attesting the same twice is once.
        """
        with transaction.atomic():
            locked = Patient.objects.locked(self.pk)
            if seen is not None and locked.conditions_as_seen() != seen:
                raise StaleEditError(locked)
            if (locked.conditions_reviewed_on, locked.conditions_reviewed_by_id) == (on, by.pk):
                return
            locked.conditions_reviewed_on = self.conditions_reviewed_on = on
            locked.conditions_reviewed_by = self.conditions_reviewed_by = by
            locked._history_user = by
            locked._change_reason = "Conditions reviewed"  # type: ignore[attr-defined]
            locked.save(update_fields=["conditions_reviewed_on", "conditions_reviewed_by"])


PATIENT_FIELDS = ("clinic", "full_name", "born_on", "email", "phone", "language", "clinician", "note")
"""What is typed of a patient."""
CONDITION_FIELDS = ("code", "free_text", "clinical_status", "verification_status", "anchor_on", "note")
"""What is recorded of a condition, and may be corrected."""


class ConditionQuerySet(ClinicsQuerySet["Condition"]):
    """Patients' conditions."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Conditions of the patients that this person may open."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def current(self) -> Self:
        """Conditions that may still matter: all but the settled ones."""
        return self.exclude(clinical_status__in=SETTLED_CLINICAL).exclude(verification_status__in=SETTLED_VERIFICATION)


class Condition(models.Model):
    """One of a patient's conditions, coded or in free text. FHIR: Condition.

    ``anchor_on`` is the day of onset, surgery or last menstrual period, whichever the code counts from.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="conditions")
    code = models.ForeignKey(ConditionCode, models.PROTECT, null=True, blank=True, related_name="+")
    free_text = models.CharField(max_length=200, blank=True)
    clinical_status = models.CharField(max_length=12, choices=ClinicalStatus, default=ClinicalStatus.ACTIVE)
    verification_status = models.CharField(
        max_length=16, choices=VerificationStatus, default=VerificationStatus.CONFIRMED
    )
    anchor_on = models.DateField("date", null=True, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ConditionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("recorded_at", "id")
        indexes = [models.Index(fields=["patient", "clinical_status", "code"], name="condition_patient_status_code")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__isnull=False, free_text="")
                | (models.Q(code__isnull=True) & ~models.Q(free_text="")),
                name="condition_code_or_free_text",
            ),
            models.CheckConstraint(
                condition=models.Q(clinical_status__in=ClinicalStatus.values), name="condition_clinical_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(verification_status__in=VerificationStatus.values),
                name="condition_verification_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.code.name if self.code else self.free_text

    @property
    def is_current(self) -> bool:
        """Whether it may still matter; for a row already read, what ``ConditionQuerySet.current`` says in a query."""
        return self.clinical_status not in SETTLED_CLINICAL and self.verification_status not in SETTLED_VERIFICATION

    def completed_weeks(self, *, on: datetime.date) -> int | None:
        """Whole weeks since the anchor date; ``None`` when it is missing or lies in the future."""
        if self.anchor_on is None or self.anchor_on > on:
            return None
        return (on - self.anchor_on).days // 7

    def record(self, *, by: User, seen: str | None = None) -> None:
        """Store a new or an edited condition; what it said before stays in its history.

        The patient's row is locked: an activation at the same moment sees the condition or waits for it. A new one
        that is stored already, because the same was sent twice, is left alone. ``seen`` sums up what an edited one
        said when its page was opened; raises ``StaleEditError`` if it says something else by now.
        """
        with transaction.atomic():
            Patient.objects.locked(self.patient_id)
            rows = Condition.objects.filter(patient=self.patient_id)
            if self._state.adding:
                if once.stored_already(rows, self, once.saying(*CONDITION_FIELDS)):
                    return
                self.recorded_by = by
            elif seen is not None and as_seen(stored := rows.filter(pk=self.pk), CONDITION_FIELDS) != seen:
                raise StaleEditError(stored.get())
            self.clinic_id = self.patient.clinic_id
            self._history_user = by
            self.save()

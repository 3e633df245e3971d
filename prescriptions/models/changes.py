"""How one prescription follows another, and what it changes."""

import dataclasses
import uuid
from collections.abc import Iterable

from django.db.models import Q

from prescriptions.models.prescribed_stretch import PrescribedStretch
from prescriptions.models.prescription import IN_FORCE, Prescription
from prescriptions.models.report import PermissibilityReport


@dataclasses.dataclass(frozen=True)
class Changes:
    """From one prescription to the next: stretches that come and go, and pairs of lines whose dose is another."""

    added: tuple[PrescribedStretch, ...]
    removed: tuple[PrescribedStretch, ...]
    dosed_anew: tuple[tuple[PrescribedStretch, PrescribedStretch], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.dosed_anew)


def changes_between(before: Iterable[PrescribedStretch], after: Iterable[PrescribedStretch]) -> Changes:
    """Compare two prescriptions line by line; the order of the lines is no change."""
    old = {item.stretch_id: item for item in before}
    new = {item.stretch_id: item for item in after}
    return Changes(
        added=tuple(item for stretch_id, item in new.items() if stretch_id not in old),
        removed=tuple(item for stretch_id, item in old.items() if stretch_id not in new),
        dosed_anew=tuple(
            (old[stretch_id], item)
            for stretch_id, item in new.items()
            if stretch_id in old and old[stretch_id].dose_words != item.dose_words
        ),
    )


def items_beside_in_force(prescription: Prescription) -> tuple[list[PrescribedStretch], list[PrescribedStretch]]:
    """Read a prescription's lines, and those of another that is in force for the patient: one query.

    The other one itself is theirs: a prescription in force has a line, for none comes into force without.
    """
    in_force = Q(prescription__patient=prescription.patient_id, prescription__status__in=IN_FORCE)
    clinic_id = prescription.clinic_id
    of_clinic = PrescribedStretch.objects.filter(clinic=clinic_id, prescription__clinic=clinic_id)
    items = of_clinic.filter(Q(prescription=prescription) | in_force)
    own: list[PrescribedStretch] = []
    others: list[PrescribedStretch] = []
    for item in items.as_lines().select_related("prescription__activated_by"):
        (own if item.prescription_id == prescription.pk else others).append(item)
    return own, others


@dataclasses.dataclass(frozen=True)
class Revision:
    """A version of a prescription with its lines, and what it changed of the one that it followed.

    ``before`` is that one, ``None`` for the first version. ``note_changes`` are pairs of lines whose note to the
    patient is another.
    """

    prescription: Prescription
    items: tuple[PrescribedStretch, ...]
    before: Prescription | None
    changes: Changes
    note_changes: tuple[tuple[PrescribedStretch, PrescribedStretch], ...]
    has_report: bool

    @property
    def has_new_message(self) -> bool:
        """Whether the message to the patient is another than before."""
        return self.before is not None and self.before.note != self.prescription.note

    @property
    def changes_nothing(self) -> bool:
        """Whether it says the same as the version before."""
        return self.before is not None and not (self.changes or self.note_changes or self.has_new_message)


def revisions_of(prescription: Prescription) -> list[Revision]:
    """Every version of a prescription with what it changed, the latest first: three queries."""
    versions = versions_of(prescription)
    ids = [each.pk for each in versions]
    items: dict[uuid.UUID, list[PrescribedStretch]] = {pk: [] for pk in ids}
    for item in PrescribedStretch.objects.filter(prescription__in=ids).select_related("stretch"):
        items[item.prescription_id].append(item)
    reported = set(PermissibilityReport.objects.filter(prescription__in=ids).values_list("prescription", flat=True))
    by_id = {each.pk: each for each in versions}
    revisions = []
    for version in versions:
        before = by_id.get(version.replaces_id) if version.replaces_id else None
        old = {item.stretch_id: item for item in (items[before.pk] if before else [])}
        both = [(old[item.stretch_id], item) for item in items[version.pk] if item.stretch_id in old]
        revisions.append(
            Revision(
                prescription=version,
                items=tuple(items[version.pk]),
                before=before,
                changes=changes_between(old.values(), items[version.pk]),
                note_changes=tuple((was, item) for was, item in both if was.note != item.note),
                has_report=version.pk in reported,
            )
        )
    return revisions


def versions_of(prescription: Prescription) -> list[Prescription]:
    """The prescription with all that it followed and all that follow from it, the latest first: one query."""
    every = {each.pk: each for each in prescription.patient.prescriptions.with_people()}
    first = every[prescription.pk]
    while first.replaces_id in every:
        first = every[first.replaces_id]
    versions, latest = [first], {first.pk}
    while following := [each for each in every.values() if each.replaces_id in latest]:
        versions += following
        latest = {each.pk for each in following}
    return sorted(versions, key=lambda each: each.created_at, reverse=True)

"""A change of what is known, and whom it concerns: compared within the transaction that makes it.

The library is every clinic's: what is counted here is counted in all of them, through ``acting.everywhere``. Out come
numbers, names of clinics, and mails to their clinicians; nothing of a patient.

Nothing is guessed beforehand. The change is made, the one statement of ``prescriptions.impact`` is asked again, and the
transaction is ended or taken back: whatever kind of change it is, what is shown before is what will be.
"""

import datetime
import uuid
from collections import Counter
from collections.abc import Collection

from django.db.models import Count

from accounts import acting, outbox
from accounts.models import Clinic, Membership, User
from prescriptions import impact
from stretches.impact import Affected, InForce


class CatalogueChange:
    """A change of the catalogue: see ``stretches.impact.Change``. To be made before the first write."""

    def __init__(
        self,
        stretch_ids: Collection[uuid.UUID] | None,
        *,
        at: datetime.datetime,
        clinic_id: uuid.UUID | None = None,
    ) -> None:
        self.id = uuid.uuid4()
        self.at = at
        self._lines = impact.lines_in_force()
        self._is_about_some = stretch_ids is not None
        if stretch_ids is not None:
            self._lines = self._lines.filter(stretch__in=stretch_ids)
        if clinic_id is not None:
            self._lines = self._lines.filter(prescription__clinic=clinic_id)
        self._before = self._unsafe()

    def affected(self) -> Affected:
        """Count what has become unsafe since; what was so before is no news."""
        new = self._newly_unsafe()
        return Affected(
            lines=len(new),
            prescriptions=len({row.prescription_id for row in new}),
            patients=len({row.patient_id for row in new}),
            clinics=len({row.clinic_id for row in new}),
        )

    def in_force(self) -> list[InForce]:
        """Count what has these stretches by clinic; about every stretch, only what has become unsafe: two queries."""
        with acting.everywhere():
            return self._in_force()

    def _in_force(self) -> list[InForce]:
        new = self._newly_unsafe()
        paused = Counter(row.clinic_id for row in new)
        named = dict(Clinic.objects.filter(pk__in=paused).values_list("pk", "name"))
        found = {
            clinic_id: InForce(
                clinic=named[clinic_id],
                prescriptions=len({row.prescription_id for row in new if row.clinic_id == clinic_id}),
                patients=len({row.patient_id for row in new if row.clinic_id == clinic_id}),
                paused_lines=lines,
            )
            for clinic_id, lines in paused.items()
        }
        if self._is_about_some:
            counted = self._lines.values("prescription__clinic", "prescription__clinic__name").annotate(
                prescription_count=Count("prescription", distinct=True),
                patient_count=Count("prescription__patient", distinct=True),
            )
            for clinic_id, name, prescriptions, patients in counted.values_list(
                "prescription__clinic", "prescription__clinic__name", "prescription_count", "patient_count"
            ):
                found[clinic_id] = InForce(name, prescriptions, patients, paused[clinic_id])
        return sorted(found.values(), key=lambda each: (-each.prescriptions, each.clinic))

    def clinicians(self) -> list[User]:
        """Who has to look after what has become unsafe: who treats the patient, or else everybody of the clinic."""
        with acting.everywhere():
            return self._clinicians()

    def _clinicians(self) -> list[User]:
        new = self._newly_unsafe()
        clinics = {row.clinic_id for row in new}
        members = Membership.objects.filter(clinic__in=clinics, role=Membership.Role.CLINICIAN, user__is_active=True)
        treating = set(members.values_list("clinic_id", "user_id"))
        looked_after = {(row.clinic_id, row.clinician_id) for row in new}
        without = {clinic_id for clinic_id, _ in looked_after - treating}
        concerned = {user_id for clinic_id, user_id in treating & looked_after}
        concerned |= {user_id for clinic_id, user_id in treating if clinic_id in without}
        return list(User.objects.filter(pk__in=concerned).order_by("email"))

    def tell(self) -> int:
        """Write to each of them once that something waits in their queue, with this transaction; how many are told."""
        with acting.everywhere():
            return outbox.post_many(
                outbox.draft(
                    "needs_you",
                    unique_key=f"catalogue:{self.id}:{clinician.pk}",
                    to=clinician,
                    path="/",
                    due_at=self.at,
                )
                for clinician in self._clinicians()
            )

    def _newly_unsafe(self) -> set[impact.Owners]:
        known = {row.line_id for row in self._before}
        return {row for row in self._unsafe() if row.line_id not in known}

    def _unsafe(self) -> set[impact.Owners]:
        """Whose lines are unsafe as things stand; where nothing is prescribed, the hierarchy is not walked at all."""
        with acting.everywhere():
            return impact.owners_among(self._lines, at=self.at) if self._lines.exists() else set()

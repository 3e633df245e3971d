"""After a restore: what was erased since the backup was made is erased again."""

from pathlib import Path

from django.db import transaction

from accounts import acting
from accounts.models import User
from clinic.models import Erasure
from clinic.privacy import ledger
from clinic.privacy.erasing import erase, remove
from patients.models import Patient


def reapply(ledger_path: Path | None = None) -> int:
    """Erase and remove again what the ledger names; how many records of those that came back that changed.

    The lines of the file, if there is one, are added to those of the database first. Applying it twice changes nothing.

    Raises:
        ValueError: the file is no ledger. Nothing is changed then.
    """
    with transaction.atomic(), acting.everywhere("apply_erasures"):
        for line in ledger.read(ledger_path) if ledger_path else []:
            key = {"digest": line.pop("digest"), "step": line.pop("step")}
            Erasure.objects.get_or_create(**key, defaults=line)
        stored = {(line.digest, line.step): line for line in Erasure.objects.all()}
        if not stored:
            return 0
        return sum(_again(patient, stored) for patient in Patient.objects.select_related("clinic", "user"))


def _again(patient: Patient, stored: dict[tuple[str, str], Erasure]) -> bool:
    """Bring one record to where the ledger says that it was; whether there was anything to do."""
    digest = Erasure.digest_of(patient.pk)
    erased, removed = (stored.get((digest, step)) for step in (Erasure.Step.ERASED, Erasure.Step.REMOVED))
    changed = erased is not None and erase(patient, by=_who(erased), at=erased.at) is not None
    return (removed is not None and remove(patient, at=removed.at) is not None) or changed


def _who(line: Erasure) -> User | None:
    return User.objects.filter(pk=line.by).first() if line.by else None

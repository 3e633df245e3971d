"""What is removed because its time is over, once a day; called before each pass of ``send_due``."""

import datetime
import logging
from collections.abc import Callable

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts import acting, limits
from accounts.models import OutboxMessage, Session, StaffInvitation
from accounts.models.outbox import MOST_ATTEMPTS
from clinic.models import Erasure
from clinic.privacy.declarations import subject_of
from clinic.privacy.erasing import erase, remove
from clinic.privacy.terms import kept_until_on
from patients.models import Condition, Invitation, Patient
from prescriptions.models import Prescription
from routines.models import SessionLog

logger = logging.getLogger(__name__)
MESSAGES_KEPT = INVITATIONS_KEPT = datetime.timedelta(days=30)
MOST_A_DAY = 500
"""Records that one pass removes of each kind, so that none takes long; the rest waits for the next day."""
ONCE_A_DAY = limits.Slot("clinic.privacy.retention", most=1, window=limits.DAY)


def forget(at: datetime.datetime) -> None:
    """Remove what is over, if nobody has done so within a day."""
    if limits.take([ONCE_A_DAY], at=at):
        forget_now(at)


def forget_now(at: datetime.datetime) -> None:
    """Remove what is over."""
    with acting.everywhere("forget"):
        forget_messages(at)
        Session.objects.filter(expire_date__lt=at).delete()
        Invitation.objects.filter(expires_at__lt=at - INVITATIONS_KEPT).delete()
        StaffInvitation.objects.filter(expires_at__lt=at - INVITATIONS_KEPT).delete()
    forget_records(at)


def forget_messages(at: datetime.datetime) -> None:
    """Remove messages that were sent, cancelled or given up a month ago; what still waits is left."""
    old = OutboxMessage.objects.filter(due_at__lt=at - MESSAGES_KEPT)
    old.exclude(sent_at=None, cancelled_at=None, attempts__lt=MOST_ATTEMPTS).delete()


def forget_records(at: datetime.datetime) -> None:
    """Remove records whose legal term is over, whether anybody asked for that or not."""
    with acting.everywhere("forget"):
        over = list(Patient.objects.filter(kept_until_on__lt=at.date())[:MOST_A_DAY])
        perhaps = list(_long_untouched(at))  # all: who stays for long must keep nobody behind them
    for patient in over:
        _tried(_remove, patient, at)
    removed = 0
    for patient in perhaps:
        if removed < MOST_A_DAY:
            removed += _tried(_forget_if_over, patient, at)


def _tried(act: Callable[[Patient, datetime.datetime], bool], patient: Patient, at: datetime.datetime) -> bool:
    """Do it to one record; whether it was done. One that fails keeps no other, and is tried again the next day."""
    try:
        with acting.everywhere("forget"):
            return act(patient, at)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one record
        # Named as in the ledger; what the database complains about may hold what the row says.
        what = (Erasure.digest_of(patient.pk)[:12], type(error).__name__)
        logger.error("The record %s was not removed after its term: %s", *what)  # noqa: TRY400
        return False


def _remove(patient: Patient, at: datetime.datetime) -> bool:
    """Remove what was kept of an erased record."""
    return remove(patient, at=at) is not None


def _forget_if_over(patient: Patient, at: datetime.datetime) -> bool:
    """Erase and remove one record, if really nothing was recorded for the term; whether it was."""
    subject = subject_of(patient, with_sign_in=False)
    if kept_until_on(subject, born_on=patient.born_on, today=at.date()) >= at.date():
        return False
    erase(patient, by=None, at=at)
    remove(patient, at=at)
    return True


def _long_untouched(at: datetime.datetime) -> "QuerySet[Patient]":
    """Records that perhaps nobody has touched for the term: nothing new is easily seen.

    What is in force counts no more than what has ended: who simply stops coming leaves a prescription that nobody ends.
    """
    limit = at - datetime.timedelta(days=365 * settings.RECORD_KEPT_YEARS)
    of_patient = {"patient": OuterRef("pk")}
    prescribed = Prescription.objects.filter(**of_patient).order_by()
    return (
        Patient.objects.present()
        .filter(created_at__lt=limit)
        .exclude(Exists(prescribed.filter(created_at__gte=limit)))
        .exclude(Exists(SessionLog.objects.filter(**of_patient, on__gte=limit.date()).order_by()))
        .exclude(Exists(Condition.objects.filter(**of_patient, recorded_at__gte=limit).order_by()))
        .exclude(Exists(Patient.history.model.objects.filter(id=OuterRef("pk"), history_date__gte=limit).order_by()))
        .select_related("clinic", "user")
        .order_by("created_at", "pk")
    )

"""What is stored of who did what, field by field: see ``accounts.personal``.

The record is only ever added to: of an erased patient ``audit.sealing.blank`` takes out what their rows held. All else
stays, also when the legal term of their record is over: the chain is a hash over who, when, what and from which
address, and a field that may go would be one that may be changed unseen.
"""

from django.db.models import Q

from accounts.personal import Subject, Table


def _about(subject: Subject) -> Q:
    return Q(patient_id=subject.patient_id)


TABLES = (
    Table(
        "audit.Event",
        "Who saw or changed what of a patient, for good: the chain rests on it. Erasing blanks what the rows held.",
        not_personal="id role clinic table_name action door",
        keep="at user patient_id object_id address",
        erase="content salt",
        never_given="address salt",
        also=_about,
    ),
    Table(
        "audit.Seal",
        "The chain over the record, by which a change of it shows.",
        not_personal="position event_id digest hash sealed_at",
    ),
)

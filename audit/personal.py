"""What is stored of who did what, field by field: see ``accounts.personal``.

The record is only ever added to: of an erased patient ``audit.sealing.blank`` takes out what their rows held.
"""

from django.db.models import Q

from accounts.personal import Subject, Table


def _about(subject: Subject) -> Q:
    return Q(patient_id=subject.patient_id)


TABLES = (
    Table(
        "audit.Event",
        "Who saw or changed what of a patient. What the rows held goes when the patient is erased.",
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

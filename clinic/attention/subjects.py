"""What a line of the queue is about, when the line itself is gone: somebody else may have dealt with it already."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import models

from accounts.models import User
from clinic.models import AttentionKind
from prescriptions.models import Override, Prescription, RoutineStop, StretchPause
from routines.models import Proposal

ABOUT: Mapping[str, type[models.Model]] = {
    AttentionKind.RED_FLAG: RoutineStop,
    AttentionKind.PAUSE: StretchPause,
    AttentionKind.UNSAFE: Prescription,
    AttentionKind.OVERRIDE: Override,
    AttentionKind.FIRST_WEEK: Prescription,
    AttentionKind.ADHERENCE: Prescription,
    AttentionKind.PROPOSAL: Proposal,
}
"""A subject begins with the id of one of these. Of a review it says the day of the last one, which is the patient's."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def was_about(patient_id: uuid.UUID, *, kind: str, subject: str, by: User) -> bool:
    """Whether there can have been such a line about this patient: its subject is one of theirs."""
    if kind not in ABOUT:
        return True
    named = _ID.match(subject)
    if named is None:
        return False
    rows: Any = ABOUT[kind]._default_manager
    return bool(rows.visible_to(by).filter(pk=named.group(), patient=patient_id).exists())

"""Where the review of a patient's conditions stands, as one sees it in a list."""

import datetime

from django.db import models

from patients.models import Patient, RecordProblem

DUE_SOON_DAYS = 14
"""So long before its last day a review counts as due, so that it fits into an appointment."""


class ReviewState(models.TextChoices):
    """From worst to best; the first three are record problems."""

    NEVER = "never", "Never reviewed"
    OVERDUE = "overdue", "Review overdue"
    IN_FUTURE = "in-future", "Review date in the future"
    DUE = "due", "Review due"
    DONE = "done", "Reviewed"


_STATE_OF_PROBLEM = {
    RecordProblem.NEVER_REVIEWED: ReviewState.NEVER,
    RecordProblem.REVIEW_OVERDUE: ReviewState.OVERDUE,
    RecordProblem.REVIEWED_IN_FUTURE: ReviewState.IN_FUTURE,
}


def review_state(patient: Patient, *, on: datetime.date) -> ReviewState:
    """The record's problem, or else whether the next review is due within two weeks."""
    if problem := patient.record_problem(on=on):
        return _STATE_OF_PROBLEM[problem]
    last_day = patient.conditions_review_due_on
    is_due = last_day is not None and (last_day - on).days <= DUE_SOON_DAYS
    return ReviewState.DUE if is_due else ReviewState.DONE

"""What the demo's first patient scored by the outcome measures, at the start and at a review."""

import datetime

from accounts.models import User
from patients.models import Occasion, OutcomeMeasure, OutcomeScore, Patient, Rated

ACTIVITIES = ("Kneel to weed a flower bed", "Stand to cook for half an hour", "Put on socks")
ASKED = (
    (Occasion.START, 14, 6, (2, 4, 3)),
    (Occasion.REVIEW, 7, 4, (3, 6, 4)),
    (Occasion.REVIEW, 1, 2, (5, 7, 7)),
)
"""On which occasion, how many days ago, the pain rating, and how well each activity went."""


def record(patient: Patient, *, by: User, at: datetime.datetime) -> None:
    """Record every score through the same action as in earnest."""
    measures = {measure.slug: measure for measure in OutcomeMeasure.objects.filter(slug__in=["psfs", "pain-rating"])}
    for occasion, days_ago, pain, ratings in ASKED:
        asked_at = at - datetime.timedelta(days=days_ago)
        said = {"patient": patient, "on": patient.clinic.today(asked_at), "occasion": occasion}
        rated = [Rated(*each) for each in zip(ACTIVITIES, ratings, strict=True)]
        OutcomeScore(measure=measures["psfs"], **said).record(by=by, at=asked_at, activities=rated)
        OutcomeScore(measure=measures["pain-rating"], rating=pain, **said).record(by=by, at=asked_at)

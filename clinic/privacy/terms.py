"""How long what is kept has to be kept: the legal term, counted from the end of treatment."""

import datetime

from django.conf import settings
from django.db.models import DateTimeField, Max, Value

from accounts.personal import Rule, Subject
from clinic.privacy.declarations import tables_of_patients

FULL_AGE = 18


def kept_until_on(subject: Subject, *, born_on: datetime.date, today: datetime.date) -> datetime.date:
    """The last day on which a record has to be there.

    ``RECORD_KEPT_YEARS`` after the last moment of treatment on record, and not before somebody treated as a
    child has reached ``RECORD_KEPT_UNTIL_AGE``.

    Sources: Germany, BGB § 630f (3), ten years after the end of treatment, which is the default. England, NHS Records
    Management Code of Practice (2021, appendix II): eight years for adults; for children until the 25th birthday, the
    26th where somebody was 17 at the end of treatment, hence 26 for all.
    """
    ended_on = last_recorded_on(subject) or today
    term = _years_after(ended_on, settings.RECORD_KEPT_YEARS)
    if ended_on >= _years_after(born_on, FULL_AGE):
        return term
    return max(term, _years_after(born_on, settings.RECORD_KEPT_UNTIL_AGE))


def last_recorded_on(subject: Subject) -> datetime.date | None:
    """The day (UTC) of the last moment of treatment that any row of the record tells of.

    A change of the patient's row counts, whatever was changed: a note or a review stands there too, and only its
    history tells when. Asking for the record to be erased, and what was decided about that, prolongs nothing.
    """
    latest = []
    for table in tables_of_patients():
        fields = [
            field.name
            for field in table.model_class._meta.local_concrete_fields
            if isinstance(field, DateTimeField) and field.name not in table.not_of_treatment.split()
        ]
        if table.patient and table.rule in {Rule.KEEP, Rule.ANONYMISE}:
            rows = table.rows(subject).order_by().annotate(table=Value(table.model)).values("table")
            latest += [rows.annotate(latest=Max(name)).values_list("latest") for name in fields]
    moments = [moment for (moment,) in latest[0].union(*latest[1:], all=True) if moment]
    return max(moments).astimezone(datetime.UTC).date() if moments else None


def _years_after(day: datetime.date, years: int) -> datetime.date:
    """The same day of another year; who counts from 29 February arrives on 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return datetime.date(day.year + years, 3, 1)

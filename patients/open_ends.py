"""Whether something of a patient's is stopped or paused: most have neither, and their page need not read any."""

from django.db.models import Exists, OuterRef, QuerySet

from patients.models import Patient


def with_open_ends(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Each with ``has_open_stop`` and ``has_open_pause``: what there is that nobody has ended."""
    same = Patient.objects.order_by().filter(pk=OuterRef("pk"))
    stopped = same.filter(routine_stops__isnull=False, routine_stops__reopened_at__isnull=True)
    paused = same.filter(stretch_pauses__isnull=False, stretch_pauses__lifted_at__isnull=True)
    return patients.annotate(has_open_stop=Exists(stopped), has_open_pause=Exists(paused))

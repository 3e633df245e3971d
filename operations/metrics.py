"""Figures for Prometheus at ``/metrics``: requests by name of address, and what waits to be sent. Nobody's data.

Only who knows ``METRICS_TOKEN`` is answered. Without a token set, or with another one, the address is not there, as any
other that is not. Each of gunicorn's workers counts into files that all of them add up: see gunicorn.conf.py.
"""

import os
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts import acting
from accounts.models import OutboxMessage
from operations.models import Pulse

METRICS = "/metrics"


class MetricsMiddleware:
    """Answers ``/metrics`` before anything else looks at a session, and hands on all other addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer who shows the token."""
        shown = request.headers.get("Authorization", "")
        if request.path_info != METRICS or not constant_time_compare(shown, f"Bearer {settings.METRICS_TOKEN}"):
            return self.get_response(request)
        figures = generate_latest(_requests()) + generate_latest(_installation())
        return HttpResponse(figures, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _requests() -> CollectorRegistry:
    """What django-prometheus counted: in all workers, or in this process where there is only one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _installation() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(InstallationCollector())
    return registry


class InstallationCollector(Collector):
    """What is asked of the database when somebody looks; without a database only that it is gone."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Four figures."""
        at = timezone.now()
        try:
            with acting.everywhere("metrics"):  # counted, and nothing shown of any clinic
                waiting = OutboxMessage.objects.due(at=at).count()
                stuck = OutboxMessage.objects.stuck(at=at).count()
                pulse = Pulse.objects.filter(name=Pulse.Name.SENDER).first()
        except DatabaseError:
            yield GaugeMetricFamily("limber_database_up", "Whether the database answers.", value=0)
            return
        yield GaugeMetricFamily("limber_database_up", "Whether the database answers.", value=1)
        yield GaugeMetricFamily("limber_outbox_due", "Messages that are due and not sent.", value=waiting)
        yield GaugeMetricFamily("limber_outbox_given_up", "Messages that nobody tries to send again.", value=stuck)
        if pulse:
            silence = (at - pulse.beat_at).total_seconds()
            yield GaugeMetricFamily("limber_sender_silence_seconds", "Since send_due last ran.", value=silence)

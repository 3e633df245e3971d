"""Whether this process is alive, and whether it can answer people: for whoever keeps the machines running.

Asked every few seconds, by address instead of by name, over plain HTTP, and while the database is gone. So these two
are answered before everything else: no session is read, no host name is compared, nothing is redirected.
"""

from collections.abc import Callable

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

LIVE, READY = "/health/live", "/health/ready"
ASK_AGAIN_SECONDS = 5


class HealthMiddleware:
    """Answers the two addresses, and hands on all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.is_migrated = False
        """Found once: while this code runs, nothing takes a migration back."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if request.path_info not in {LIVE, READY}:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        fault = self.fault() if request.path_info == READY else ""
        if fault:
            response = JsonResponse({"status": "not ready", "waiting_for": fault}, status=503)
            response["Retry-After"] = str(ASK_AGAIN_SECONDS)
        else:
            response = JsonResponse({"status": "ready" if request.path_info == READY else "live"})
        response["Cache-Control"] = "no-store"
        return response

    def fault(self) -> str:
        """What there is to wait for: ``database``, ``migrations``, or nothing. One query once all is well."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.is_migrated = self.is_migrated or unapplied(connection.alias) == 0
        except DatabaseError:
            if not connection.in_atomic_block:
                connection.close()  # else it would stay broken until the next page is asked for
            return "database"
        return "" if self.is_migrated else "migrations"


def unapplied(alias: str = DEFAULT_DB_ALIAS) -> int:
    """How many migrations of this code the database has not had."""
    executor = MigrationExecutor(connections[alias])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))

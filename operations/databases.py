"""How long a connection of PostgreSQL's waits, and how SQLite is opened: for ``clinic.settings``."""

from typing import Any


def configured(url: dict[str, Any], *, statement_seconds: int, lock_seconds: int) -> dict[str, Any]:
    """An entry of Django's DATABASES, from what an address says; that has the last word: ``…?CONN_MAX_AGE=0``."""
    if url["ENGINE"] == "django.db.backends.sqlite3":
        # Readers never wait for the writer (WAL); a writer takes its lock at the start, so that two cannot deadlock.
        # The engine is Django's, which also knows who acts.
        return {
            **url,
            "ENGINE": "audit.sqlite",
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"},
        }
    patience = {
        "options": (
            f"-c statement_timeout={statement_seconds}s -c lock_timeout={lock_seconds}s "
            "-c idle_in_transaction_session_timeout=60s"
        ),
        "connect_timeout": 3,
        # A server that is gone without a word, its machine switched off for instance, is noticed after 10 s.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 10_000,
    }
    return {
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        **url,
        "OPTIONS": {**patience, **url.get("OPTIONS", {})},
    }

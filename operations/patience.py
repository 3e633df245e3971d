"""How long a page waits for PostgreSQL before it says “later”."""

from typing import Any


def options(*, statement_seconds: int, lock_seconds: int) -> dict[str, Any]:
    """Options of a connection; 0 seconds are no limit. Waiting for a lock ends even where a statement may take long.

    A server that is gone without a word, its machine switched off for instance, is noticed after 10 s.
    """
    return {
        "options": (
            f"-c statement_timeout={statement_seconds}s -c lock_timeout={lock_seconds}s "
            "-c idle_in_transaction_session_timeout=60s"
        ),
        "connect_timeout": 3,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 10_000,
    }

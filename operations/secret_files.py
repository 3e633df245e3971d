"""Secrets that are handed over as files: ``SECRET_KEY_FILE`` in place of ``SECRET_KEY``, and so on."""

from collections.abc import Mapping
from pathlib import Path

SECRETS = (
    "SECRET_KEY",
    "SEALING_KEYS",
    "DATABASE_URL",
    "OWNER_DATABASE_URL",
    "REPLICA_DATABASE_URL",
    "EMAIL_URL",
    "VAPID_PRIVATE_KEY",
    "METRICS_TOKEN",
)
"""What may stand in a file: a process's environment is shown to more eyes than a file that only its user can read."""


def with_secret_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the contents of each ``X_FILE`` as ``X``, without the line break at its end.

    Raises:
        SystemExit: the file cannot be read or is empty, or both ways are used at once, which nobody means.
    """
    found = dict(environment)
    for name in SECRETS:
        path = environment.get(f"{name}_FILE")
        if not path:
            continue
        if environment.get(name):
            raise SystemExit(f"{name} and {name}_FILE are both set: unset one of them.")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SystemExit(f"{name}_FILE: {error}") from error
        if not found[name]:
            raise SystemExit(f"{name}_FILE: {path} is empty.")
    return found

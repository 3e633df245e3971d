"""``python -m operations.probe [ready]``: whether the web process in this container answers. Starts no Django."""

import sys
import urllib.error
import urllib.request


def main(what: str) -> int:
    """Return the exit status: 0 when ``/health/live`` or ``/health/ready`` says yes."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:8000/health/{what}", timeout=4):
            return 0
    except (urllib.error.URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main("ready" if "ready" in sys.argv[1:] else "live"))

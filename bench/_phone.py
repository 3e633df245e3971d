"""Limber with the demo clinic behind gunicorn, as in earnest, and Chromium as a patient's phone."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PATIENT = "margaret@riverside.example"
NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable")
SESSION = """
from django.test import Client
from accounts.models import User
client = Client()
client.force_login(User.objects.get(email={email!r}))
print(client.cookies["sessionid"].value)
"""


def chromium() -> str:
    """The browser's program: ``CHROMIUM``, or what is installed.

    Raises:
        SystemExit: there is none.
    """
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        raise SystemExit("needs Chromium: CHROMIUM=/path/to/it names one")
    return found


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextlib.contextmanager
def demo_site() -> Iterator[tuple[str, str]]:
    """Serve the demo clinic with its static files collected; gives the address and a patient's session key."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "VAR_DIR": folder, "SECRET_KEY": "bench", "DEMO": "1", "SITE_URL": address}
        environment.pop("DATABASE_URL", None)
        environment["DEBUG"] = "false"

        def manage(*arguments: str) -> str:
            command = [sys.executable, "manage.py", *arguments]
            return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

        manage("migrate", "--verbosity", "0")
        manage("load_catalogue", "--verbosity", "0")
        manage("load_demo")
        manage("collectstatic", "--no-input", "--verbosity", "0", "--ignore", "django_htmx")
        session = manage("shell", "--verbosity", "0", "-c", SESSION.format(email=PATIENT)).split()[-1]
        gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "clinic.wsgi:application", "--workers", "2"]
        server = subprocess.Popen([*gunicorn, "--bind", f"127.0.0.1:{port}", "--log-level", "warning"], env=environment)
        try:
            wait_for(port)
            yield address, session
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(port: int, seconds: float = 30) -> None:
    """Return as soon as something listens on a port.

    Raises:
        TimeoutError: nothing does after so many seconds.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")

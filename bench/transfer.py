"""What a patient's phone transfers: on the first visit and on later ones, headers and service worker included.

Every byte from the server to the browser is counted on its way, so that nothing is left out that some tool does not
see, such as what the service worker fetches for itself. A first visit starts with an empty browser; a later one has
what the visit before left. Budgets: design, section 9.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from bench._phone import chromium, demo_site
from bench.row import Row

FIRST_KB, LATER_KB = 100, 20
SIGN_IN, TODAY, PLAYER, PROGRESS = "/accounts/login/", "/today/", "/today/play/", "/progress/"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True}
QUIET_SECONDS = 3.0
"""How long nothing may come before a visit counts as over: the service worker sets itself up after the page."""


class Scale:
    """Stands between browser and server and counts what comes back, in bytes."""

    def __init__(self, port: int) -> None:
        self.server_port = port
        self.bytes = 0
        self.last_at = time.monotonic()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """Where the browser goes."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                browser, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server_port))
                threading.Thread(target=self._pass_on, args=(browser, server, False), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(server, browser, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_counted: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                self.last_at = time.monotonic()
                if is_counted:
                    self.bytes += len(chunk)
                target.sendall(chunk)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def kilobytes_of(self, visit: Any) -> float:
        """What a visit transfers until everything is quiet, in units of 1,000 bytes."""
        before = self.bytes
        visit()
        while time.monotonic() - self.last_at < QUIET_SECONDS:
            time.sleep(0.2)
        return (self.bytes - before) / 1000


@contextlib.contextmanager
def phones(address: str, session: str) -> Iterator[Any]:
    """Make empty phones; on request one on which the patient is signed in."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)

        def make(*, is_signed_in: bool) -> BrowserContext:
            context = browser.new_context(**PHONE)
            if is_signed_in:
                context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
            return context

        yield make
        browser.close()


def measure() -> list[Row]:
    """Weigh first and later visits of the pages that a patient opens."""
    rows = []
    with demo_site() as (address, session):
        scale = Scale(int(address.rpartition(":")[2]))
        with phones(scale.address, session) as make:

            def weigh(page: Any, path: str) -> float:
                return scale.kilobytes_of(lambda: page.goto(scale.address + path, wait_until="networkidle"))

            for words, path, is_signed_in in (
                ("sign-in", SIGN_IN, False),
                ("today", TODAY, True),
                ("player", PLAYER, True),
                ("progress", PROGRESS, True),
            ):
                page = make(is_signed_in=is_signed_in).new_page()
                rows.append(Row(f"{words}: first visit", weigh(page, path), "KB", at_most=FIRST_KB))
                rows.append(Row(f"{words}: later visit", weigh(page, path), "KB", at_most=LATER_KB))
                page.context.close()
            page = make(is_signed_in=True).new_page()
            weigh(page, TODAY)
            rows.append(Row("player after today", weigh(page, PLAYER), "KB", at_most=LATER_KB))
    return rows

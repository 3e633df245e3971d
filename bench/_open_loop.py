"""Requests that come when they come: at a constant rate, whether or not those before were answered.

People do not wait for each other. A generator whose users ask again only after their answer asks less often just when
a server is slow, and so leaves out what it came to measure (“coordinated omission”); locust's users are of that kind.
Here each request has a moment at which it was due, and its latency counts from there, waiting for a free connection
included.
"""

import http.client
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answered:
    """One request: what it was, and how many seconds after it was due the last byte was there; 0 for a failed one."""

    name: str
    status: int
    seconds: float


@dataclass
class Browser:
    """A connection that is kept open, as a proxy keeps it."""

    port: int
    answered: list[Answered] = field(default_factory=list)
    connection: http.client.HTTPConnection | None = None

    def ask(
        self, name: str, path: str, cookies: str, *, body: str = "", headers: Any = (), due: float | None = None
    ) -> tuple[int, str, str]:
        """Ask, note how long it took from when it was due, and return the status, where it leads to, and the text."""
        due = time.perf_counter() if due is None else due
        sent = {"Host": f"127.0.0.1:{self.port}", "Cookie": cookies, "Accept-Encoding": "gzip", **dict(headers)}
        status, location, text = 0, "", ""
        for attempt in (1, 2):  # a server may close what was idle, which costs a second attempt, as in a proxy
            try:
                self.connection = self.connection or http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=TIMEOUT_SECONDS
                )
                self.connection.request("POST" if body else "GET", path, body.encode() or None, sent)
                answer = self.connection.getresponse()
                content = answer.read()
                status, location = answer.status, answer.headers.get("Location", "")
                is_text = not answer.headers.get("Content-Encoding") and "pdf" not in str(
                    answer.headers["Content-Type"]
                )
                text = content.decode(errors="replace") if is_text else ""
                break
            except (OSError, http.client.HTTPException):
                if self.connection:
                    self.connection.close()
                self.connection = None
                if attempt == 2 or body:  # nothing is sent in twice
                    break
        self.answered.append(Answered(name, status, time.perf_counter() - due))
        return status, location, text


Act = Callable[[Browser, float], None]
"""One arrival: given a browser, and the moment at which it was due."""


def run(acts: Iterator[Act], *, port: int, per_second: float, seconds: float, browsers: int = 64) -> list[Answered]:
    """Let so many arrive a second, for so long, and return all that was answered."""
    waiting: queue.SimpleQueue[tuple[Act, float] | None] = queue.SimpleQueue()
    every = [Browser(port) for _ in range(browsers)]

    def work(browser: Browser) -> None:
        while arrival := waiting.get():
            act, due = arrival
            act(browser, due)

    threads = [threading.Thread(target=work, args=(browser,)) for browser in every]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    try:
        for number in range(round(per_second * seconds)):
            due = started + number / per_second
            time.sleep(max(0, due - time.perf_counter()))
            waiting.put((next(acts), due))
    finally:
        for _ in threads:
            waiting.put(None)
        for thread in threads:
            thread.join()
    return [each for browser in every for each in browser.answered]

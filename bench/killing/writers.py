"""Who writes while all around them is killed: phones that log until they are told it is stored, and a clinician."""

import contextlib
import dataclasses
import datetime
import http.client
import json
import re
import threading
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from typing import Any

PARTS = ("on-getting-up", "midday", "afternoon", "before-bed")
DAYS = 14
TOKEN = "a" * 32
AGAIN_EVERY = 20
"""Every so many writes are sent once more, as by a phone that did not hear the answer."""
PAUSE = 0.05
PATIENCE = 90.0


class StuckError(Exception):
    """The site does not come back."""


@dataclasses.dataclass
class Book:
    """What was acknowledged, in what words it was sent, and how long the site was away at most."""

    wanted: int
    sent: dict[str, tuple[str, str, str, int]] = dataclasses.field(default_factory=dict)
    acknowledged: dict[str, tuple[str, str, str, int]] = dataclasses.field(default_factory=dict)
    activated: list[str] = dataclasses.field(default_factory=list)
    refused: list[str] = dataclasses.field(default_factory=list)
    failed: list[str] = dataclasses.field(default_factory=list)
    statuses: dict[int, int] = dataclasses.field(default_factory=dict)
    longest_away: float = 0.0
    stopped: threading.Event = dataclasses.field(default_factory=threading.Event)

    @property
    def is_full(self) -> bool:
        """Whether enough was written."""
        return len(self.acknowledged) >= self.wanted or self.stopped.is_set()


class Writer:
    """One person after another on one thread."""

    def __init__(self, port: int, book: Book) -> None:
        self.port, self.book = port, book
        self.link: http.client.HTTPConnection | None = None

    def ask(self, path: str, cookie: str, fields: dict[str, Any] | None, accept: str) -> tuple[int, str, str]:
        """One request; status 0 where there was no answer, or not all of it."""
        headers = {"Host": f"127.0.0.1:{self.port}", "Cookie": f"sessionid={cookie}; csrftoken={TOKEN}"}
        headers |= {"Accept": accept, "X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
        body = None if fields is None else urllib.parse.urlencode(fields)
        self.link = self.link or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            self.link.request("GET" if body is None else "POST", path, body, headers)
            answer = self.link.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.link.close()
            self.link = None
            return 0, "", ""
        if answer.status == 500:
            self.book.failed.append(path)
        self.book.statuses[answer.status] = self.book.statuses.get(answer.status, 0) + 1
        return answer.status, text, answer.headers.get("Location", "")

    def until_answered(
        self, path: str, cookie: str, fields: dict[str, Any] | None, accept: str
    ) -> tuple[int, str, str]:
        """Ask again as long as nobody is there: nothing, 502, 503, 500."""
        started = time.monotonic()
        while True:
            status, text, location = self.ask(path, cookie, fields, accept)
            if 0 < status < 500:
                self.book.longest_away = max(self.book.longest_away, time.monotonic() - started)
                return status, text, location
            if self.book.stopped.is_set() or time.monotonic() - started > PATIENCE:
                raise StuckError(f"{path}: {status}")
            time.sleep(PAUSE)

    def log(self, phones: list[dict[str, Any]], today: str) -> None:
        """Log on one phone after another, each thing until it is acknowledged."""
        days = [datetime.date.fromisoformat(today) - datetime.timedelta(days=back) for back in range(DAYS)]
        for number, (phone, day, part, item) in enumerate(self._things(phones, days)):
            if self.book.is_full:
                return
            own_id, score = str(uuid.uuid4()), number % 3  # all green
            fields = {"id": own_id, "item": item, "on": day.isoformat(), "part_of_day": part, "outcome": "done"}
            fields |= {"pain_score": str(score), "logged_at": f"{today}T00:00:00+00:00"}
            thing = (item, day.isoformat(), part, score)
            self.book.sent[own_id] = thing
            path = f"/today/{phone['prescription']}/log/"
            for _ in range(1 if number % AGAIN_EVERY else 2):
                status, text, _location = self.until_answered(path, phone["cookie"], fields, "application/json")
                if status == 200 and json.loads(text)["status"] in {"stored", "known"}:
                    self.book.acknowledged[own_id] = thing
                else:
                    self.book.refused.append(f"{status} {text[:200]}")

    def _things(
        self, phones: list[dict[str, Any]], days: list[datetime.date]
    ) -> Iterator[tuple[dict[str, Any], datetime.date, str, str]]:
        for day in days:
            for part in PARTS:
                for phone in phones:
                    for item in phone["items"]:
                        yield phone, day, part, item

    def revise(self, prescriptions: list[str], cookie: str) -> None:
        """Revise and activate one prescription after another, as a clinician does, until all is written."""
        latest = list(prescriptions)
        while not self.book.is_full:
            for number, prescription in enumerate(latest):
                if self.book.is_full:
                    return
                with contextlib.suppress(StuckError):
                    latest[number] = self._revised(prescription, cookie) or prescription

    def _revised(self, prescription: str, cookie: str) -> str:
        """The id of the next version, once it was said to be active."""
        _, _, place = self.until_answered(f"/prescriptions/{prescription}/revise/", cookie, {}, "text/html")
        found = re.search(r"/prescriptions/([0-9a-f-]{36})/edit/", place)
        if not found:
            self.book.refused.append(f"revise: {place}")
            return ""
        path = f"/prescriptions/{found[1]}/activate/"
        _, page, place = self.until_answered(path, cookie, None, "text/html")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        fields.pop("csrfmiddlewaretoken", None)
        status, _, place = self.until_answered(path, cookie, fields, "text/html")
        if status == 302:
            self.book.activated.append(found[1])
            return found[1]
        # It may be active already: the answer that said so was killed with its worker.
        return found[1] if "is active" in self.until_answered(path, cookie, None, "text/html")[1] else ""

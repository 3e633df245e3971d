"""A real mail server in a thread, which tells a test of every step of a hand-over while it happens."""

import asyncio
import contextlib
import email
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection

Step = Callable[[str], None]
STEPS = ("EHLO", "MAIL", "RCPT", "content", "taken", "said")
"""What a sender says, in order; then the server has the content, then it has taken it, then it has said so."""


class Postbox:
    """What arrived, and the steps that led to it. ``on_step`` is called with each and may keep the sender waiting."""

    def __init__(self) -> None:
        self.mail: list[Message] = []
        self.on_step: Step = lambda _: None
        self.answers: dict[str, str] = {}
        """What to say in place of yes, by step."""

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        return Counter(str(message["Message-ID"]) for message in self.mail)

    async def reach(self, step: str) -> str | None:
        await asyncio.to_thread(self.on_step, step)
        return self.answers.get(step)

    async def handle_EHLO(self, server: Any, session: Session, envelope: Any, hostname: str, responses: list) -> list:  # noqa: N802
        session.host_name = hostname
        await self.reach("EHLO")
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802
        if refusal := await self.reach("MAIL"):
            return refusal
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802
        if refusal := await self.reach("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if refusal := await self.reach("content"):
            return refusal
        assert isinstance(envelope.content, bytes)
        self.mail.append(email.message_from_bytes(envelope.content))
        await self.reach("taken")
        return "250 OK, taken"


class _Server(SMTP):
    async def push(self, status: Any) -> None:
        with contextlib.suppress(ConnectionError):  # whom it tells may be dead
            await super().push(status)
        if "taken" in str(status):
            await self.event_handler.reach("said")


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler)


@contextlib.contextmanager
def opened() -> Iterator[tuple[Postbox, dict[str, str]]]:
    """A post box, and the environment in which ``manage.py`` sends to it from the database of this test."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    postbox = Postbox()
    controller = _Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield postbox, {**os.environ, "DATABASE_URL": database_url(), "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    finally:
        controller.stop()


def database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    server, _, query = os.environ["DATABASE_URL"].partition("?")
    return f"{server.rpartition('/')[0]}/{name}?{query}"

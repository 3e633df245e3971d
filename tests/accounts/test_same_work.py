"""An address that is known costs the same work as one that is not: the clock of a busy machine tells less than this."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import TryCount, User
from tests.accounts.second_proof import with_app, with_password
from tests.factories import ClinicianFactory, UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = {
    "nobody": lambda: User(email="nobody@example.org"),
    "with a password": lambda: with_password(UserFactory()),
    "without a password": UserFactory,
    "staff with an app": lambda: with_app(with_password(ClinicianFactory())),
    "deactivated": lambda: with_password(UserFactory(is_active=False)),
}


def work_of(path: str, sent: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What answering took: statements in their order, hashes of passwords, mails; and the status."""
    hashed: list[str] = []
    real = MD5PasswordHasher.encode

    def count(self: Any, *args: Any, **kwargs: Any) -> Any:  # which its ``verify`` calls, too
        hashed.append("once")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    TryCount.objects.all().delete()
    mail.outbox.clear()
    client = Client()
    client.get("/accounts/login/")
    with CaptureQueriesContext(
        connection,
    ) as statements:
        answer = client.post(path, sent)
    monkeypatch.undo()
    words = [re.match(r"(\w+(?: \w+)?).*?(?:FROM|INTO|UPDATE) \"(\w+)\"|(\w+)", each["sql"]) for each in statements]
    return {
        "statements": [match.group(0)[:0] + "/".join(filter(None, match.groups())) for match in words if match],
        "hashes": len(hashed),
        "mails": len(mail.outbox),
        "status": answer.status_code,
    }


@pytest.mark.parametrize("who", [name for name in PEOPLE if name != "nobody"])
def test_a_wrong_password_costs_the_same_for_everybody(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = PEOPLE[who]()
    sent = {"password": "a wrong and boring one"}

    known = work_of("/accounts/login/", {**sent, "login": somebody.email}, monkeypatch)
    unknown = work_of("/accounts/login/", {**sent, "login": "nobody@example.org"}, monkeypatch)

    assert known == unknown
    assert known["hashes"] == 1


@pytest.mark.parametrize("path", ["/accounts/login/code/", "/accounts/password/reset/"])
@pytest.mark.parametrize("who", ["with a password", "without a password", "staff with an app"])
def test_asking_for_a_mail_sends_one_to_everybody(path: str, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = PEOPLE[who]()

    known = work_of(path, {"email": somebody.email}, monkeypatch)
    unknown = work_of(path, {"email": "nobody@example.org"}, monkeypatch)

    alike = ("mails", "status", "hashes")
    assert [known[each] for each in alike] == [unknown[each] for each in alike]
    assert abs(len(known["statements"]) - len(unknown["statements"])) <= 8  # each well below a millisecond

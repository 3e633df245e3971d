"""What costs much is refused when it is asked for too often, wherever that is: ``accounts.limits.COSTLY``."""

from typing import Any

import pytest
from django.test import Client

from accounts.limits import COSTLY, MINUTE, Limit
from tests.permissions.addresses import addresses, body_of, path_of
from tests.permissions.world import NONE, OWN, World, undone

pytestmark = pytest.mark.django_db
ADDRESSES = {address.name: address for address in addresses()}
WHERE = [
    ("pdf", "clinician", "GET", "prescriptions:handout_pdf", ""),
    ("pdf", "patient", "GET", "routines:routine_pdf", ""),
    ("own data", "patient", "GET", "routines:own_data_json", ""),
    ("own data", "patient", "GET", "routines:own_data_pdf", ""),
    ("own data", "patient", "GET", "own_everything_json", ""),
    ("own data", "patient", "GET", "own_everything_pdf", ""),
    ("own data", "clinician", "GET", "everything_json", ""),
    ("own data", "clinician", "GET", "everything_pdf", ""),
    ("report", "clinician", "GET", "prescriptions:report_detail", ""),
    ("search", "clinician", "GET", "prescriptions:prescription_edit", "?q=back"),
    ("export", "admin", "GET", "audit:event_csv", ""),
    ("export", "library admin", "GET", "admin:stretches_catalogueimport_export", "?file=catalogue.json"),
    ("import", "library admin", "POST", "admin:stretches_catalogueimport_add", ""),
    ("calendar", "visitor", "GET", "routines:calendar_feed_detail", ""),
    ("device", "patient", "POST", "routines:push_subscription_add", ""),
    ("invitation", "clinician", "POST", "patients:invitation_add", ""),
    ("invitation", "clinician", "POST", "prescriptions:prescription_print", ""),
    ("staff invitation", "admin", "POST", "accounts:staff_invitation_add", ""),
    ("new password", "visitor", "POST", "account_reset_password", ""),
    ("new password by link", "visitor", "GET", "account_reset_password_from_key", ""),
    ("password change", "patient", "POST", "account_change_password", ""),
    ("still you", "clinician", "POST", "account_reauthenticate", ""),
    ("still you", "clinician", "POST", "mfa_reauthenticate", ""),
    ("passkey", "visitor", "POST", "mfa_login_webauthn", ""),
    ("passkey", "patient", "POST", "mfa_reauthenticate_webauthn", ""),
]


def test_every_limit_is_asked_for_somewhere() -> None:
    assert {what for what, *_ in WHERE} == set(COSTLY)


@pytest.mark.parametrize(("what", "person", "method", "name", "query"), WHERE)
def test_one_too_many_is_refused_and_told_when_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str, person: str, method: str, name: str, query: str
) -> None:
    address = ADDRESSES[name]
    path = path_of(address, world, OWN if OWN in address.objects else NONE)
    body = body_of(address, world, OWN)

    def ask(most: int) -> Any:
        monkeypatch.setitem(COSTLY, what, Limit(most, MINUTE))
        client = Client(raise_request_exception=False)
        if person in world.sessions:
            client.cookies["sessionid"] = world.sessions[person]
        with undone():
            return client.post(path, body) if method == "POST" else client.get(path + query)

    enough, too_many = ask(1), ask(0)

    assert enough.status_code in {200, 302, 422}
    assert too_many.status_code == 429
    assert 1 <= int(too_many["Retry-After"]) <= 60
    assert "Please wait a little" in too_many.content.decode()
    assert "It works again in 1 minute." in too_many.content.decode()

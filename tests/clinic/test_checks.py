import inspect

import pytest
from django.core.checks import Tags
from django.core.checks.registry import registry

from clinic import checks
from clinic.checks import (
    no_demo_for_patients,
    no_sqlite_for_patients,
    secrets_have_a_key_of_their_own,
    two_proofs_for_staff,
)


@pytest.mark.parametrize(
    ("engine", "errors"),
    [("django.db.backends.sqlite3", ["limber.E001"]), ("django.db.backends.postgresql", [])],
)
def test_deployment_refuses_sqlite(settings, monkeypatch, engine, errors):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)

    assert [error.id for error in no_sqlite_for_patients()] == errors


@pytest.mark.parametrize(("demo", "errors"), [(True, ["limber.E002"]), (False, [])])
def test_deployment_refuses_the_demo(settings, demo, errors):
    settings.DEMO = demo

    assert [error.id for error in no_demo_for_patients()] == errors


@pytest.mark.parametrize(("required", "errors"), [(False, ["limber.E004"]), (True, [])])
def test_deployment_refuses_staff_on_one_proof(settings, required, errors):
    settings.REQUIRE_STAFF_MFA = required

    assert [error.id for error in two_proofs_for_staff()] == errors


@pytest.mark.parametrize(
    ("keys", "errors"),
    [([], ["limber.E005"]), (["short"], ["limber.E005"]), (["k" * 32, "short"], ["limber.E005"]), (["k" * 32], [])],
)
def test_deployment_refuses_secrets_without_a_key_of_their_own(settings, keys, errors):
    settings.SEALING_KEYS = keys

    assert [error.id for error in secrets_have_a_key_of_their_own()] == errors


OURS = {
    name: check
    for name, check in vars(checks).items()
    if inspect.isfunction(check) and check.__module__ == checks.__name__ and inspect.getfullargspec(check).varkw
}
"""Whatever looks like one: who is not registered has no tags."""
OF_THE_DATABASE = {"the_second_wall_holds", "postgresql_is_new_enough"}
"""Asked with --database, and else not."""


@pytest.mark.parametrize("name", OURS)
def test_each_check_is_asked(name):
    asked = registry.get_checks(include_deployment_checks=True)

    assert OURS[name] in asked
    assert (Tags.database in OURS[name].tags) == (name in OF_THE_DATABASE)


def test_what_must_hold_everywhere_is_asked_at_every_start():
    asked = {check.__name__ for check in registry.get_checks() if check in OURS.values()}

    assert asked == OF_THE_DATABASE | {"push_key_is_a_key", "every_field_has_a_rule"}

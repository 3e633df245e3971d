import pytest

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

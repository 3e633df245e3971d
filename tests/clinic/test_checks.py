import pytest

from clinic.checks import no_demo_for_patients, no_sqlite_for_patients


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

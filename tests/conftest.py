"""What holds for every test: nothing skipped unseen, nothing left over from the test before."""

import os
from collections.abc import Generator, Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from pytest_django import DjangoDbBlocker

from clinic import structure
from tests import walled

IN_CI = os.environ.get("CI") == "true"
AS_MIGRATED = pytest.StashKey[str]()


def pytest_configure() -> None:
    """Leave out what costs a test time and proves nothing: slow password hashes, a static manifest."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if os.environ["TEST_DB"] == "postgres":
        settings.MIDDLEWARE = ["tests.walled.AppRoleMiddleware", *settings.MIDDLEWARE]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what belongs to the other database, or to none, which is told on SQLite.

    It is not skipped: ``./limber test`` runs on both.
    """
    on_postgres = os.environ["TEST_DB"] == "postgres"
    other = "sqlite" if on_postgres else "postgres"
    here = [item for item in items if not item.get_closest_marker(other) and (not on_postgres or asks_database(item))]
    if len(here) < len(items):
        kept = set(here)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = here


def asks_database(item: pytest.Item) -> bool:
    """Whether a test could turn out differently on another database."""
    fixtures = {"db", "transactional_db", "live_server", "django_db_setup"}
    has_marker = item.get_closest_marker("django_db") or item.get_closest_marker("postgres")
    return bool(has_marker) or not fixtures.isdisjoint(getattr(item, "fixturenames", ()))


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI, a test that did not run is a test that failed. An expected failure did run."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which is a failure in CI: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Name this process's own test database; SQLite's is a file, for threads to meet as they do in earnest."""
    database = settings.DATABASES["default"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = settings.VAR_DIR / f"test-{worker}.sqlite3" if os.environ["TEST_DB"] == "sqlite" else f"test_limber_{worker}"
    database.setdefault("TEST", {})["NAME"] = str(name)


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Make the role as which requests are answered on PostgreSQL (``tests.walled``); keep what SQLite begins with."""
    with django_db_blocker.unblock():
        if os.environ["TEST_DB"] == "postgres":
            walled.make_role()
        elif connection.introspection.table_names():  # none, where no test asks for any
            request.config.stash[AS_MIGRATED] = structure.written(connection)


@pytest.fixture
def as_migrated(request: pytest.FixtureRequest, django_db_setup: None) -> str:
    """What makes an SQLite file as it was after all migrations, before any test."""
    return request.config.stash[AS_MIGRATED]


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    """Forget what the test before left in memory, such as counted sign-in attempts."""
    yield
    for cache in caches.all(initialized_only=True):
        if isinstance(cache, LocMemCache):
            cache.clear()

"""A plugin for pytest: the database was migrated before, and stays as it is. Only for what changes nothing of it."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Migrate nothing."""
    from audit.management.commands import migrate

    migrate.Command.handle = lambda *_args, **_options: None  # type: ignore[method-assign]

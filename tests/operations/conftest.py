"""The world of the permission table, for tests that walk over all pages."""

from tests.permissions.conftest import world

__all__ = ["world"]

"""Who edits the catalogue."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import AdminFactory


@pytest.fixture
def admin() -> User:
    """Somebody who edits the catalogue."""
    admin = AdminFactory()
    admin.let_edit_catalogue()
    return admin


@pytest.fixture
def admin_client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client

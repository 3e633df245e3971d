"""Two pairs of eyes on what is published already: what one person changed waits until another publishes it again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from stretches import lint, review
from stretches.models import Stretch, StretchDecision
from tests.admin_pages import admin_url, send
from tests.factories import ClinicFactory, ContraindicationFactory
from tests.stretches.test_review import bending, colleague, confirmed, draft, review_url, status_of

pytestmark = pytest.mark.django_db
__all__ = ["bending", "colleague", "draft"]


def waiting() -> list[str]:
    (section,) = (each for each in lint.sections() if each.title.startswith("Changed by one person"))
    return [each.words for each in section.findings]


def test_what_one_person_changed_after_publishing_waits_for_another(
    admin_client: Client, colleague: Client, draft: Stretch
) -> None:
    send(admin_client, admin_url(Stretch, "change", draft.pk), notes="Slowly.")
    confirmed(colleague, draft, "publish")
    seen_by_both = waiting()
    send(admin_client, admin_url(Stretch, "change", draft.pk), steps="Pull harder.")
    seen_by_one = waiting()

    page = admin_client.get(review_url(draft)).content.decode()
    confirmed(admin_client, draft, "publish")
    published_alone = waiting()
    button = colleague.get(review_url(draft)).content.decode()
    confirmed(colleague, draft, "publish")

    assert (seen_by_both, seen_by_one, published_alone, waiting()) == ([], [str(draft)], [str(draft)], [])
    assert "Ask a colleague" in page
    assert "Publish again" not in page
    assert "Publish again" in button
    assert status_of(draft) == "reviewed"
    assert StretchDecision.objects.publications()[0].what == "Reviewed → Reviewed"


def written_by(admin: User, row: Any) -> None:
    row._history_user = admin
    row.save()


@pytest.mark.parametrize(
    ("write", "counts"),
    [
        (lambda stretch, admin: written_by(admin, stretch), True),
        (lambda stretch, admin: written_by(admin, ContraindicationFactory(stretch=stretch)), True),
        (
            lambda stretch, admin: written_by(admin, ContraindicationFactory(stretch=stretch, clinic=ClinicFactory())),
            False,
        ),
        (lambda stretch, _admin: stretch.save(), False),
        (lambda _stretch, _admin: None, False),
    ],
    ids=["text", "row", "a clinic's own row", "a file", "nothing"],
)
def test_what_counts_as_changed_since_publishing(
    colleague: Client, draft: Stretch, admin: User, write: Callable[[Stretch, User], None], counts: bool
) -> None:
    confirmed(colleague, draft, "publish")
    stretch = Stretch.objects.get(pk=draft.pk)

    write(stretch, admin)

    assert waiting() == [str(draft)] * counts
    assert review.last_hand(stretch) == (admin if counts else None)

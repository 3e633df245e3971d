"""Who is asking. Which rows they may see each model says: ``visible_to`` for clinicians, ``own`` for patients."""

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import User


def signed_in(request: HttpRequest) -> User:
    """The person who is signed in; ``LoginRequiredMiddleware`` lets nobody else past."""
    if not isinstance(request.user, User):
        raise TypeError("A page that needs somebody signed in was reached without.")
    return request.user


def colleague(request: HttpRequest) -> User:
    """The person who is signed in, if they work here: in a clinic, or in the admin site.

    For everybody else the pages of the catalogue are not there: 404. Where they work is read once for the whole page.
    """
    user = signed_in(request)
    prefetch_related_objects([user], "memberships")
    if not (user.is_staff or user.memberships.exists()):
        raise Http404("This page is for people who work here.")
    return user


def owner_mark(user: User) -> str:
    """A mark by which a browser tells whether what it has kept is this person's. It says nothing else about them."""
    return salted_hmac("accounts.access.owner_mark", str(user.pk), algorithm="sha256").hexdigest()[:32]


def wants_json(request: HttpRequest) -> bool:
    """Whether a device asks, that sends data or would rather have data than a page."""
    return (
        request.content_type == "application/json"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )

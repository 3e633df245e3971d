"""Keeps what was typed when a session ends, or when a page asks once more who it is, and gives it back to its author.

On the page where it was typed, and nowhere else.
"""

import datetime
import json
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.access import wants_json
from accounts.models import Draft, User
from accounts.sealing import SealedForGoodError, seal, unseal

KEPT_FOR = datetime.timedelta(days=1)
LONGEST = 200_000
"""Characters of one draft: more than anybody types into a page of ours."""
COOKIE = "limber_draft"
"""Says to our script that there may be something to give back; nothing else."""
NEVER_KEPT = re.compile(r"password|credential|csrf|token", re.IGNORECASE)
WAYS_IN = "/accounts/"
"""Where secrets are typed: nothing is kept of these pages, nor of those where an operator sets a password."""
Pairs = list[tuple[str, str]]


def keep(user: User, path: str, typed: QueryDict, *, at: datetime.datetime) -> bool:
    """Store what was typed, but for secrets; whether there was anything. The last draft of a page counts."""
    pairs = [(name, value) for name, values in typed.lists() for value in values if not NEVER_KEPT.search(name)]
    text = json.dumps(pairs)
    is_secret = path.startswith(WAYS_IN) or "/password/" in path
    if is_secret or not any(value for _, value in pairs) or len(text) > LONGEST or len(path) > 300:
        return False
    Draft.objects.update_or_create(user=user, path=path, defaults={"sealed": seal(text), "kept_at": at})
    return True


def keep_sent(request: HttpRequest, user: User, *, at: datetime.datetime) -> bool:
    """Store what a form has sent to a page that is not opened just now; whether there was anything."""
    return request.method == "POST" and not wants_json(request) and keep(user, page_of(request), request.POST, at=at)


def announce(response: HttpResponse) -> None:
    """Tell our script that something waits."""
    response.set_cookie(COOKIE, "1", samesite="Lax", max_age=KEPT_FOR, secure=settings.HTTPS)


def give_back(user: User, path: str, *, at: datetime.datetime) -> Pairs:
    """What this person had typed on this page, once; nothing of anybody else's."""
    draft = Draft.objects.filter(user=user, path=path).first()
    if draft is None:
        return []
    draft.delete()
    if at - draft.kept_at >= KEPT_FOR:
        return []
    try:
        return [(name, value) for name, value in json.loads(unseal(draft.sealed))]
    except SealedForGoodError:
        return []


def forget(at: datetime.datetime) -> None:
    """Delete what nobody came back for; called before each pass of ``send_due``."""
    Draft.objects.filter(kept_at__lt=at - KEPT_FOR).delete()


def page_of(request: HttpRequest) -> str:
    """The page on which a form was filled in: for what is only posted, the one that it was posted from."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or not came_from.path:
        return request.path
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")

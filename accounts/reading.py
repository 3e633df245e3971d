"""How somebody reads: in which language, and how large.

What a person chose is stored with the person, and in a cookie, so that it holds for the page that asks who is there.
Where neither says anything, the browser is asked for the language, and the text is as large as it is drawn.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from django.utils import translation

from accounts.models import TextSize, User

TEXT_SIZE_COOKIE = "limber_text_size"
COOKIE_SECONDS = 365 * 24 * 3600

ENGLISH_NAMESPACES = frozenset({"admin", "audit", "patients", "prescriptions", "stretches"})
"""Where staff work: their pages are English, also to who reads another language elsewhere."""
ENGLISH_PAGES = frozenset(
    {
        "accounts:second_step_detail",
        "accounts:staff_invitation_accept",
        "accounts:staff_invitation_add",
        "accounts:staff_invitation_revoke",
        "accounts:staff_list",
        "attention_decision_record",
        "attention_list",
        "erasure_request_add",
        "erasure_request_list",
        "erasure_request_record",
        "everything_detail",
        "everything_json",
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
        "routines:proposal_record",
        "routines:record_detail",
        "routines:routine_reopen",
        "routines:stretch_pause_lift",
    }
)
IN_ANY_LANGUAGE = frozenset({"patients:invitation_accept", "stretches:stretch_photo", "stretches:stretch_picture"})


def is_english(page: ResolverMatch) -> bool:
    """Whether this is a page where staff work."""
    if page.namespace in ENGLISH_NAMESPACES:
        return page.view_name not in IN_ANY_LANGUAGE
    return page.view_name in ENGLISH_PAGES


def language_of(request: HttpRequest) -> str:
    """The language of a person or, as long as we do not know who it is, of a browser."""
    user = getattr(request, "user", None)
    if isinstance(user, User) and is_known(user.language):
        return user.language
    return translation.get_language_from_request(request)


def text_size_of(request: HttpRequest) -> str:
    """How large a person reads."""
    user = getattr(request, "user", None)
    if isinstance(user, User) and user.text_size:
        return user.text_size
    size = request.COOKIES.get(TEXT_SIZE_COOKIE, "")
    return size if size in TextSize.values else TextSize.NORMAL.value


def is_known(language: str) -> bool:
    """Whether there are words in this language; files of a language may be taken away again."""
    return language in dict(settings.LANGUAGES)


def remember(response: HttpResponse, *, language: str, text_size: str) -> None:
    """Note in the browser what was chosen; nothing is noted of what is empty."""
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, language), (TEXT_SIZE_COOKIE, text_size)):
        if value:
            response.set_cookie(
                name, value, max_age=COOKIE_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax"
            )

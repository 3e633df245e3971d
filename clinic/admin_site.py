"""Django's admin site behind the one sign-in."""

import functools
import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone

from accounts import limits
from accounts.models import Clinic, User

NOT_SAID = frozenset({"csrfmiddlewaretoken", "_save", "_addanother", "_continue"})


class AdminSite(admin.AdminSite):
    """The admin site, entered where everybody enters."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in who may open the site, and every clinic's admin: the catalogue has rows of the clinic's own."""
        user = request.user
        return super().has_permission(request) or (
            isinstance(user, User) and user.is_active and Clinic.objects.administered_by(user).exists()
        )

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Ask about the right to a model before a row is looked for: who has none learns of no row whether it is there.

        What would be an error of the server is taken out of an address, or refused: see ``_tidy``.
        """
        owner = getattr(view, "__self__", None)

        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if isinstance(owner, admin.ModelAdmin):
                ensure_some_right(owner, request)
            _tidy(request)
            if any("\x00" in ticked for ticked in request.POST.getlist("_selected_action")):
                raise BadRequest("A NUL character is no row.")
            response = _once(request, functools.partial(view, request, *args, **kwargs))
            if _is_stale(response):
                response.status_code = HTTPStatus.CONFLICT
            return response

        return super().admin_view(guarded, cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in by the one form, so that its limits and, later, the second factor hold here too."""
        return secure_admin_login(super().login)(request, extra_context)  # type: ignore[no-any-return]


def _tidy(request: HttpRequest) -> None:
    """Take NULs out of an address, which PostgreSQL cannot look for, and a name of a field that is empty.

    A form says itself what is wrong with it. Raises ``BadRequest`` for what no page of ours sends.
    """
    if "%00" in request.META.get("QUERY_STRING", "") or request.GET.get(TO_FIELD_VAR) == "":
        asked = QueryDict(request.META["QUERY_STRING"].replace("%00", ""), mutable=True)
        if not asked.get(TO_FIELD_VAR):
            asked.pop(TO_FIELD_VAR, None)
        request.GET = asked  # type: ignore[assignment]  # Django's own are no other class
    if request.POST.get(TO_FIELD_VAR) == "":
        raise BadRequest("No field has an empty name.")


def _once(request: HttpRequest, view: Callable[[], Any]) -> Any:
    """Make what an add form makes once, however often it is sent, also at once: ``new_id`` is another in each form.

    Whoever goes back in the browser sends other words under the same one: those are made too. What was not stored,
    because something is wrong in it, may be sent again.
    """
    match = request.resolver_match
    new_id = request.POST.get("new_id", "")
    if request.method != "POST" or not new_id or match is None or not str(match.url_name).endswith("_add"):
        return view()
    slots = limits.form_slots(request.user.pk, request.path, new_id, _said(request))
    with transaction.atomic():
        if limits.take(slots, at=timezone.now()):
            response = view()
            if not _is_stored(response):
                limits.give_back(slots)
            return response
    messages.info(request, "This form was sent twice. It is stored, once.")
    return redirect(f"admin:{str(match.url_name).removesuffix('add')}changelist")


def _said(request: HttpRequest) -> str:
    """What is sent, summed up, with its files; not which of the buttons was pressed, nor the token of the session."""
    words = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_SAID)
    files = [(name, file.name, _digest(file)) for name in sorted(request.FILES) for file in request.FILES.getlist(name)]
    return hashlib.sha256(repr((words, files)).encode()).hexdigest()


def _digest(file: "UploadedFile[Any]") -> str:
    """What is in a file, summed up; it is read from its beginning again."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _is_stale(response: Any) -> bool:
    """Whether somebody else saved the row since its form was opened."""
    drawn = (getattr(response, "context_data", None) or {}).get("adminform")
    return bool(getattr(getattr(drawn, "form", None), "is_stale", False))


def _is_stored(response: HttpResponse) -> bool:
    return response.status_code == HTTPStatus.FOUND or "popup_response" in str(getattr(response, "template_name", ""))


def ensure_some_right(owner: "admin.ModelAdmin[Any]", request: HttpRequest) -> None:
    """Raise ``PermissionDenied`` for who may do nothing with a model, whichever of its rows is asked for."""
    if not any(owner.get_model_perms(request).values()):
        raise PermissionDenied

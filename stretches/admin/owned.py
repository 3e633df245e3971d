"""Whose a row is, in the admin: the library's for library admins, a clinic's own for that clinic's admins.

A library admin has Django's permissions on the catalogue, through the group; a clinic's admin has none of them, but
that role. Another clinic's rows are not there: no list, search, choice, count, page or version shows them.
"""

import functools
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.access import signed_in
from accounts.models import Clinic, User
from stretches import adapting
from stretches.models import CatalogueRelease, Stretch
from stretches.proposing import propose

ADAPT = "adapt_for_"


def administered(request: HttpRequest) -> dict[Any, Clinic]:
    """The clinics whose admin this person is, by their ids, read once a request."""
    if not hasattr(request, "administered_clinics"):
        user = request.user
        own = Clinic.objects.administered_by(user).order_by("name") if isinstance(user, User) else ()
        request.administered_clinics = {clinic.pk: clinic for clinic in own}  # type: ignore[attr-defined]
    found: dict[Any, Clinic] = request.administered_clinics  # type: ignore[attr-defined]
    return found


def may_touch(request: HttpRequest, row: Any, *, as_library_admin: bool) -> bool:
    """Whether this person may write a row that is there: the library's by right, a clinic's own as its admin."""
    if getattr(row, "clinic_id", None) is None:
        return as_library_admin
    return request.user.is_superuser or row.clinic_id in administered(request)


def seen_by(user: User, prefix: str = "") -> Q:
    """The condition on rows behind a relation that ``visible_to`` puts on rows themselves: for counts."""
    if user.is_superuser:
        return Q()
    return Q(**{f"{prefix}clinic__isnull": True}) | Q(**{f"{prefix}clinic__in": Clinic.objects.employing(user)})


def stretches_to_write_about(request: HttpRequest, *, of_library: bool) -> QuerySet[Stretch]:
    """Stretches of the clinics whose admin this person is, and the library's if wanted; an operator's are all."""
    known = Q(clinic__in=list(administered(request))) | (Q(clinic__isnull=True) if of_library else Q(pk__in=[]))
    return Stretch.objects.filter(Q() if request.user.is_superuser else known)


class OwnedRightsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who may do what to rows of the library and to those of a clinic.

    ``owner`` leads to the row that has the clinic: empty for the row itself, or such as ``stretch__``.
    """

    owner = ""

    # Which versions are there -----------------------------------------------------------------------------------------
    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show the versions of what may be seen, also of what was deleted since."""
        self._ensure_visible_history(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> Any:
        """Show one version of what may be seen."""
        self._ensure_visible_history(request, object_id)
        return super().history_form_view(request, object_id, version_id, extra_context)  # type: ignore[misc]

    def _ensure_visible_history(self, request: HttpRequest, object_id: str) -> None:
        """Raise 404 for the history of another clinic's row, as for that of no row."""
        user, history = signed_in(request), getattr(self.model, "history", None)
        if user.is_superuser or history is None:
            return
        try:
            key = self.opts.pk.to_python(object_id)
        except ValidationError:
            return  # that is answered further on
        if history.filter(**{self.opts.pk.attname: key}).exclude(seen_by(user, self.owner)).exists():
            raise Http404

    # Who may do what --------------------------------------------------------------------------------------------------
    def has_add_permission(self, request: HttpRequest) -> bool:
        """Library admins, and every clinic's admin for the own clinic."""
        return self.may_add_to_library(request) or bool(administered(request))

    def may_add_to_library(self, request: HttpRequest) -> bool:
        """Library admins alone."""
        return super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Library admins the library's rows, a clinic's admin the clinic's own."""
        as_library_admin = super().has_change_permission(request, obj)
        if obj is None:
            return as_library_admin or bool(administered(request))
        return may_touch(request, self._owned(obj), as_library_admin=as_library_admin)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same."""
        as_library_admin = super().has_delete_permission(request, obj)
        if obj is None:
            return as_library_admin or bool(administered(request))
        return may_touch(request, self._owned(obj), as_library_admin=as_library_admin)

    def _owned(self, row: Any) -> Any:
        return row.stretch if self.owner else row

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:  # type: ignore[override]  # stubs of a later Django
        """Do to many rows at once only what may be done to each."""
        if not request.POST.get("action", "").startswith(ADAPT):
            mine = Q(**{f"{self.owner}clinic__in": list(administered(request))})
            if super().has_change_permission(request):
                mine |= Q(**{f"{self.owner}clinic__isnull": True})
            queryset = queryset if request.user.is_superuser else queryset.filter(mine)
        return super().response_action(request, queryset)


NONE_OF_YOURS = "Nothing was changed: none of these is yours. The library is changed by who looks after it."
"""What an action says that was asked for rows of others alone."""


class OwnedAdmin(OwnedRightsAdmin):
    """A model whose rows are the library's or a clinic's own."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The library's rows and those of the clinics in which this person works."""
        rows: Any = super().get_queryset(request)
        visible: QuerySet[Any] = rows.visible_to(signed_in(request))
        return visible

    # Whose a new row is -----------------------------------------------------------------------------------------------
    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask whose a new row is, where there is a choice to make; say it of one that is there."""
        (name, options), *others = super().get_fieldsets(request, obj)
        asked = ["whose"] if obj else ["clinic"] if administered(request) else []
        kept = [field for field in options["fields"] if field not in {"whose", "clinic"}]
        return [(name, {**options, "fields": [*asked, *kept]}), *others]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whose a row is does not change."""
        return (*super().get_readonly_fields(request, obj), *(["whose"] if obj else []))

    @admin.display(description="whose", ordering="clinic__name")
    def whose(self, row: Any) -> str:
        """The clinic's name, or the library."""
        return str(row.clinic) if row.clinic_id else "Library: every clinic"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the clinics of this person, and the library to who may write into it."""
        if db_field.name != "clinic":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        clinics = administered(request)
        may_write_library = self.may_add_to_library(request)
        kwargs["queryset"] = Clinic.objects.filter(pk__in=clinics)
        kwargs["required"] = not may_write_library
        kwargs["empty_label"] = "Library: every clinic" if may_write_library else None
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.label, field.help_text = "Whose", "A clinic's own is for its own patients, and seen there only."
        return field


class AdaptsStretches(admin.ModelAdmin):  # type: ignore[type-arg]
    """Copies stretches of the library for a clinic: one action for each clinic whose admin somebody is."""

    def get_actions(self, request: HttpRequest) -> Any:
        """Add them to the others."""
        actions = super().get_actions(request)
        for clinic in administered(request).values():
            name, words = f"{ADAPT}{clinic.pk}", f"Adapt the selected stretches for {clinic}"
            adapt: Any = functools.partial(_adapt, clinic)
            actions[name] = (adapt, name, words)
        return actions


def _adapt(clinic: Clinic, model_admin: Any, request: HttpRequest, queryset: QuerySet[Stretch]) -> None:
    by = signed_in(request)
    originals = list(queryset.in_clinic(clinic.pk).order_by("name"))  # type: ignore[attr-defined]
    for original in originals:
        copy = adapting.adapt(original, clinic=clinic, by=by)
        propose([copy.pk], by=by, at=timezone.now(), why="It was adapted.")
        CatalogueRelease.record_edit(f"stretch “{copy}” adapted from the library's", by=by, clinic_id=clinic.pk)
    words = f"Adapted for {clinic}, as drafts: {len(originals)}. Change them as you need; the originals stay."
    model_admin.message_user(request, words, messages.SUCCESS)


def owner_of(rows: Any) -> Any:
    """The clinic whose all these rows are, by its id; ``None`` where they are the library's."""
    owners = {
        getattr(row, "clinic_id", None) or getattr(getattr(row, "stretch", None), "clinic_id", None) for row in rows
    }
    return owners.pop() if len(owners) == 1 else None


def is_forward(model: type[Model], lookup: str) -> bool:
    """Whether an address asks about a row itself, and not through what points to it: that may be another clinic's."""
    first = lookup.partition("__")[0]
    return all(
        relation.get_accessor_name() != first and relation.name != first for relation in model._meta.related_objects
    )

"""What every page of the catalogue's admin has in common."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import NestedObjects
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from accounts import acting
from accounts.access import signed_in
from accounts.searching import SearchesMixin
from stretches.admin.forms import WHY, CatalogueForm, LinesField, VersionedForm
from stretches.admin.owned import administered, is_forward, owner_of
from stretches.models import CatalogueRelease
from stretches.models.versions import OfRelease

LINES = {models.TextField: {"form_class": LinesField, "widget": AdminTextareaWidget(attrs={"rows": 4})}}


class CatalogueAdmin(SearchesMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """A model of the catalogue: every save is a release, nothing that is used can be deleted."""

    form = CatalogueForm
    formfield_overrides: ClassVar[Any] = LINES
    list_per_page = 50
    save_on_top = True
    instead_of_deleting = "Take it out of what uses it first."

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the hidden field that notices who was faster."""
        fieldsets: list[Any] = []
        for name, options in super().get_fieldsets(request, obj):
            fields: list[Any] = [field for field in options["fields"] if field != "seen"]
            if not fieldsets and obj is not None and self.has_change_permission(request, obj):
                fields.append("seen")
            fieldsets.append((name, {**options, "fields": fields}))
        return fieldsets

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Who may edit the catalogue or has rows of a clinic's own to write."""
        return super().has_module_permission(request) or bool(administered(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let a clinic's admin read and choose from what every clinic shares."""
        return super().has_view_permission(request, obj) or bool(administered(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to look rows up through what points to them: that may be another clinic's."""
        return is_forward(self.model, lookup) and super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Refuse what PostgreSQL cannot even look for, as other nonsense in an address is refused."""
        if any("\x00" in value for values in request.GET.lists() for value in values[1]):
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Look for what was typed, without what PostgreSQL cannot look for."""
        return super().get_search_results(request, queryset, search_term.replace("\x00", ""))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock what is about to be written: who saves or deletes at the same moment waits."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST" or not connection.in_atomic_block:
            return found
        self.lock(found)
        return super().get_object(request, object_id, from_field)

    def lock(self, row: Any) -> None:
        """Lock a row until the request is answered."""
        list(self.model._default_manager.select_for_update().filter(pk=row.pk).values_list("pk"))

    # Each save is a release -------------------------------------------------------------------------------------------
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Note the addition in the admin's log and as a release."""
        CatalogueRelease.record_edit(
            f"{self._named(obj)} added{_why(request)}", by=signed_in(request), clinic_id=owner_of([obj])
        )
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Note the change, unless nothing changed."""
        if message:
            words = LogEntry(change_message=json.dumps(message)).get_change_message()
            CatalogueRelease.record_edit(
                f"{self._named(obj)}: {words}{_why(request)}", by=signed_in(request), clinic_id=owner_of([obj])
            )
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Note the deletion."""
        words = ", ".join(self._named(row) for row in queryset)
        CatalogueRelease.record_edit(f"{words} deleted", by=signed_in(request), clinic_id=owner_of(queryset))
        return super().log_deletions(request, queryset)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete it, and take its name out of what points to it, in every clinic."""
        with acting.everywhere():
            super().delete_model(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Store the rows below a form; those that are ticked are deleted as a row is."""
        with acting.everywhere():
            super().save_formset(request, form, formset, change)

    def _named(self, row: Any) -> str:
        return f"{self.opts.verbose_name} “{row}”"

    # Nothing that is used is deleted ----------------------------------------------------------------------------------
    def get_actions(self, request: HttpRequest) -> Any:
        """Leave out deleting many rows at once."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Refuse with what uses the row, in numbers, and say what to do instead."""
        with acting.everywhere():  # counted, not shown: what another clinic uses is not deleted either
            uses = _uses(objs)
        if not uses:
            return super().get_deleted_objects(objs, request)
        messages.warning(request, f"It is in use. {self.instead_of_deleting}")
        return [], {}, set(), uses


def _why(request: HttpRequest) -> str:
    """The reason that was asked for before the change, if one was."""
    why = getattr(request, "catalogue_why", "")
    return f" Why: {why}" if why else ""


def _uses(rows: Sequence[models.Model]) -> list[str]:
    """Say what keeps rows from being deleted: those that point to them, and many-to-many links to them."""
    counts: Counter[str] = Counter()
    for row in rows:
        collector = NestedObjects(using="default")
        collector.collect([row])
        for protected in collector.protected:
            counts[str(protected._meta.verbose_name_plural)] += 1
        for relation in row._meta.get_fields(include_hidden=True):
            if isinstance(relation, models.ManyToManyRel) and relation.related_model is not type(row):
                links: Any = relation.through
                linked = links._default_manager.filter(**{relation.field.m2m_reverse_name(): row.pk}).count()
                counts[str(relation.related_model._meta.verbose_name_plural)] += linked
    return [f"{count:,} {name}" for name, count in sorted(counts.items()) if count]


class HistoricCatalogueAdmin(CatalogueAdmin, SimpleHistoryAdmin):
    """A model with a history. It is read, never reverted: what was is written anew, so that the reason is known."""

    form: Any = VersionedForm
    is_reason_asked = True

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask why, last of all, where a row is changed."""
        fieldsets = super().get_fieldsets(request, obj)
        is_asked = self.is_reason_asked and obj is not None and self.has_change_permission(request, obj)
        return [*fieldsets, ("Why", {"fields": [WHY]})] if is_asked else fieldsets

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the reason with the version."""
        obj._change_reason = form.cleaned_data.get(WHY) or None
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Keep it with the versions of rows below the form."""
        for row in formset.forms:
            row.instance._change_reason = form.cleaned_data.get(WHY) or None
        super().save_formset(request, form, formset, change)

    def get_history_queryset(self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any) -> Any:
        """Fetch along with each version the release that it belongs to."""
        versions = super().get_history_queryset(request, history_manager, pk_name, object_id)
        is_released = issubclass(history_manager.model, OfRelease)
        return versions.select_related("history_user", "release") if is_released else versions

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show the history; an id that is none leads back, as on every page of the admin site."""
        try:
            self.opts.pk.to_python(object_id)
        except ValidationError:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> Any:
        """Show one version; an id that is none leads back likewise."""
        try:
            self.opts.pk.to_python(object_id)
        except ValidationError:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return super().history_form_view(request, object_id, version_id, extra_context)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """Offer no button."""
        return True

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Refuse what is posted to the page of an old version."""
        if request.resolver_match and str(request.resolver_match.url_name).endswith("_simple_history"):
            raise PermissionDenied
        return super().save_form(request, form, change)

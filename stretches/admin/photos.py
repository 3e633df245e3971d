"""Photos and videos of stretches: each on its own page, for no browser sends a file that was chosen a second time."""

import functools
import uuid
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import acting
from accounts.access import signed_in
from stretches import photos
from stretches.admin.base import HistoricCatalogueAdmin
from stretches.admin.owned import OwnedRightsAdmin, stretches_to_write_about
from stretches.admin.photo_forms import StretchPhotoForm, StretchVideoForm
from stretches.models import Stretch, StretchPhoto, StretchVideo


class OneOfAStretchAdmin(OwnedRightsAdmin, HistoricCatalogueAdmin):
    """Something of which a stretch has at most one. Whose the stretch is, theirs it is."""

    owner = "stretch__"
    is_reason_asked = False

    list_select_related = ("stretch",)
    search_fields = ("stretch__name", "stretch__slug")
    ordering = ("stretch__name", "stretch")
    autocomplete_fields = ("stretch",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out those of stretches that this person may not see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(stretch__in=Stretch.objects.visible_to(signed_in(request))).select_related("stretch")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the stretch: of another stretch it is another one."""
        return (*self.readonly_fields, "stretch") if obj else self.readonly_fields

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take the stretches that this person may write."""
        if db_field.name == "stretch":
            kwargs["queryset"] = stretches_to_write_about(request, of_library=self.may_add_to_library(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        """Begin with the stretch from whose page one comes: the field shows it to who may write it alone."""
        wanted = request.GET.get("stretch", "")
        return {"stretch": wanted} if _is_uuid(wanted) else {}


@admin.register(StretchPhoto)
class StretchPhotoAdmin(OneOfAStretchAdmin):
    """Photos: uploaded, replaced, removed. The files come and go with the rows."""

    form = StretchPhotoForm
    list_display = ("stretch", "alt", "thumbnail")
    readonly_fields = ("thumbnail",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the photo that there is."""
        return ("stretch", "thumbnail", "file", "alt") if obj else ("stretch", "file", "alt")

    @admin.display(description="photo")
    def thumbnail(self, photo: StretchPhoto) -> str:
        """The photo as it is shown, small."""
        return format_html(
            '<a href="{}"><img class="photo-thumbnail" src="{}" alt="{}" loading="lazy"></a>',
            photo.address_of("large"),
            photo.address_of("small"),
            photo.alt,
        )

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Leave no file behind where the row could not be stored."""
        with photos.kept_only_if_stored():
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the row; the files that it named before go when it is certain that it names others."""
        super().save_model(request, obj, form, change)
        _remove_later(form.replaced_key)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove the row, and then its files."""
        super().delete_model(request, obj)
        _remove_later(obj.key)

    class Media:
        js = ("js/upload.js",)


@admin.register(StretchVideo)
class StretchVideoAdmin(OneOfAStretchAdmin):
    """Videos: linked, not stored."""

    form = StretchVideoForm
    list_display = ("stretch", "provider", "video_id")
    list_filter = ("provider",)
    fields = ("stretch", "address")


def picture_links(stretch: Stretch | None) -> str:
    """Where a stretch's drawing, photo and video are changed, for its own page."""
    if stretch is None or stretch._state.adding:
        return "After saving."
    drawing = format_html(
        '<a href="{}">{} drawing</a>',
        reverse("admin:stretches_stretchpose_change", args=[stretch.pk]),
        "Change" if stretch.is_drawn else "Add",
    )
    return format_html("{} · {} · {}", drawing, *(_link(*each, stretch) for each in _BESIDES))


_BESIDES: tuple[tuple[type[Model], str], ...] = ((StretchPhoto, "photo"), (StretchVideo, "video"))


def _link(model: type[Model], word: str, stretch: Stretch) -> str:
    pages = f"admin:stretches_{model._meta.model_name}"
    if model._default_manager.filter(pk=stretch.pk).exists():
        return format_html('<a href="{}">Change {}</a>', reverse(f"{pages}_change", args=[stretch.pk]), word)
    return format_html('<a href="{}?stretch={}">Add {}</a>', reverse(f"{pages}_add"), stretch.pk, word)


def _is_uuid(words: str) -> bool:
    try:
        uuid.UUID(words)
    except ValueError:
        return False
    return True


def _remove_later(key: str) -> None:
    if key:
        transaction.on_commit(functools.partial(photos.remove, key), robust=True)
    transaction.on_commit(_sweep, robust=True)


def _sweep() -> None:
    with acting.everywhere(reason="a file that is no row's is nobody's"):  # the transaction of the page has ended
        known = StretchPhoto.objects.keys()
    photos.sweep(known, at=timezone.now())

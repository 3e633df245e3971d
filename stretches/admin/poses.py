"""The pictures of stretches: what they are drawn from, with a look at what that gives."""

import base64
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from accounts.access import signed_in
from stretches import pictograms
from stretches.admin.base import CatalogueAdmin
from stretches.admin.forms import WHY, LinesField, VersionedForm
from stretches.models import Stretch, StretchPose

PREVIEW = "_preview"
"""Sent by who wants to see what is typed, and does not save yet."""


class StretchPoseForm(VersionedForm):
    """Pose data. It begins with what the picture is drawn from now; what is typed can be shown without being stored."""

    typed: dict[str, str] | None = None
    """The pose, the reason and the fingerprint that came with a wish to see it."""

    own_pose = LinesField(
        label="Pose",
        required=False,
        help_text="The fields are described in stretches/pictograms/README.md.",
        widget=forms.Textarea(
            attrs={
                "rows": 24,
                "cols": 100,
                "spellcheck": "false",
                "class": "vLargeTextField pose-data",
                "hx-post": "",
                "hx-trigger": "input changed delay:600ms",
                "hx-target": "#preview",
                "hx-select": "#preview",
                "hx-swap": "outerHTML",
                "hx-vals": f'{{"{PREVIEW}": "1"}}',
            }
        ),
    )

    class Meta:
        model = StretchPose
        fields = ("own_pose",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["own_pose"] = self.instance.own_pose or shipped(self.instance)
        if shipped(self.instance) and "own_pose" in self.fields:
            told = self.fields["own_pose"].help_text
            self.fields["own_pose"].help_text = f"Left empty, the picture is the one that comes with Limber. {told}"
        if self.typed:
            self.initial.update(self.typed)

    def clean_own_pose(self) -> str:
        """Refuse what cannot be drawn or what no body does; what is in the shipped file is not stored."""
        text = str(self.cleaned_data["own_pose"])
        if text in ("", shipped(self.instance)):
            return ""
        if faults := pictograms.faults(text):
            raise ValidationError(faults)
        return text


@admin.register(StretchPose)
class StretchPoseAdmin(CatalogueAdmin):
    """Pictures: seen, redrawn, given back to the shipped file. Who may change a stretch may change its picture."""

    form = StretchPoseForm
    fields = ("own_pose", WHY)
    list_display = ("name", "thumbnail", "drawn_from")
    list_filter = ("status", "position")
    list_select_related = ("adapted_from",)
    search_fields = ("name", "slug")
    ordering = ("name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out stretches that this person may not see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(pk__in=Stretch.objects.visible_to(signed_in(request)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one: a picture comes with its stretch."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one: left empty, it is the shipped picture again."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see the stretch."""
        return bool(self._of_stretches.has_view_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change the stretch."""
        return bool(self._of_stretches.has_change_permission(request, obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever finds stretches on the admin site."""
        return bool(self._of_stretches.has_module_permission(request))

    @property
    def _of_stretches(self) -> Any:
        return self.admin_site._registry[Stretch]

    @admin.display(description="picture")
    def thumbnail(self, row: Stretch) -> str:
        """The picture, as on a card in a list."""
        address = reverse("stretches:stretch_picture", args=[row.pk])
        return format_html(
            '<img src="{}?v={}" alt="" width="96" height="72" loading="lazy">', address, row.picture_version
        )

    @admin.display(description="drawn from")
    def drawn_from(self, row: Stretch) -> str:
        """Where the pose data is."""
        if row.own_pose:
            return "what was written here"
        return "the file that comes with Limber" if row.is_drawn else "its position only"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Put in what was typed by who only wants to see it."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if PREVIEW in request.POST:
            typed = LinesField(required=False).clean(request.POST.get("own_pose", "").replace("\x00", ""))
            form.typed = {"own_pose": typed} | {name: request.POST.get(name, "") for name in ("seen", WHY)}
        return form

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page with what was typed, without storing it, to who asks for that."""
        if request.method == "POST" and PREVIEW in request.POST:
            request.method = "GET"
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add the preview of what stands in the form."""
        form, stretch = context["adminform"].form, kwargs.get("obj")
        text = LinesField(required=False).to_python(form["own_pose"].value() if "own_pose" in form.fields else "")
        context["preview"] = preview(stretch, text or "")
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Lead to the history of the stretch, which the pose is a part of."""
        return redirect("admin:stretches_stretch_history", object_id)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the pose with the stretch, so that it stands in its history."""
        stretch: Any = Stretch.objects.get(pk=obj.pk)
        if stretch.own_pose != obj.own_pose:
            stretch.own_pose = obj.own_pose
            stretch._history_user = request.user
            stretch._change_reason = form.cleaned_data.get(WHY) or None
            stretch.save(update_fields=["own_pose"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing hangs on a pose."""


def shipped(stretch: Any) -> str:
    """The pose data that comes with Limber for a stretch, or nothing."""
    slug = stretch.picture_slug if stretch is not None else ""
    return pictograms.pose_text(slug).strip() if pictograms.has_pose(slug) else ""


def preview(stretch: Stretch | None, text: str) -> dict[str, Any]:
    """What pose data gives: its faults, and its pictures as far as it can be drawn.

    Where nothing is typed and none comes with Limber there are none: the picture of a position shows no stretch.
    """
    comes_with_limber = shipped(stretch)
    own = "" if stretch is None or text == comes_with_limber else text
    faults = pictograms.faults(own) if own else []
    is_missing = not own and not comes_with_limber
    if stretch is None or is_missing or (own and not pictograms.can_be_read(own)):
        return {"faults": faults, "is_missing": is_missing, "is_shipped": False, "pictures": {}}
    drawn = Stretch(slug=stretch.picture_slug, position=stretch.position, name=stretch.name, purpose="", own_pose=own)
    pictures = {
        "light": drawn.picture(),
        "moving": drawn.picture(animated=True),
        "dark": drawn.picture(theme="dark"),
        "print": drawn.picture(theme="print"),
    }
    return {
        "faults": faults,
        "is_missing": False,
        "is_shipped": not own,
        "pictures": {name: _data_uri(svg) for name, svg in pictures.items()},
    }


def _data_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"

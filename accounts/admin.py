"""Clinics, people and their roles: for superusers, until a clinic's admin has pages for it."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse

from accounts.again import ask_again
from accounts.forms.seen import SeenForm
from accounts.models import Clinic, Membership, User
from accounts.searching import SearchesMixin

admin.site.unregister(Authenticator)  # nobody makes or edits a way in for somebody else


class SuperusersOnly:
    """Closed to all but superusers, whatever permissions somebody has. Nothing is deleted: others point to it."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the app is listed."""
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows are shown."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows are added."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows are changed."""
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: a person is made inactive, a clinic stays."""
        return False


class AsksAgain:
    """Who may do what is changed only by somebody who has shown lately who they are."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask first."""
        return ask_again(request) or super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask first."""
        return ask_again(request) or super().delete_view(request, *args, **kwargs)  # type: ignore[misc]


class _NoticesWhoWasFaster:
    """Forms of rows that are there carry what was stored when they were opened: ``accounts.forms.seen``."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the hidden field."""
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or any("seen" in options["fields"] for _, options in fieldsets):
            return fieldsets
        (name, options), *others = fieldsets
        return [(name, {**options, "fields": [*options["fields"], "seen"]}), *others]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock what is about to be written: who saves at the same moment waits, and is told who was faster."""
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if found is None or request.method != "POST" or not connection.in_atomic_block:
            return found
        list(type(found)._default_manager.select_for_update(no_key=True).filter(pk=found.pk).values_list("pk"))
        return super().get_object(request, object_id, from_field)  # type: ignore[misc]


class _Address:
    """An address is stored in lower case, and once."""

    cleaned_data: dict[str, Any]
    instance: User

    def clean_email(self) -> str:
        """Refuse an address that somebody else has, in whatever case."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Somebody with this address is here already.")
        return email


class PersonAddForm(_Address, AdminUserCreationForm):  # type: ignore[type-arg]
    """A new person, with a password or, signing in by a code, without."""

    class Meta:
        model = User
        fields = ("email", "full_name")
        field_classes = {"email": forms.EmailField}


class PersonForm(_Address, SeenForm, UserChangeForm):  # type: ignore[type-arg]
    """A person. The password is changed on a page of its own and never shown."""

    class Meta:
        model = User
        fields = ("email", "full_name", "is_active", "is_staff", "is_superuser", "groups")
        field_classes = {"email": forms.EmailField}


class MembershipInline(SuperusersOnly, SearchesMixin, admin.TabularInline):  # type: ignore[type-arg]
    """Roles of a person."""

    model = Membership
    extra = 0
    autocomplete_fields = ("clinic",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let a role be taken away."""
        return self.has_module_permission(request)


@admin.register(User)
class UserAdmin(AsksAgain, SuperusersOnly, _NoticesWhoWasFaster, auth_admin.UserAdmin):  # type: ignore[type-arg]
    """People who sign in."""

    form = PersonForm
    add_form = PersonAddForm
    fieldsets = (
        (None, {"fields": ["email", "full_name", "password"]}),
        ("May do", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("When", {"fields": ["last_login", "date_joined"]}),
    )
    add_fieldsets = (
        (None, {"classes": ["wide"], "fields": ["email", "full_name", "usable_password", "password1", "password2"]}),
    )
    readonly_fields = ("last_login", "date_joined")
    inlines = (MembershipInline,)
    list_display = ("email", "full_name", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    filter_horizontal = ("groups",)
    list_per_page = 50

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask first."""
        return ask_again(request) or super().user_change_password(request, *args, **kwargs)


@admin.register(Clinic)
class ClinicAdmin(AsksAgain, SuperusersOnly, _NoticesWhoWasFaster, admin.ModelAdmin):  # type: ignore[type-arg]
    """Clinics and what is set for each."""

    form = SeenForm
    list_display = ("name", "time_zone", "phone", "review_limit_days")
    search_fields = ("name",)
    ordering = ("name",)
    list_per_page = 50


@admin.register(Membership)
class MembershipAdmin(AsksAgain, SuperusersOnly, _NoticesWhoWasFaster, SearchesMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who works where, as what."""

    form = SeenForm
    list_display = ("user", "clinic", "role")
    list_filter = ("role",)
    list_select_related = ("user", "clinic")
    search_fields = ("user__email", "user__full_name", "clinic__name")
    autocomplete_fields = ("user", "clinic")
    ordering = ("user__email", "clinic__name", "role")
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let a role be taken away."""
        return self.has_module_permission(request)

"""Whom a clinic's admin invites, and as what."""

from typing import Any

from django import forms

from accounts.forms.fields import NewIdField
from accounts.models import Clinic, Membership, User


class StaffInvitationForm(forms.Form):
    """Somebody who is to work in one of the clinics of who asks."""

    new_id = NewIdField()
    clinic = forms.ModelChoiceField(Clinic.objects.none(), empty_label=None)
    full_name = forms.CharField(label="Name", max_length=150)
    address = forms.EmailField(label="Email address")
    role = forms.ChoiceField(choices=Membership.Role)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinic = self.fields["clinic"]
        assert isinstance(clinic, forms.ModelChoiceField)  # noqa: S101 - tells mypy what stands above
        clinic.queryset = Clinic.objects.visible_to(user).order_by("name")
        if clinic.queryset.count() == 1:
            clinic.widget = forms.HiddenInput()
            clinic.initial = clinic.queryset.get()

    def clean(self) -> dict[str, Any]:
        """Refuse who has this role in this clinic already."""
        cleaned = super().clean() or {}
        address, clinic, role = cleaned.get("address"), cleaned.get("clinic"), cleaned.get("role")
        if address and Membership.objects.filter(user__email__iexact=address, clinic=clinic, role=role).exists():
            self.add_error("address", "Somebody with this address has this role in this clinic already.")
        return cleaned

"""What a browser says when its owner lets us show messages."""

import base64
import binascii
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from patients.forms.fields import RowField
from routines.models import PushSubscription


def _decoded(text: str) -> bytes:
    """Bytes from the base64 of URLs, with or without its padding. Raises ``ValidationError``."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValidationError("Not a key.") from None


class PushSubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A subscription, as the browser's ``PushManager`` gives it. Our script fills it in."""

    class Meta:
        model = PushSubscription
        fields = ("endpoint", "p256dh", "auth")
        widgets = {name: forms.HiddenInput() for name in fields}

    def clean_endpoint(self) -> str:
        """Refuse an address that is none of a push service: we are going to send there."""
        endpoint = str(self.cleaned_data["endpoint"])
        try:
            parts = urlsplit(endpoint)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValidationError("Not the address of a push service.") from None
        is_known = any(host == known or host.endswith(f".{known}") for known in settings.PUSH_HOSTS)
        if parts.scheme != "https" or parts.username is not None or port not in {None, 443} or not is_known:
            raise ValidationError("Not the address of a push service.")
        return endpoint

    def clean_p256dh(self) -> str:
        """Refuse what is no point of the curve: nothing could be encrypted with it."""
        key = str(self.cleaned_data["p256dh"])
        try:
            EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _decoded(key))
        except ValueError:
            raise ValidationError("Not a key.") from None
        return key

    def clean_auth(self) -> str:
        """Refuse what is not 16 bytes: RFC 8291, section 3.2."""
        secret = str(self.cleaned_data["auth"])
        if len(_decoded(secret)) != 16:
            raise ValidationError("Not a key.")
        return secret

    def validate_unique(self) -> None:
        """Let a browser come again; see ``PushSubscription.add``."""

    def clean(self) -> dict[str, Any]:
        """Nothing but the fields."""
        return self.cleaned_data


class DeviceForm(forms.Form):
    """One of a person's own devices."""

    def __init__(self, *args: Any, devices: QuerySet[PushSubscription], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["device"] = RowField(devices)

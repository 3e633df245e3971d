"""Secrets at rest: what proves who somebody is lies encrypted in the database, and so in every backup of it.

Fernet (AES-128-CBC with HMAC-SHA256), keyed by ``SEALING_KEYS``: the first key seals, every one of them opens, so that
a key is changed by putting a new one in front. Without keys, one is derived from ``SECRET_KEY``; ``check --deploy``
asks for a key of its own, since ``SECRET_KEY`` may have to be changed at once, and nobody's app would work after that.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

SHORTEST_KEY = 32
"""Characters of a key; ``openssl rand -hex 32`` gives 64."""


class SealedForGoodError(Exception):
    """None of the keys opens this: ``SEALING_KEYS`` has lost the one that it was sealed with."""


def seal(text: str) -> str:
    """Encrypt."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Decrypt. Raises ``SealedForGoodError``, also for what somebody changed."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealedForGoodError from error


def _box() -> MultiFernet:
    keys: list[str] = settings.SEALING_KEYS or [f"accounts.sealing {settings.SECRET_KEY}"]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])

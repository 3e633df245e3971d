"""A phone that keeps passkeys, as far as a server can tell: it signs as WebAuthn says, without a browser around it."""

import dataclasses
import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

ADD, SIGN_IN = "/accounts/passkeys/add/", "/accounts/passkeys/sign-in/"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclasses.dataclass
class Device:
    """One passkey, and the site that it believes to be on."""

    host: str = "localhost"
    origin: str = "http://localhost:8000"
    verifies: bool = True
    """Whether it asks for a finger, a face or a PIN."""
    user_handle: str = ""

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)

    def _data(self, more: bytes = b"", flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + bytes(4) + more

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin}).encode()

    def _credential(self, **response: bytes | str) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "type": "public-key",
            "response": {
                name: value if isinstance(value, str) else websafe_encode(value) for name, value in response.items()
            },
            "clientExtensionResults": {"credProps": {"rk": True}},
        }

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What ``navigator.credentials.create`` answers."""
        public = options["publicKey"]
        self.user_handle = public["user"]["id"]
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id
        attested += cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(attested, ATTESTED)}
        return self._credential(
            clientDataJSON=self._client_data("create", public["challenge"]), attestationObject=cbor.encode(attestation)
        )

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """What ``navigator.credentials.get`` answers."""
        client_data = self._client_data("get", options["publicKey"]["challenge"])
        data = self._data()
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            clientDataJSON=client_data, authenticatorData=data, signature=signature, userHandle=self.user_handle
        )

    def add(self, client: Client, name: str = "My phone", **more: Any) -> Any:
        """Make a passkey for whoever is signed in, and send it."""
        credential = self.make(client.get(ADD).context["js_data"]["creation_options"])
        return client.post(ADD, {"name": name, "credential": json.dumps(credential | more)})

    def sign_in(self, client: Client, **more: Any) -> Any:
        """Come in by it."""
        options = client.get(SIGN_IN, headers={"Accept": "application/json"}).json()["request_options"]
        return client.post(SIGN_IN, {"credential": json.dumps(self.use(options)), **more})


def address(name: str, *args: object) -> str:
    """The address of one of allauth's pages about passkeys."""
    return reverse(f"mfa_{name}_webauthn", args=args)

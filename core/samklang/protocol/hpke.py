"""Ephemeral HPKE keys (RFC 9180) with the hybrid KEM ML-KEM-768 + X25519.

The library's composite key has no serialization of its own: both parts are kept, sent and put together
again. HPKE's base mode doesn't authenticate the sender; the caller signs what it seals.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from samklang.errors import SamklangError

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
MLKEM_BYTES, X25519_BYTES = 1184, 32


@dataclass(frozen=True, slots=True)
class HpkePublicKey:
    """``raw`` is the ML-KEM-768 encapsulation key (1184 bytes) and the X25519 key (32 bytes)."""

    raw: bytes

    def text(self) -> str:
        return base64.b64encode(self.raw).decode()

    @classmethod
    def from_text(cls, text: str) -> HpkePublicKey:
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != MLKEM_BYTES + X25519_BYTES:
            raise SamklangError("protocol-agreement", reason="an HPKE key has the wrong form")
        return cls(raw)

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Encrypt to the holder of the private key; ``info`` binds the context."""
        try:
            key = MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(self.raw[:MLKEM_BYTES]),
                X25519PublicKey.from_public_bytes(self.raw[MLKEM_BYTES:]),
            )
            return _SUITE.encrypt(plaintext, key, info)
        except ValueError:
            raise SamklangError("protocol-agreement", reason="an HPKE key isn't valid") from None


@dataclass(frozen=True, slots=True)
class HpkePrivateKey:
    """Lives in memory for one attempt."""

    mlkem: MLKEM768PrivateKey = field(repr=False)
    x25519: X25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> HpkePrivateKey:
        return cls(MLKEM768PrivateKey.generate(), X25519PrivateKey.generate())

    def public(self) -> HpkePublicKey:
        return HpkePublicKey(
            self.mlkem.public_key().public_bytes_raw() + self.x25519.public_key().public_bytes_raw()
        )

    def open(self, ciphertext: bytes, info: bytes) -> bytes | None:
        """Decrypt; None if the ciphertext or its context isn't right."""
        try:
            return _SUITE.decrypt(ciphertext, MLKEM768X25519PrivateKey(self.mlkem, self.x25519), info)
        except (InvalidTag, ValueError):
            return None

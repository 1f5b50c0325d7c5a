"""Ed25519 identity keys (RFC 8032): who signed this.

Private keys never print, never pickle, and live in PEM files (PKCS 8) with mode 0600. A public key is
written ``ed25519:`` and the base64 of its 32 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from samklang.errors import SamklangError
from samklang.identity.files import read_private, write_private

_PREFIX = "ed25519:"


class VerifyKey:
    """A public key. Two are equal if their bytes are."""

    __slots__ = ("_key", "raw")

    def __init__(self, raw: bytes) -> None:
        """Take the 32 raw bytes; raises ``identity-public-key`` if they can't be a key."""
        try:
            self._key = Ed25519PublicKey.from_public_bytes(raw)
        except ValueError:
            raise SamklangError("identity-public-key") from None
        self.raw = bytes(raw)

    @classmethod
    def from_text(cls, text: str) -> VerifyKey:
        """Read ``ed25519:<base64>``; one spelling only."""
        try:
            raw = base64.b64decode(text.removeprefix(_PREFIX).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise SamklangError("identity-public-key") from None
        key = cls(raw)
        if key.text != text:
            raise SamklangError("identity-public-key")
        return key

    @property
    def text(self) -> str:
        """As it stands in a manifest."""
        return _PREFIX + base64.b64encode(self.raw).decode("ascii")

    @property
    def keyid(self) -> str:
        """SHA-256 of the raw key, hex: names the key in a signature."""
        return hashlib.sha256(self.raw).hexdigest()

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if ``signature`` is this key's over ``message``; else raise ``identity-signature``."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            raise SamklangError("identity-signature") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"VerifyKey({self.text})"


class SigningKey:
    """A private key; shows nothing of itself."""

    __slots__ = ("_key", "verify_key")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verify_key = VerifyKey(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def generate(cls) -> SigningKey:
        """A new key from the operating system's random numbers."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of a 32-byte seed (RFC 8032 section 5.1.5), for test vectors."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a PEM file.

        Raises:
            SamklangError: ``identity-key-unreadable``, ``identity-key-open`` (group or others may read
                it), ``identity-key-kind`` (not an unencrypted Ed25519 key).
        """
        data = read_private(path)
        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SamklangError("identity-key-kind", name=path.name) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SamklangError("identity-key-kind", name=path.name)
        return cls(key)

    def save(self, path: Path) -> None:
        """Write a PEM file with mode 0600; an existing file is refused (``identity-key-exists``)."""
        write_private(path, self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over ``message``; prefix messages with what they are for."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey(<private>, public={self.verify_key.text})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key isn't pickled")

    def __copy__(self) -> NoReturn:
        raise TypeError("a private key isn't copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a private key isn't copied")

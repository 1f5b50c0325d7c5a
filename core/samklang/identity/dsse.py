"""Signed bytes with their type: DSSE envelopes.

The Dead Simple Signing Envelope, protocol v1.0.2 (secure-systems-lab/dsse): a signature covers
PAE(payload type, payload), so bytes signed as one kind of document can't be passed off as another, and
nothing is parsed before it is verified. In JSON: ``payloadType``, ``payload`` (base64), ``signatures``
(``keyid``, ``sig`` in base64). Reading is strict: no further keys, no key twice, one base64 spelling.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey, VerifyKey

MAX_BYTES = 8 << 20
MAX_SIGNATURES = 32


@dataclass(frozen=True, slots=True)
class Signature:
    """``keyid`` is a hint that says which key to try; it proves nothing."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its signatures; nothing of it is trusted before :meth:`verify`."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def sign(cls, payload_type: str, payload: bytes, keys: Sequence[SigningKey]) -> Envelope:
        """Sign with every one of ``keys``."""
        message = pae(payload_type, payload)
        return cls(payload_type, payload, tuple(Signature(k.verify_key.keyid, k.sign(message)) for k in keys))

    def verify(self, payload_type: str, keys: Sequence[VerifyKey]) -> bytes:
        """The payload, if it is of this type and *every* one of ``keys`` has signed it.

        Raises:
            SamklangError: ``identity-envelope-type``, ``identity-signature-missing``,
                ``identity-signature``. With no key at all: ``identity-signature-missing``.
        """
        if self.payload_type != payload_type:
            raise SamklangError("identity-envelope-type", expected=payload_type)
        if not keys:
            raise SamklangError("identity-signature-missing")
        message = pae(self.payload_type, self.payload)
        for key in keys:
            mine = [s for s in self.signatures if s.keyid == key.keyid]
            if not mine:
                raise SamklangError("identity-signature-missing")
            for signature in mine:
                key.verify(signature.sig, message)
        return self.payload

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, to stand in another one."""
        return {
            "payloadType": self.payload_type,
            "payload": _encode(self.payload),
            "signatures": [{"keyid": s.keyid, "sig": _encode(s.sig)} for s in self.signatures],
        }

    def to_bytes(self) -> bytes:
        """As JSON in UTF-8, keys sorted, no blanks."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, value: object) -> Envelope:
        """Read a JSON object; raises ``identity-envelope``."""
        kind, payload, listed = fields(value, "payloadType", "payload", "signatures")
        if not isinstance(kind, str) or not isinstance(listed, list) or len(listed) > MAX_SIGNATURES:
            raise SamklangError("identity-envelope")
        signatures = []
        for entry in listed:
            keyid, sig = fields(entry, "keyid", "sig")
            if not isinstance(keyid, str):
                raise SamklangError("identity-envelope")
            signatures.append(Signature(keyid, _decode(sig)))
        return cls(kind, _decode(payload), tuple(signatures))

    @classmethod
    def from_bytes(cls, data: bytes) -> Envelope:
        """Read what :meth:`to_bytes` wrote, or any equivalent JSON; raises ``identity-envelope``."""
        return cls.from_json(parse_json(data))


def pae(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def parse_json(data: bytes) -> object:
    """JSON without duplicate keys, numbers or deep nesting; raises ``identity-envelope``."""
    if len(data) > MAX_BYTES:
        raise SamklangError("identity-envelope")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_refuse,
            parse_int=_refuse,
            parse_constant=_refuse,
        )
    except (ValueError, RecursionError):
        raise SamklangError("identity-envelope") from None


def fields(value: object, *names: str) -> list[object]:
    """The values of an object that has exactly these keys; raises ``identity-envelope``."""
    if not isinstance(value, dict) or value.keys() != set(names):
        raise SamklangError("identity-envelope")
    return [value[name] for name in names]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(text: str) -> Any:
    raise ValueError("no numbers here")


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: object) -> bytes:
    """RFC 4648 section 4, with padding and without stray bits or characters."""
    if not isinstance(text, str):
        raise SamklangError("identity-envelope")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise SamklangError("identity-envelope") from None
    if _encode(data) != text:
        raise SamklangError("identity-envelope")
    return data

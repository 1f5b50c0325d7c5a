"""Signed notes: a text with signature lines that people can read (C2SP signed-note).

A note is a text that ends in a newline, an empty line, and signature lines
``— NAME base64(key id ‖ signature)``. The key id is the beginning of
SHA-256(name ‖ newline ‖ type ‖ public key). Two types are known here: Ed25519 (0x01) over the text, and
the timestamped cosignature of a witness (0x04, C2SP tlog-cosignature).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey, VerifyKey

__all__ = ["COSIGNATURE", "ED25519", "Line", "Note", "NoteKey", "line_of", "parse_note"]

ED25519 = 0x01
COSIGNATURE = 0x04
MOST_BYTES = 64 << 10
MOST_LINES = 256
LATEST = 253_402_300_799
"""The last second of the year 9999: later ones are nobody's times, and no calendar has them."""

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key under a name, for one type of signature."""

    name: str
    key: VerifyKey
    kind: int = ED25519

    @property
    def id(self) -> bytes:
        """4 bytes; names the key together with its name, and proves nothing."""
        head = self.name.encode() + b"\n" + bytes([self.kind])
        return hashlib.sha256(head + self.key.raw).digest()[:4]

    @property
    def vkey(self) -> str:
        """``NAME+hex(id)+base64(type ‖ key)``, as other implementations read it."""
        material = base64.b64encode(bytes([self.kind]) + self.key.raw).decode("ascii")
        return f"{self.name}+{self.id.hex()}+{material}"

    @classmethod
    def from_vkey(cls, text: str) -> NoteKey:
        """Read a vkey; raises ``audit-note``."""
        try:
            name, key_id, material = text.split("+", 2)
            raw = base64.b64decode(material.encode("ascii"), validate=True)
            found = cls(name, VerifyKey(raw[1:]), raw[0])
        except (ValueError, IndexError, SamklangError):
            raise SamklangError("audit-note") from None
        if not _NAME.fullmatch(name) or found.id.hex() != key_id or found.vkey != text:
            raise SamklangError("audit-note")
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line: whose, and the bytes behind the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and signature lines; nothing of it is trusted before a signature was verified."""

    text: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.lines))}"

    def with_lines(self, more: Iterable[Line]) -> Note:
        """The same note with further signatures; one that is there already isn't added again."""
        return Note(self.text, tuple(dict.fromkeys((*self.lines, *more))))

    def signatures(self, key: NoteKey) -> list[bytes]:
        """What is signed under the name and id of ``key``."""
        return [line.signature for line in self.lines if (line.name, line.key_id) == (key.name, key.id)]

    def verify(self, key: NoteKey) -> None:
        """Return if ``key`` (type Ed25519) has signed the text.

        Raises:
            SamklangError: ``audit-note-signature``: no signature of it, or one that doesn't hold.
        """
        found = self.signatures(key)
        for signature in found:
            _check(key, signature, self.text.encode())
        if not found:
            raise SamklangError("audit-note-signature", log=key.name)

    def cosigned(self, key: NoteKey) -> int:
        """When a witness cosigned (seconds since 1970), by its newest cosignature.

        Raises:
            SamklangError: ``audit-note-signature``.
        """
        found = self.signatures(key)
        for signature in found:
            if len(signature) != 72 or int.from_bytes(signature[:8], "big") > LATEST:
                raise SamklangError("audit-note-signature", log=key.name)
            _check(key, signature[8:], cosigned_bytes(self.text, int.from_bytes(signature[:8], "big")))
        if not found:
            raise SamklangError("audit-note-signature", log=key.name)
        return max(int.from_bytes(signature[:8], "big") for signature in found)


def line_of(text: str, name: str, key: SigningKey, *, cosign_at: int | None = None) -> Line:
    """Sign ``text`` under ``name``; with ``cosign_at`` (seconds since 1970) as a witness.

    Raises:
        ValueError: the text isn't a note's, or the name no key's.
    """
    if not _is_text(text) or not _NAME.fullmatch(name):
        raise ValueError("not the text or the name of a note")
    if cosign_at is None:
        return Line(name, NoteKey(name, key.verify_key).id, key.sign(text.encode()))
    signature = cosign_at.to_bytes(8, "big") + key.sign(cosigned_bytes(text, cosign_at))
    return Line(name, NoteKey(name, key.verify_key, COSIGNATURE).id, signature)


def cosigned_bytes(text: str, at: int) -> bytes:
    """What a witness signs (C2SP tlog-cosignature, Ed25519 signed message)."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def parse_note(data: bytes | str) -> Note:
    """Read a note; raises ``audit-note``."""
    try:
        whole = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError:
        raise SamklangError("audit-note") from None
    text, blank, signed = whole.rpartition("\n\n")
    text += "\n"
    if not blank or len(whole) > MOST_BYTES or not _is_text(text) or not signed.endswith("\n"):
        raise SamklangError("audit-note")
    return Note(text, parse_lines(signed))


def parse_lines(signed: str) -> tuple[Line, ...]:
    """Signature lines alone, as a witness answers; raises ``audit-note``."""
    lines = signed.split("\n")[:-1]
    if not lines or len(lines) > MOST_LINES or not signed.endswith("\n"):
        raise SamklangError("audit-note")
    return tuple(map(_parse_line, lines))


def _parse_line(line: str) -> Line:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        raw = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise SamklangError("audit-note") from None
    found = Line(name, raw[:4], raw[4:])
    if len(raw) < 5 or not _NAME.fullmatch(name) or str(found) != line + "\n":
        raise SamklangError("audit-note")
    return found


def _is_text(text: str) -> bool:
    """UTF-8, no control characters but newlines, ends in one."""
    return text.endswith("\n") and not re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", text)


def _check(key: NoteKey, signature: bytes, message: bytes) -> None:
    try:
        key.key.verify(signature, message)
    except SamklangError:
        raise SamklangError("audit-note-signature", log=key.name) from None

"""Keys, key streams, shares and seals of blind stratification, once more and in plain Python.

Written from docs/spec/blind-stratification.md (sections 4, 5, 6, 8 and 9), sharing no code with the project.
Slow, and not for secrets. From the library come the AES block and, for seals, AES-GCM; nothing else.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "samklang/blind-stratification/2"


class Refused(Exception):
    """A check of the protocol says no."""


def prefixed(*parts: bytes) -> bytes:
    out = b""
    for part in parts:
        out += len(part).to_bytes(8, "big") + part
    return out


def label(attempt: int, stage: str, round: int = 0, word: int = 0, direction: str = "") -> bytes:
    numbers = b"".join(n.to_bytes(4, "big") for n in (attempt, round, word))
    return prefixed(VERSION.encode(), stage.encode(), numbers, direction.encode())


def hkdf(secret: bytes, info: bytes, length: int = 32) -> bytes:
    """RFC 5869 with SHA-256 and no salt."""
    extracted = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(extracted, block + info + bytes([counter]), hashlib.sha256).digest()
        out += block
        counter += 1
    return out[:length]


def derive(key: bytes, encoded_label: bytes, context: bytes = b"", length: int = 32) -> bytes:
    return hkdf(key, prefixed(encoded_label, context), length)


def block(key: bytes, plain: bytes) -> bytes:
    """AES-256 of one 16-byte block."""
    return Cipher(algorithms.AES256(key), modes.ECB()).encryptor().update(plain)


def stream(key: bytes, encoded_label: bytes, length: int) -> bytes:
    derived = derive(key, encoded_label)
    blocks = [block(derived, n.to_bytes(16, "big")) for n in range(-(-length // 16))]
    return b"".join(blocks)[:length]


def words(key: bytes, encoded_label: bytes, count: int, size: int) -> list[int]:
    """``count`` words of ``size`` bytes each."""
    data = stream(key, encoded_label, count * size)
    return [int.from_bytes(data[i : i + size], "little") for i in range(0, len(data), size)]


def tag(link_key: bytes, cpr: str) -> bytes:
    return block(link_key, b"CPR/v1" + cpr.encode("ascii"))


def pair_key(transcript: bytes, contributions: dict[str, bytes]) -> bytes:
    first, second = sorted(contributions)
    info = prefixed(VERSION.encode(), b"pair", transcript, first.encode(), second.encode())
    return hkdf(contributions[first] + contributions[second], info)


def link_key(transcript: bytes, contributions: dict[str, bytes]) -> bytes:
    names = sorted(contributions)
    info = prefixed(VERSION.encode(), b"link", transcript, *(n.encode() for n in names))
    return hkdf(prefixed(*(contributions[n] for n in names)), info)


def transcript(compute: list[str], linker: str, inputs: list[str], acceptances: dict[str, bytes]) -> bytes:
    contributors = inputs + [p for p in compute if p not in inputs]
    participants = contributors + ([] if linker in contributors else [linker])
    roles = [*compute, linker, *inputs]
    said = [acceptances[p] for p in participants]
    return hashlib.sha256(prefixed(VERSION.encode(), *(r.encode() for r in roles), *said)).digest()


def pae(kind: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    name = kind.encode()
    return b" ".join([b"DSSEv1", str(len(name)).encode(), name, str(len(payload)).encode(), payload])


def key_info(transcript_: bytes, sender: str, recipient: str, purpose: str) -> bytes:
    return prefixed(transcript_, VERSION.encode(), sender.encode(), recipient.encode(), purpose.encode())


def confirmation(link: bytes, transcript_: bytes, attempt: int, sender: str, recipient: str) -> bytes:
    return derive(link, label(attempt, "link/confirm", direction=f"{sender}>{recipient}"), transcript_)


class Seal:
    """One message from ``sender`` to ``recipient``."""

    def __init__(
        self, key: bytes, transcript_: bytes, attempt: int, sender: str, recipient: str, stage: str
    ) -> None:
        names = prefixed(sender.encode(), recipient.encode(), stage.encode())
        self.bound = prefixed(transcript_, names)
        seal_label = label(attempt, "seal", direction=f"{sender}>{recipient}")
        self.aead = AESGCM(derive(key, seal_label, self.bound))

    def seal(self, pieces: list[bytes]) -> list[bytes]:
        out = []
        for number, piece in enumerate(pieces):
            nonce = number.to_bytes(12, "big")
            last = bytes([number == len(pieces) - 1])
            out.append(self.aead.encrypt(nonce, piece, self.bound + nonce + last))
        return out

    def open(self, chunks: list[tuple[bytes, bool]]) -> list[bytes]:
        out = []
        ended = False
        for number, (chunk, last) in enumerate(chunks):
            nonce = number.to_bytes(12, "big")
            if ended or len(chunk) < 16:
                raise Refused
            try:
                out.append(self.aead.decrypt(nonce, chunk, self.bound + nonce + bytes([last])))
            except InvalidTag:
                raise Refused from None
            ended = last
        if not ended:
            raise Refused
        return out

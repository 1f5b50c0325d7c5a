"""Key derivation and the pseudorandom generator.

Keys: HKDF-SHA256 (RFC 5869); the info string is a :class:`Label`, length-prefixed field by field, so
that no two uses ever share a key. Generator: the AES-256 key stream in counter mode from counter 0
(NIST SP 800-38A); every derived key makes one stream, so the fixed counter is never reused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from samklang.protocol.messages import VERSION
from samklang.protocol.streams import as_bytes

SEED_BYTES = 32
_SLICE = 1 << 18
"""Bytes worked on at a time: fits the second-level cache together with what it is added to."""
_ZEROS = memoryview(bytes(_SLICE))


def prefixed(*parts: bytes) -> bytes:
    """Concatenate, each part after its length (8 bytes, big-endian): injective in the list of parts."""
    return b"".join(len(p).to_bytes(8, "big") + p for p in parts)


@dataclass(frozen=True, slots=True)
class Label:
    """What a derived key is for: version, attempt, stage, round, word, direction."""

    attempt: int
    stage: str
    round: int = 0
    word: int = 0
    direction: str = ""

    def at(self, *, round: int | None = None, word: int | None = None) -> Label:
        """The same use, another round or word."""
        return replace(
            self,
            round=self.round if round is None else round,
            word=self.word if word is None else word,
        )

    def encode(self) -> bytes:
        numbers = b"".join(n.to_bytes(4, "big") for n in (self.attempt, self.round, self.word))
        return prefixed(VERSION.encode(), self.stage.encode(), numbers, self.direction.encode())


def derive(key: bytes, label: Label, *, context: bytes = b"", length: int = SEED_BYTES) -> bytes:
    """HKDF-SHA256 of ``key``; ``context`` (a transcript) is bound in beside the label."""
    return HKDF(SHA256(), length, salt=None, info=prefixed(label.encode(), context)).derive(key)


def _stream(key: bytes) -> CipherContext:
    return Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()


def keystream(key: bytes, label: Label) -> Callable[[NDArray[np.generic]], None]:
    """A function that fills C-contiguous arrays with the next bytes of ``derive(key, label)``'s stream."""
    stream = _stream(derive(key, label))

    def fill_next(out: NDArray[np.generic]) -> None:
        view = as_bytes(out)
        for start in range(0, len(view), _SLICE):
            part = view[start : start + _SLICE]
            stream.update_into(_ZEROS[: len(part)], part)

    return fill_next


def fill(out: NDArray[np.generic], key: bytes, label: Label) -> None:
    """Fill a C-contiguous array with the key stream from its beginning."""
    keystream(key, label)(out)


def draw(
    count: int, dtype: type[np.unsignedinteger], key: bytes, label: Label
) -> NDArray[np.unsignedinteger]:
    """``count`` uniform words of ``dtype``."""
    out = np.empty(count, dtype)
    fill(out, key, label)
    return out


def mask(words: NDArray[np.unsignedinteger], key: bytes, label: Label, *, subtract: bool = False) -> None:
    """Add (or subtract) the key stream to a 1-D array in place, modulo the word size."""
    stream = _stream(derive(key, label))
    step = _SLICE // words.itemsize
    buffer = np.empty(min(step, len(words)), words.dtype)
    operation = np.subtract if subtract else np.add
    for start in range(0, len(words), step):
        part = words[start : start + step]
        pad = buffer[: len(part)]
        stream.update_into(_ZEROS[: part.nbytes], as_bytes(pad))
        operation(part, pad, out=part)

"""CPR numbers as integers of the same order, eight characters at a time inside 64-bit words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError

_BASE = 36
_WIDTH = 10
_HALVES = np.dtype(
    {"names": ["head", "tail"], "formats": ["<u8", "<u2"], "offsets": [0, 8], "itemsize": _WIDTH}
)
_ROWS = 1 << 14
"""Worked on at a time: what comes in between stays in the cache."""


def _every(byte: int) -> np.uint64:
    return np.uint64(byte * 0x0101010101010101)


_TOP, _LOW = _every(0x80), _every(0x01)
_FILL = np.uint64(0x3030303030300000)
"""Six times the character 0, behind the two characters of a tail."""
_BYTES, _PAIRS, _FOURS = (np.uint64(m) for m in (0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF))


def _from(char: str) -> np.uint64:
    """Added to bytes below 128, sets the top bit of those that are ``char`` or later."""
    return _every(0x80 - ord(char))


def _digits(text: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """0-9 and A-Z as 0..35, byte by byte; ``protocol-own-rows`` if there is another character."""
    letter = (text + _from("A")) & _TOP
    valid = (text + _from("0")) & ~(text + _from(":")) | letter & ~(text + _from("["))
    if ((valid & ~text & _TOP) != _TOP).any():
        raise SamklangError("protocol-own-rows", reason="a citizen's number isn't normalised")
    gap = np.uint64(ord("A") - ord("9") - 1)
    return text - _every(ord("0")) - (letter >> np.uint64(7)) * gap


def _value(digits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Eight digits, the first one in the lowest byte, as one number."""
    for mask, bits, weight in ((_BYTES, 8, _BASE), (_PAIRS, 16, _BASE**2), (_FOURS, 32, _BASE**4)):
        digits = (digits & mask) * np.uint64(weight) + ((digits >> np.uint64(bits)) & mask)
    return digits


def pack(cpr: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """CPR numbers as base-36 integers (36¹⁰ < 2⁶⁴), for fast sorting and matching; their order is kept.

    Args:
        cpr: shape (n,), dtype ``S10``.

    Raises:
        SamklangError: ``protocol-own-rows`` if a character isn't 0-9 or A-Z.
    """
    halves = np.ascontiguousarray(cpr, "S10").view(_HALVES)
    out = np.empty(len(cpr), np.uint64)
    for start in range(0, len(cpr), _ROWS):
        part = halves[start : start + _ROWS]
        head = _value(_digits(part["head"].astype(np.uint64)))
        tail = _digits(part["tail"].astype(np.uint64) | _FILL)
        byte = np.uint64(0xFF)
        pair = (tail & byte) * np.uint64(_BASE) + ((tail >> np.uint64(8)) & byte)
        np.add(head * np.uint64(_BASE**2), pair, out=out[start : start + _ROWS])
    return out

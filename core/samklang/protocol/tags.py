"""Pseudonyms that only the input parties can make: tag = AES-256(link key, domain ‖ CPR)."""

from __future__ import annotations

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from samklang.protocol.streams import as_bytes

CPR_BYTES = 10
DOMAIN = b"CPR/v1"
"""Fills the cipher block: 6 bytes before the 10 of the CPR number."""
_SLICE = 1 << 20


def tags(link_key: bytes, cpr: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """The 128-bit tag of each citizen.

    Args:
        link_key: 32 bytes, known to the input parties of this attempt alone.
        cpr: shape (n,), dtype ``S10``: normalised CPR numbers of exactly 10 characters.

    Returns:
        Shape (2, n) uint64: the two little-endian halves of each 16-byte cipher block. One block per
        citizen, so electronic-code-book mode is the block cipher itself, a pseudorandom permutation.
    """
    blocks = np.empty((len(cpr), 16), np.uint8)
    blocks[:, : len(DOMAIN)] = np.frombuffer(DOMAIN, np.uint8)
    blocks[:, len(DOMAIN) :] = np.ascontiguousarray(cpr, "S10").view(np.uint8).reshape(-1, CPR_BYTES)
    encryptor = Cipher(algorithms.AES256(link_key), modes.ECB()).encryptor()  # noqa: S305
    view = as_bytes(blocks)
    # The library wants room for one unfinished block behind the output.
    out = bytearray(min(_SLICE, len(view)) + 15)
    for start in range(0, len(view), _SLICE):
        part = view[start : start + _SLICE]
        encryptor.update_into(part, out)
        part[:] = memoryview(out)[: len(part)]
    halves = blocks.reshape(-1).view("<u8").reshape(-1, 2)
    return np.ascontiguousarray(halves.T)

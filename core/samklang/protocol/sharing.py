"""Additive secret sharing: a word w is a + b in its own modulus; share a is a seed, share b is bulk.

Each share alone is uniform (share a is a key stream, share b is w masked by it).
"""

from __future__ import annotations

import secrets

from samklang.protocol.prg import SEED_BYTES, Label
from samklang.protocol.words import Words


def split(words: Words, label: Label) -> bytes:
    """Turn ``words`` in place into share b; returns the seed of share a (32 bytes)."""
    seed = secrets.token_bytes(SEED_BYTES)
    words.mask(seed, label, subtract=True)
    return seed


def expand(words: Words, seed: bytes, label: Label) -> None:
    """Overwrite ``words`` with share a."""
    words.fill(seed, label)

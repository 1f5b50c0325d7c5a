"""Secret permutations that two parties derive alike from a shared key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.prg import Label, draw


def order_of(keys: NDArray[np.uint64]) -> NDArray[np.intp] | None:
    """The order that sorts ``keys``, or ``None`` if two of them are equal.

    Without ties every sorting algorithm gives the same order, so two machines can't disagree.
    """
    order = np.argsort(keys)
    ordered = keys[order]
    return None if len(keys) > 1 and bool((ordered[1:] == ordered[:-1]).any()) else order


def permutation(key: bytes, label: Label, n: int) -> NDArray[np.intp]:
    """A uniformly random permutation of 0..n-1, shape (n,).

    Sorts n pseudorandom 64-bit words; on a tie (n²/2⁶⁵) all words are drawn again from the next block,
    named in the label's word.
    """
    block = 0
    while True:
        order = order_of(draw(n, np.uint64, key, label.at(word=block)))
        if order is not None:
            return order
        block += 1

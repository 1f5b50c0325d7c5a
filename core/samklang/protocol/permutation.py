"""Secret permutations that two parties derive alike from a shared key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.prg import Label, draw

_SLICE = 1 << 15
"""Words looked at at a time: what comes in between stays in the cache."""


def runs_of_top_bits(words: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Sort the top bits of 64-bit words, as many as leave room for a position below them.

    Sorting words that carry their own position is several times faster than sorting positions by words,
    and nothing has to be gathered afterwards; what is left to the caller is where the top bits are equal:
    for n uniform words that is one pair in 2⁶⁵/n³.

    Args:
        words: shape (n,); consumed: its memory becomes the order.

    Returns:
        (order, same): the positions in ascending order of (top bits, position), shape (n,), and the i,
        ascending, where the top bits at ``order[i]`` and ``order[i + 1]`` are equal.
    """
    n = len(words)
    places = np.uint64((1 << max(n - 1, 0).bit_length()) - 1)
    for start in range(0, n, _SLICE):
        part = words[start : start + _SLICE]
        part &= ~places
        part |= np.arange(start, start + len(part), dtype=np.uint64)
    words.sort()
    found = []
    for start in range(0, n - 1, _SLICE):
        part = words[start : start + _SLICE + 1]
        found.append(np.flatnonzero(part[1:] ^ part[:-1] <= places) + start)
    words &= places
    return words.view(np.int64), np.concatenate([np.empty(0, np.intp), *found])


def order_of(keys: NDArray[np.uint64]) -> NDArray[np.intp] | None:
    """The order that sorts ``keys``, or ``None`` if two of them are equal.

    Without ties every sorting algorithm gives the same order, so two machines can't disagree.
    """
    order, same = runs_of_top_bits(keys.copy())
    if not len(same):
        return order
    # Equal top bits: these few places are sorted again, by the whole key inside their run.
    places = np.union1d(same, same + 1)
    begins = np.ones(len(places), bool)
    begins[np.searchsorted(places, same + 1)] = False
    members = order[places]
    whole = keys[members]
    again = np.lexsort((whole, np.cumsum(begins)))
    order[places] = members[again]
    whole = whole[again]
    return None if bool((whole[1:] == whole[:-1]).any()) else order


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

"""Shares, permutations and rounds of the shuffle, in plain Python, from sections 9 and 10.

A share is a list of columns, each (word size in bytes, list of integers).
"""

from __future__ import annotations

from tests.core.protocol.second.keys import label, words

Column = tuple[int, list[int]]
Share = list[Column]


def add(left: Share, right: Share, sign: int = 1) -> Share:
    """Word by word, each modulo its own size."""
    return [
        (size, [(x + sign * y) % (1 << 8 * size) for x, y in zip(a, b, strict=True)])
        for (size, a), (_, b) in zip(left, right, strict=True)
    ]


def pad(
    shape: list[int], rows: int, key: bytes, attempt: int, stage: str, round: int = 0, direction: str = ""
) -> Share:
    """A pseudorandom share: the number of a word is its place in the row."""
    return [
        (size, words(key, label(attempt, stage, round, number, direction), rows, size))
        for number, size in enumerate(shape)
    ]


def order(key: bytes, attempt: int, stage: str, round: int, rows: int, size: int = 8) -> list[int]:
    """The permutation of one round. ``size`` is 8 in the protocol; smaller words make ties likely."""
    number = 0
    while True:
        drawn = words(key, label(attempt, f"{stage}/order", round, number), rows, size)
        if len(set(drawn)) == rows:
            return sorted(range(rows), key=lambda i: drawn[i])
        number += 1


def one_round(share: Share, key: bytes, attempt: int, stage: str, round: int, first: bool) -> Share:
    """What one of the two holders makes of its share."""
    rows = len(share[0][1])
    places = order(key, attempt, stage, round, rows)
    moved: Share = [(size, [column[i] for i in places]) for size, column in share]
    mask = pad([size for size, _ in share], rows, key, attempt, f"{stage}/mask", round)
    return add(moved, mask, 1 if first else -1)


def shuffle(
    x: Share, y: Share, xy: bytes, yz: bytes, zx: bytes, attempt: int, stage: str
) -> tuple[Share, Share]:
    """From shares at X and Y to shares at Z and X."""
    x, y = one_round(x, xy, attempt, stage, 1, True), one_round(y, xy, attempt, stage, 1, False)
    y, z = one_round(y, yz, attempt, stage, 2, True), one_round(x, yz, attempt, stage, 2, False)
    return one_round(z, zx, attempt, stage, 3, True), one_round(y, zx, attempt, stage, 3, False)

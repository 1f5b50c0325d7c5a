"""What a citizen adds to a measure's word, and how a sum of words is read, from sections 9 and 15."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Word = dict[str, Any]
"""``count``, ``clip`` and ``centre`` by class, ``by``, ``unknown``, ``missing``, as in a description."""


def word(w: Word, value: int | None, level: int | None) -> int:
    """As an unsigned word. ``level``: place in the deciding banding, from 0; None without one."""
    cls = 0
    if w["by"] is not None:
        cls = w["unknown"] if level is None else level + 1
    if value is None:
        if not w["centre"] or w["missing"] == "nothing":
            return 0
        return -w["centre"][cls] % (1 << 64)
    x = 1 if w["count"] else value
    low, high = w["clip"][cls]
    x = min(max(x, low), high)
    return (2 * x - w["centre"][cls] if w["centre"] else x) % (1 << 64)


def plain(m: dict[str, Any], classes: list[int], values: list[int], sums: list[int]) -> list[Fraction]:
    """Sums of values by cell. ``m``: ``centred`` and ``clip`` by class; ``values``: how many a cell has."""
    out = []
    for cls, n, s in zip(classes, values, sums, strict=True):
        low, high = m["clip"][cls]
        out.append(Fraction(s + n * (low + high), 2) if m["centred"] else Fraction(s))
    return out

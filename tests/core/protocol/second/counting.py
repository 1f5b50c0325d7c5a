"""Cells, promises before opening, counts and what is left after the shifts, from sections 13 to 15."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

from tests.core.protocol.second.axes import INVALID
from tests.core.protocol.second.keys import Refused, prefixed

Axis = dict[str, Any]
"""Names, presence, keep and conflict of one axis, as in a program's description."""


def cells(axes: list[Axis]) -> tuple[list[tuple[int, ...]], list[int], list[int]]:
    """(opened cells in order with the invalid one last, released ones, those that count as conflicts)."""
    sectors = {s for a in axes for s, _ in a["presence"]}
    opened = []
    for levels in itertools.product(*(range(len(a["names"])) for a in axes)):
        possible = any(levels)
        for sector in sectors:
            pattern = 7
            for axis, level in zip(axes, levels, strict=True):
                pattern &= dict(axis["presence"]).get(sector, [7] * 256)[level]
            possible = possible and pattern > 0
        if possible:
            opened.append(levels)
    opened.append((INVALID,) * len(axes))
    conflicts = [
        i
        for i, levels in enumerate(opened)
        if any(v == INVALID or a["conflict"][v] for a, v in zip(axes, levels, strict=True))
    ]
    kept = [
        i
        for i, levels in enumerate(opened)
        if i not in conflicts and all(a["keep"][v] for a, v in zip(axes, levels, strict=True))
    ]
    return opened, kept, conflicts


def commitment(prefix: str, transcript: bytes, party: str, share: list[list[int]]) -> bytes:
    """What an opening party promises: ``share`` of its axis words, by axis; ``prefix`` of the opening."""
    columns = b"".join(map(bytes, share))
    return hashlib.sha256(
        prefixed(f"{prefix}open/commit".encode(), transcript, party.encode()) + columns
    ).digest()


def tally(axes: list[Axis], levels: list[list[int]], measures: list[list[int]]) -> dict[str, Any]:
    """Opened counts and one party's sums by released cell; ``levels`` by axis, ``measures`` by measure."""
    opened, kept, conflicts = cells(axes)
    place = {cell: i for i, cell in enumerate(opened)}
    counts = [0] * len(opened)
    sums = [[0] * len(opened) for _ in measures]
    for group, row in enumerate(zip(*levels, strict=True)):
        if not any(row):
            continue
        if row not in place:
            raise Refused
        at = place[row]
        counts[at] += 1
        for total, share in zip(sums, measures, strict=True):
            total[at] = (total[at] + share[group]) % (1 << 64)
    return {
        "counts": [*(counts[i] for i in kept), sum(counts[i] for i in conflicts)],
        "sums": [[total[i] for i in kept] for total in sums],
    }


def _added(sums: tuple[Any, Any]) -> list[list[int]]:
    """Two shares of sums, as signed numbers."""
    return [
        [((x + y + (1 << 63)) % (1 << 64)) - (1 << 63) for x, y in zip(a, b, strict=True)]
        for a, b in zip(*sums, strict=True)
    ]


def combine(
    plan: dict[str, int], conflicts: int, counts: list[int], sums: tuple[Any, Any], sizes: list[int]
) -> dict[str, Any]:
    """The linker's last step. ``plan``: inputs, k_max, largest, shift, shift_pad, pad_total."""
    largest, pad = plan["largest"], plan["shift_pad"]
    singles = plan["pad_total"] - pad * sum(range(2, largest + 1))
    linkage = [sizes[0] - plan["inputs"] * pad - 3 * singles]
    linkage += [sizes[j - 1] - 3 * pad for j in range(2, largest + 1)]
    too_large = 3 * pad if largest > plan["k_max"] else 0
    return {
        "counts": [c - 3 * plan["shift"] for c in counts[:-1]],
        "conflicts": counts[-1] - 3 * plan["shift"] * conflicts - too_large,
        "sums": _added(sums),
        "linkage": linkage,
        "margin": None,
    }


def margin(shift: int, counts: list[int], sums: tuple[Any, Any]) -> dict[str, Any]:
    """What the linker makes of the second opening."""
    return {"counts": [c - 3 * shift for c in counts[:-1]], "sums": _added(sums)}

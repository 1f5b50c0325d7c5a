"""One-time truth tables and the banded groups, in plain Python, from section 12."""

from __future__ import annotations

from dataclasses import dataclass

from tests.core.protocol.second import axes as ax
from tests.core.protocol.second.keys import label, stream, words


@dataclass
class Entry:
    """One table: which axis, which group, its modulus."""

    axis: int
    group: int
    size: int
    modulus: int


def entries(encodings: list[ax.Spec], sizes: list[int], largest_group: int) -> list[Entry]:
    """All tables in the order of the stream."""
    out = []
    for axis, e in enumerate(encodings):
        if not ax.needs_table(e):
            continue
        group = 0
        for j, count in enumerate(sizes[:largest_group], start=1):
            for _ in range(count):
                out.append(Entry(axis, group, j, ax.modulus(e, j)))
                group += 1
    return out


def rotations(plan: list[Entry], seed: bytes, attempt: int) -> list[int]:
    drawn = words(seed, label(attempt, "tables/rotation"), len(plan), 2)
    return [x % e.modulus for x, e in zip(drawn, plan, strict=True)]


def table_stream(encodings: list[ax.Spec], plan: list[Entry], r: list[int]) -> bytes:
    """The rotated tables in the clear."""
    out = bytearray()
    for e, shift in zip(plan, r, strict=True):
        table = ax.table(encodings[e.axis], e.size)
        out += bytes(table[(u + shift) % e.modulus] for u in range(e.modulus))
    return bytes(out)


def share_c(plan: list[Entry], seed: bytes, attempt: int) -> bytes:
    return stream(seed, label(attempt, "tables/share"), sum(e.modulus for e in plan))


def share_a(plain: bytes, mask: bytes) -> bytes:
    return bytes((x - y) % 256 for x, y in zip(plain, mask, strict=True))


def masked(plan: list[Entry], groups: list[list[int]], rotation: list[int]) -> list[int]:
    """One holder's share of u; ``groups`` are its axis words by axis."""
    return [(groups[e.axis][e.group] - r) % e.modulus for e, r in zip(plan, rotation, strict=True)]


def opened(plan: list[Entry], left: list[int], right: list[int]) -> list[int]:
    return [(x + y) % e.modulus for x, y, e in zip(left, right, plan, strict=True)]


def look_up(plan: list[Entry], share: bytes, u: list[int]) -> list[int]:
    out, start = [], 0
    for e, index in zip(plan, u, strict=True):
        out.append(share[start + index])
        start += e.modulus
    return out


def banded(
    encodings: list[ax.Spec],
    plan: list[Entry],
    mapped: int,
    groups: list[list[int]],
    levels: list[int],
    first: bool,
) -> list[list[int]]:
    """One holder's share of the final levels by axis; ``mapped`` groups are not too large."""
    out = [[x % 256 for x in column] for column in groups]
    for e, level in zip(plan, levels, strict=True):
        out[e.axis][e.group] = level
    for column in out:
        column[mapped:] = [ax.INVALID if first else 0] * (len(column) - mapped)
    return out

"""Grouping equal tags and checking a grouping, in plain Python, from section 11."""

from __future__ import annotations

import hashlib

from tests.core.protocol.second.keys import Refused, prefixed


def group(tags: list[bytes], largest: int) -> tuple[list[int], list[int]]:
    """(number of groups by size, row positions group by group)."""
    places: dict[bytes, list[list[int]]] = {}
    for position, tag in enumerate(tags):
        parts = places.setdefault(tag, [[]])
        if len(parts[-1]) == largest:
            parts.append([])
        parts[-1].append(position)
    groups = sorted((g for parts in places.values() for g in parts), key=lambda g: (len(g), g[0]))
    sizes = [sum(len(g) == j for g in groups) for j in range(1, largest + 1)]
    return sizes, [position for g in groups for position in g]


def split(sizes: list[int], order: list[int]) -> list[list[int]]:
    """The groups as lists of positions."""
    groups, start = [], 0
    for j, count in enumerate(sizes, start=1):
        for _ in range(count):
            groups.append(order[start : start + j])
            start += j
    return groups


def check(sizes: list[int], order: list[int], rows: int, largest: int) -> None:
    if len(sizes) != largest or any(not 0 <= s <= rows for s in sizes):
        raise Refused
    if sum(j * s for j, s in enumerate(sizes, start=1)) != rows or sorted(order) != list(range(rows)):
        raise Refused
    groups = split(sizes, order)
    if groups != sorted((sorted(g) for g in groups), key=lambda g: (len(g), g[0])):
        raise Refused


def digest(sizes: list[int], order: list[int], transcript: bytes) -> bytes:
    counted = b"".join(s.to_bytes(8, "little") for s in sizes)
    listed = b"".join(p.to_bytes(4, "little") for p in order)
    return hashlib.sha256(prefixed(transcript, counted) + listed).digest()


def add_up(column: list[int], size: int, sizes: list[int], order: list[int]) -> list[int]:
    """One word's shares summed within each group; ``size`` in bytes."""
    return [sum(column[p] for p in g) % (1 << 8 * size) for g in split(sizes, order)]

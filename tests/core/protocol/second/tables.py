"""One-time truth tables and the banded groups, in plain Python, from section 12."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.core.protocol.second import axes as ax
from tests.core.protocol.second.keys import label, stream, words


@dataclass
class Word:
    """An axis word of a group: from which summed word, and its truth table by group size, if it has one."""

    source: int
    encoding: ax.Spec
    merge: list[int] | None = None

    def table(self, j: int) -> list[int]:
        whole = list(ax.table(self.encoding, j))
        if self.merge is None:
            return whole
        return [level if level == ax.INVALID else self.merge[level] for level in whole]


def looked_up(encodings: list[ax.Spec], merged: list[dict[str, Any]]) -> list[Word]:
    """A group's axis words: one per axis, then the merged ones of the margin."""
    own = [Word(i, e) for i, e in enumerate(encodings)]
    return own + [Word(m["source"], encodings[m["source"]], m["merge"]) for m in merged]


@dataclass
class Entry:
    """One table: of which word and group, and its modulus."""

    place: int
    word: Word
    group: int
    size: int
    modulus: int


def entries(looked: list[Word], sizes: list[int], largest_group: int) -> list[Entry]:
    """All tables in the order of the stream."""
    out = []
    for place, word in enumerate(looked):
        if word.merge is None and not ax.needs_table(word.encoding):
            continue
        group = 0
        for j, count in enumerate(sizes[:largest_group], start=1):
            for _ in range(count):
                out.append(Entry(place, word, group, j, ax.modulus(word.encoding, j)))
                group += 1
    return out


def rotations(plan: list[Entry], seed: bytes, attempt: int) -> list[int]:
    drawn = words(seed, label(attempt, "tables/rotation"), len(plan), 2)
    return [x % e.modulus for x, e in zip(drawn, plan, strict=True)]


def table_stream(plan: list[Entry], r: list[int]) -> bytes:
    """The rotated tables in the clear."""
    out = bytearray()
    for e, shift in zip(plan, r, strict=True):
        table = e.word.table(e.size)
        out += bytes(table[(u + shift) % e.modulus] for u in range(e.modulus))
    return bytes(out)


def share_c(plan: list[Entry], seed: bytes, attempt: int) -> bytes:
    return stream(seed, label(attempt, "tables/share"), sum(e.modulus for e in plan))


def share_a(plain: bytes, mask: bytes) -> bytes:
    return bytes((x - y) % 256 for x, y in zip(plain, mask, strict=True))


def masked(plan: list[Entry], groups: list[list[int]], rotation: list[int]) -> list[int]:
    """One holder's share of u; ``groups`` are its axis words by axis."""
    return [(groups[e.word.source][e.group] - r) % e.modulus for e, r in zip(plan, rotation, strict=True)]


def opened(plan: list[Entry], left: list[int], right: list[int]) -> list[int]:
    return [(x + y) % e.modulus for x, y, e in zip(left, right, plan, strict=True)]


def look_up(plan: list[Entry], share: bytes, u: list[int]) -> list[int]:
    out, start = [], 0
    for e, index in zip(plan, u, strict=True):
        out.append(share[start + index])
        start += e.modulus
    return out


def banded(
    looked: list[Word],
    plan: list[Entry],
    mapped: int,
    groups: list[list[int]],
    levels: list[int],
    first: bool,
) -> list[list[int]]:
    """One holder's share of the final levels by word; ``mapped`` groups are not too large."""
    out = [[x % 256 for x in groups[word.source]] for word in looked]
    for e, level in zip(plan, levels, strict=True):
        out[e.place][e.group] = level
    for column in out:
        column[mapped:] = [ax.INVALID if first else 0] * (len(column) - mapped)
    return out

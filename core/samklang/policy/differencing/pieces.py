"""Unions of levels, one of each of two tables, that are the same but for what no level shows.

Two tables cut the same citizens in two ways; in one variable each way is a list of blocks (levels) over the
same atoms. A *pair* is a union of blocks of the one and a union of blocks of the other that overlap, and
whose difference holds no whole block of either: a level that one of the tables shows by itself is no news.

Unions that fall apart into two pairs needn't be looked at: what they differ in is what these differ in.
So of levels that are ranges every run of neighbours is tried; of others, every set of up to ten, and from
eleven on single ones, runs of neighbours, all but one, and all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import fsum

__all__ = ["TINY", "Blocks", "Piece", "pieces"]

Blocks = tuple[int | None, ...]
"""By atom: the block it is in, or None where the table leaves it out."""

TINY = 1e-12
"""The share of what has no figure: small, and not nothing."""

_EVERY_SET = 10
_EVERY_CHOICE = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A pair, as shares of the variable's citizens.

    Attributes:
        first, second: share of each union.
        both: share of what they have in common.
        differs: some atom is in one of them alone.
        known: the shares come from figures.
        one, two: the atoms of each.
    """

    first: float
    second: float
    both: float
    differs: bool
    known: bool = True
    one: frozenset[int] = frozenset()
    two: frozenset[int] = frozenset()


@lru_cache(maxsize=65536)
def pieces(one: Blocks, two: Blocks, shares: tuple[float, ...] | None) -> tuple[Piece, ...]:
    """All pairs; ``shares`` by atom, None if they aren't known. Atoms of which the figures say that there is
    nobody are left out."""
    if shares is not None:
        one, two = (
            tuple(b if share > 0 else None for b, share in zip(blocks, shares, strict=True))
            for blocks in (one, two)
        )
    found: list[Piece] = []
    for firsts, seconds in _parts(one, two):
        if not firsts or not seconds:
            continue
        if shares is None:
            found += _unknown(firsts, seconds)
        elif len(firsts) <= len(seconds):
            found += _pairs(firsts, seconds, shares)
        else:
            found += [_turned(p) for p in _pairs(seconds, firsts, shares)]
    return tuple(dict.fromkeys(found))


Atoms = frozenset[int]
Sets = list[Atoms]


def _sets(blocks: Blocks) -> Sets:
    by_block: dict[int, set[int]] = {}
    for atom, block in enumerate(blocks):
        if block is not None:
            by_block.setdefault(block, set()).add(atom)
    return [frozenset(atoms) for atoms in by_block.values()]


def _parts(one: Blocks, two: Blocks) -> Iterator[tuple[Sets, Sets]]:
    """Blocks of both that hang together by common atoms."""
    left: list[tuple[bool, Atoms]] = [(True, s) for s in _sets(one)]
    left += [(False, s) for s in _sets(two)]
    while left:
        part = [left.pop(0)]
        reached = set(part[0][1])
        while more := [entry for entry in left if not reached.isdisjoint(entry[1])]:
            part += more
            left = [entry for entry in left if entry not in more]
            reached.update(*(atoms for _, atoms in more))
        yield [s for first, s in part if first], [s for first, s in part if not first]


def _pairs(few: Sets, many: Sets, shares: Sequence[float]) -> Iterator[Piece]:
    few, many = sorted(few, key=min), sorted(many, key=min)
    for chosen in _choices(few, many):
        one = _union(chosen)
        for two in _others(one, many, shares):
            if two and not any(_whole(block, one, two) for block in few):
                sizes = [size(atoms, shares) for atoms in (one, two, one & two)]
                yield Piece(sizes[0], sizes[1], sizes[2], one != two, True, one, two)


def _whole(block: Atoms, own: Atoms, other: Atoms) -> bool:
    """Whether a block of one table lies wholly in the difference of two unions."""
    return block <= other if block.isdisjoint(own) else block.isdisjoint(other)


def _union(blocks: Sequence[Atoms]) -> Atoms:
    return frozenset().union(*blocks)


def _choices(few: Sets, many: Sets) -> Iterator[Sequence[Atoms]]:
    ranges = all(max(s) - min(s) + 1 == len(s) for s in (*few, *many))
    if len(few) <= _EVERY_SET and not ranges:
        for count in range(1, len(few) + 1):
            yield from combinations(few, count)
        return
    for start, end in combinations(range(len(few) + 1), 2):
        yield few[start:end]
    if not ranges:
        for i in range(1, len(few) - 1):
            yield [*few[:i], *few[i + 1 :]]


def _others(one: Atoms, many: Sets, shares: Sequence[float]) -> Iterator[Atoms]:
    """The unions that go with ``one``: blocks inside it belong to them and blocks outside don't; of those
    that are cut by it every choice is tried, or the nearest if they are many."""
    inside = _union([block for block in many if block <= one])
    cut = [block for block in many if not block <= one and not block.isdisjoint(one)]
    if len(cut) > _EVERY_CHOICE:
        yield inside | _union([b for b in cut if 2 * size(b & one, shares) >= size(b, shares)])
        return
    for count in range(len(cut) + 1):
        for chosen in combinations(cut, count):
            yield inside | _union(chosen)


def size(atoms: Atoms, shares: Sequence[float]) -> float:
    """Exactly rounded, so that it doesn't depend on the order in which a set gives its members."""
    return fsum(shares[a] for a in atoms)


def _unknown(firsts: Sets, seconds: Sets) -> Iterator[Piece]:
    """Without figures every part counts as small, and every difference as smaller still."""
    one, two = _union(firsts), _union(seconds)
    if one == two:
        yield Piece(TINY, TINY, TINY, False, False, one, two)
    if one != two or (len(firsts) > 1 and len(seconds) > 1):
        yield Piece(TINY, TINY, TINY * (1 - TINY), True, False, one, two)


def _turned(piece: Piece) -> Piece:
    return Piece(piece.second, piece.first, piece.both, piece.differs, piece.known, piece.two, piece.one)

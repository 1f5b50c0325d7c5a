"""Unions of levels, one of each of two tables, that are each other's nearest.

Two tables cut the same citizens in two ways; in one variable each way is a list of blocks (levels) over the
same atoms. A *pair* is a union of blocks of the one and a union of blocks of the other. Only pairs matter in
which each union is the nearest there is to the other: every block that has at least half of its citizens in
the other union belongs to it. (A union that leaves out a level which the other table shows by itself is not
the nearest: the level is no news.)

The search is over every set of blocks, of the table that has fewer of them in a part that hangs together;
from eleven blocks on, over single ones, runs of neighbours, all but one, and all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

__all__ = ["TINY", "Blocks", "Piece", "pieces"]

Blocks = tuple[int | None, ...]
"""By atom: the block it is in, or None where the table leaves it out."""

TINY = 1e-12
"""The share of what has no figure: small, and not nothing."""

_EVERY_SET = 10


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
    """All pairs that overlap; ``shares`` by atom, None if they aren't known."""
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


Sets = list[frozenset[int]]


def _sets(blocks: Blocks) -> Sets:
    by_block: dict[int, set[int]] = {}
    for atom, block in enumerate(blocks):
        if block is not None:
            by_block.setdefault(block, set()).add(atom)
    return [frozenset(atoms) for atoms in by_block.values()]


def _parts(one: Blocks, two: Blocks) -> Iterator[tuple[Sets, Sets]]:
    """Blocks of both that hang together by common atoms."""
    left: list[tuple[bool, frozenset[int]]] = [(True, s) for s in _sets(one)]
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
    for chosen in _choices(few):
        one = frozenset().union(*chosen)
        two = _nearest(one, many, shares)
        if two and _nearest(two, few, shares) == one:
            size = [sum(shares[a] for a in atoms) for atoms in (one, two, one & two)]
            yield Piece(size[0], size[1], size[2], one != two, True, one, two)


def _choices(few: Sets) -> Iterator[Sequence[frozenset[int]]]:
    if len(few) <= _EVERY_SET:
        for count in range(1, len(few) + 1):
            yield from combinations(few, count)
        return
    for start, end in combinations(range(len(few) + 1), 2):
        yield few[start:end]
    for i in range(1, len(few) - 1):
        yield [*few[:i], *few[i + 1 :]]


def _nearest(union: frozenset[int], blocks: Sets, shares: Sequence[float]) -> frozenset[int]:
    """The union of the blocks that have at least half of themselves in ``union``."""

    def belongs(block: frozenset[int]) -> bool:
        inside = block & union
        return bool(inside) and 2 * sum(shares[a] for a in inside) >= sum(shares[a] for a in block)

    return frozenset().union(*(block for block in blocks if belongs(block)))


def _unknown(firsts: Sets, seconds: Sets) -> Iterator[Piece]:
    """Without figures every part counts as small, and every difference as smaller still."""
    one, two = frozenset().union(*firsts), frozenset().union(*seconds)
    if one == two:
        yield Piece(TINY, TINY, TINY, False, False, one, two)
    if one != two or (len(firsts) > 1 and len(seconds) > 1):
        yield Piece(TINY, TINY, TINY * (1 - TINY), True, False, one, two)


def _turned(piece: Piece) -> Piece:
    return Piece(piece.second, piece.first, piece.both, piece.differs, piece.known, piece.two, piece.one)

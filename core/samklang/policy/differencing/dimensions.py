"""The ways in which two tables can cut their citizens apart, one after the other: the dimensions.

A union of cells that the comparison looks at is made of boxes: in every dimension a union of levels. Each
dimension gives its pairs (:mod:`~samklang.policy.differencing.pieces`); who is known to a sector and the
variables which that sector supplies are one dimension, because who is absent there has no level of any of
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product
from math import fsum

from samklang.policy.differencing.atoms import Atom
from samklang.policy.differencing.pieces import TINY, Blocks, Piece, pieces, size
from samklang.policy.differencing.publics import Publics
from samklang.policy.differencing.shape import ABSENT, Shape, Uses, used_bandings

__all__ = ["NEUTRAL", "Option", "Way", "dimensions", "joined", "little", "unknown"]

AWAY, HERE = 0, 1
"""The atoms of presence at a sector."""

LITTLE = 4
"""Periods that have four times as many days in common as they differ in differ by little."""


@dataclass(frozen=True, slots=True)
class Option:
    """One pair in one dimension: shares as in :class:`Piece`, and the names of what differs.

    ``most``: what both may have in common at most; more than ``both`` where there are no figures.
    """

    first: float
    second: float
    both: float
    where: tuple[str, ...] = ()
    known: bool = True
    most: float = 1.0


NEUTRAL = Option(1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Way:
    """How two unions can lie to each other in one dimension.

    ``pair``: in what they differ, if in anything. ``parts``: disjoint parts that both tables have in common,
    of which the unions may hold any; the pair is found in each of them.
    """

    pair: Option
    parts: tuple[Option, ...] = (NEUTRAL,)


def dimensions(one: Shape, two: Shape, publics: Publics) -> list[list[Way]] | None:
    """By dimension, the ways; None if two tables have nobody in common as far as documents tell.

    The target groups of both are the same, or None.
    """
    surroundings = _surroundings(one, two)
    if surroundings is None:
        return None
    found = [[Way(option)] for option in surroundings]
    names = sorted({*one.variables, *two.variables})
    local: dict[str, list[str]] = {s: [] for s in {*one.nodes, *two.nodes}}
    for name in names:
        mine, theirs = one.variables.get(name), two.variables.get(name)
        uses = mine or theirs
        assert uses is not None
        if mine and theirs and mine.meaning != theirs.meaning:
            found.append([Way(unknown(name))])
        elif uses.local:
            local.setdefault(uses.sectors[0], []).append(name)
        else:
            make = partial(_joint, name, mine, theirs, publics)
            joint = publics.remembered("joint", name, mine, theirs, make)
            found.append(_ways([_option(p, name) for p in joint]))
    found += [_sector(s, local[s], one, two, publics) for s in sorted(local)]
    return found if all(found) else None


def _ways(options: list[Option]) -> list[Way]:
    same = tuple(option for option in options if not option.where)
    return [*([Way(NEUTRAL, same)] if same else []), *(Way(o) for o in options if o.where)]


def _surroundings(one: Shape, two: Shape) -> list[Option] | None:
    """Period and nodes: nobody knows how many citizens a difference there is about, so it counts as small."""
    found = []
    if one.period != two.period:
        if not little(one, two):
            return None
        found.append(unknown("period"))
    for sector in sorted({*one.nodes} & {*two.nodes}):
        mine, theirs = {*one.nodes[sector]}, {*two.nodes[sector]}
        if mine.isdisjoint(theirs):
            return None
        if mine != theirs:
            found.append(unknown("nodes"))
    return found


def unknown(where: str) -> Option:
    """A difference about which there are no figures."""
    return Option(1, 1, 1 - TINY, (where,), False)


def little(one: Shape, two: Shape) -> bool:
    """Whether two periods differ by a little: the days, and the day on which states are read."""
    a, b = one.period, two.period
    common = (min(a.until, b.until) - max(a.from_, b.from_)).days
    if common <= 0:
        return False
    differing = (a.until - a.from_).days + (b.until - b.from_).days - 2 * common
    return LITTLE * max(differing, abs((a.as_of - b.as_of).days)) <= common


def _joint(name: str, mine: Uses | None, theirs: Uses | None, publics: Publics) -> tuple[Piece, ...]:
    """A variable that several sectors supply: who is known to none of them is one more atom."""
    uses = mine or theirs
    assert uses is not None
    bandings = used_bandings(u for u in (mine, theirs) if u)
    atoms, shares = publics.atoms(name, uses, bandings)
    nowhere = (ABSENT,) * len(bandings)
    if not uses.interval:
        atoms = (*atoms, nowhere)
        present = [publics.present(s) for s in uses.sectors]
        if shares is not None and None not in present:
            away = 1.0
            for share in present:
                away *= 1 - min(1.0, share or 0.0)
            shares = (*((1 - away) * s for s in shares), away)
        else:
            shares = None
    order: dict[object, int] = {banding: i for i, banding in enumerate(bandings)}
    blocks = [_blocks(u, atoms, order) for u in (mine, theirs)]
    return pieces(blocks[0], blocks[1], shares)


def _blocks(uses: Uses | None, atoms: tuple[Atom, ...], order: dict[object, int]) -> Blocks:
    """Which block of a table each atom is in; a table that doesn't use the variable has one."""
    if uses is None:
        return (0,) * len(atoms)
    numbers: dict[str, int] = {}
    blocks: list[int | None] = []
    for atom in atoms:
        block: int | None = 0
        if any(atom[order[kept.banding]] not in kept.levels for kept in uses.within):
            block = None
        elif uses.split is not None:
            level = atom[order[uses.split]]
            block = numbers.setdefault(level, len(numbers)) if uses.keeps(level) else None
        blocks.append(block)
    return tuple(blocks)


def _sector(sector: str, names: list[str], one: Shape, two: Shape, publics: Publics) -> list[Way]:
    """Presence at a sector, and what only it supplies."""
    share = publics.present(sector)
    weights = None if share is None else (1 - min(1.0, share), min(1.0, share))
    blocks = [_presence(sector, names, shape) for shape in (one, two)]
    inner: list[tuple[tuple[Piece, ...], Piece | None]] = []
    for name in names:
        mine, theirs = one.variables.get(name), two.variables.get(name)
        local = partial(_local, name, mine, theirs, publics)
        inner.append(publics.remembered("local", name, mine, theirs, local))
    same: list[Option] = []
    found: list[Way] = []
    for presence in pieces(blocks[0], blocks[1], weights):
        own = _option(presence, sector)
        if presence.one == presence.two == frozenset({HERE}):
            ways = [Way(NEUTRAL, (own,))]
            for name, (pairs, _) in zip(names, inner, strict=True):
                ways = [_both(a, b) for a in ways for b in _ways([_option(p, name) for p in pairs])]
            same += [part for way in ways if not way.pair.where for part in way.parts]
            found += [way for way in ways if way.pair.where]
        elif presence.one == presence.two == frozenset({AWAY}):
            same.append(own)
        elif all(whole is not None for _, whole in inner):
            here = NEUTRAL
            for name, (_, whole) in zip(names, inner, strict=True):
                here = joined(here, _option(whole, name)) if whole else here
            own = _mixed(presence, own, here, weights)
            same += [] if own.where else [own]
            found += [Way(own)] if own.where else []
    return [*([Way(NEUTRAL, tuple(same))] if same else []), *found]


def _mixed(presence: Piece, own: Option, here: Option, weights: tuple[float, float] | None) -> Option:
    """``here`` among those whom the sector knows, beside those whom it doesn't."""
    if weights is None:
        return joined(own, here)

    def share(atoms: frozenset[int], inside: float) -> float:
        return fsum(weights[atom] * (inside if atom == HERE else 1.0) for atom in atoms)

    common = presence.one & presence.two
    return Option(
        share(presence.one, here.first),
        share(presence.two, here.second),
        share(common, here.both),
        (*own.where, *here.where),
        own.known and here.known,
        share(common, here.most),
    )


def _both(a: Way, b: Way) -> Way:
    return Way(joined(a.pair, b.pair), tuple(joined(x, y) for x, y in product(a.parts, b.parts)))


def _presence(sector: str, names: list[str], shape: Shape) -> Blocks:
    """Blocks over (away, here)."""
    away, split = sector not in shape.present, False
    here = True
    if sector in shape.presence:
        wanted = shape.presence[sector]
        split = True
        away &= wanted is None or ABSENT in wanted
        here &= wanted is None or bool({"present", "PRESENT"} & {*wanted})
    for name in names:
        uses = shape.variables.get(name)
        if uses is not None and uses.split is not None:
            split = True
            away &= uses.keeps(ABSENT)
            here &= uses.required is None or uses.required != (ABSENT,)
    return (0 if away else None, (1 if split else 0) if here else None)


def _local(
    name: str, mine: Uses | None, theirs: Uses | None, publics: Publics
) -> tuple[tuple[Piece, ...], Piece | None]:
    """Pairs among those whom the sector knows; and the pair of all of one table and all of the other, where
    both keep somebody and neither leaves a level out that the other needs whole."""
    uses = mine or theirs
    assert uses is not None
    bandings = used_bandings(u for u in (mine, theirs) if u)
    atoms, shares = publics.atoms(name, uses, bandings)
    order: dict[object, int] = {banding: i for i, banding in enumerate(bandings)}
    first, second = _blocks(mine, atoms, order), _blocks(theirs, atoms, order)
    everybody = frozenset(a for a in range(len(atoms)) if shares is None or shares[a] > 0)
    kept = [frozenset(a for a in everybody if blocks[a] is not None) for blocks in (first, second)]
    whole = None
    if everybody in kept and all(kept):
        if shares is None:
            same = kept[0] == kept[1]
            whole = Piece(1, 1, 1 if same else 1 - TINY, not same, same, *kept)
        else:
            sizes = [size(both, shares) for both in (*kept, kept[0] & kept[1])]
            whole = Piece(sizes[0], sizes[1], sizes[2], kept[0] != kept[1], True, *kept)
    return pieces(first, second, shares), whole


def joined(a: Option, b: Option) -> Option:
    """Both at once."""
    return Option(
        a.first * b.first,
        a.second * b.second,
        a.both * b.both,
        (*a.where, *b.where),
        a.known and b.known,
        a.most * b.most,
    )


def _option(piece: Piece, name: str) -> Option:
    where = (name,) if piece.differs else ()
    most = piece.both if piece.known else 1.0
    return Option(piece.first, piece.second, piece.both, where, piece.known, most)

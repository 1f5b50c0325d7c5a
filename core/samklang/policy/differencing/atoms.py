"""The finest parts of a variable that a set of bandings tells apart, and how many citizens each has.

An *atom* is a set of values that lie in the same level of every banding. Public figures give the share of
levels; the shares of atoms follow where these equations determine them (the year 65 is what lies between
"under 65" and "under 66"). What they don't determine is unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from samklang.model.codebook import Banding

__all__ = ["ABSENT", "MISSING", "Atom", "atoms_of", "shares_of"]

ABSENT, MISSING = "ABSENT", "MISSING"
SIDES = ("START-ONLY", "END-ONLY")

Atom = tuple[str, ...]
"""By banding, the level that the values of this atom have."""

_EXACT = 1e-9


@lru_cache(maxsize=4096)
def atoms_of(bandings: tuple[Banding, ...], interval: bool, always: bool) -> tuple[Atom, ...]:
    """All atoms, each once, in the order of their values.

    Args:
        bandings: of one variable.
        interval: the variable is one: there are citizens with one of the two events and with none.
        always: everybody has a value.
    """
    edges = sorted({e for b in bandings for x in b.levels for e in (x.from_, x.until) if e is not None})
    listed = {(type(v), v) for b in bandings for level in b.levels for v in level.values or ()}
    values: list[object] = []
    if edges:
        borders = [None, *edges, None]
        for low, high in pairwise(borders):
            count = None if low is None or high is None else high - low
            inside = sum(kind is int and _in(v, low, high) for kind, v in listed)
            if count is None or count > inside:  # else every value of this stretch is listed by itself
                values.append(low + 0.5 if low is not None else edges[0] - 0.5)
    values += [v for _, v in sorted(listed, key=lambda kv: (kv[0].__name__, str(kv[1])))]
    if not edges and not any(kind is int for kind, _ in listed):
        values.append(object())  # a text that nobody listed
    elif not edges:
        values.append(0.5)
    found = dict.fromkeys(tuple(_level(banding, value) for banding in bandings) for value in values)
    if interval:
        found |= dict.fromkeys((name,) * len(bandings) for name in (*SIDES, ABSENT))
    elif not always:
        found[(MISSING,) * len(bandings)] = None
    return tuple(found)


def _in(value: object, low: int | None, high: int | None) -> bool:
    assert isinstance(value, int)
    return (low is None or low <= value) and (high is None or value < high)


def _level(banding: Banding, value: object) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    for level in banding.levels:
        if level.values is not None and any(type(v) is type(value) and v == value for v in level.values):
            return level.id
        ranged = level.from_ is not None or level.until is not None
        if (
            ranged
            and number
            and (level.from_ is None or level.from_ <= value)  # type: ignore[operator]
            and (level.until is None or value < level.until)  # type: ignore[operator]
        ):
            return level.id
    return banding.other if banding.other is not None else MISSING


def shares_of(
    used: Sequence[Banding],
    known: Sequence[tuple[Banding, Mapping[str, float]]],
    *,
    interval: bool,
    always: bool,
) -> tuple[tuple[Atom, ...], tuple[float, ...] | None]:
    """The atoms of ``used`` and their shares of the citizens whom the variable's sectors know.

    Args:
        used: bandings that tell the atoms apart.
        known: other bandings and the shares of their levels; what is missing to 1 has no value.

    Returns:
        (atoms, shares); None for the shares if one of them isn't determined. 0: the figures say that there is
        nobody.
    """
    atoms = atoms_of(tuple(used), interval, always)
    if not known:
        return atoms, None
    fine = atoms_of((*used, *(banding for banding, _ in known)), interval, always)
    equations, totals = [np.ones(len(fine))], [1.0]
    rest = ABSENT if interval else MISSING
    for position, (_, shares) in enumerate(known, len(used)):
        levels = {atom[position] for atom in fine}
        for level in levels - {rest}:
            equations.append(np.array([float(atom[position] == level) for atom in fine]))
            totals.append(shares.get(level, 0.0))
    matrix = np.array(equations)
    _, values, right = np.linalg.svd(matrix)
    free = right[int((values > _EXACT).sum()) :]
    solution = np.linalg.lstsq(matrix, np.array(totals), rcond=None)[0]
    found = []
    for atom in atoms:
        member = np.array([float(f[: len(used)] == atom) for f in fine])
        if len(free) and float(np.abs(free @ member).max()) > _EXACT:
            return atoms, None
        share = float(solution @ member)
        found.append(share if share > _EXACT else 0.0)
    return atoms, tuple(found)

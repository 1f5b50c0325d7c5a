"""Complementary suppression: no hidden cell follows by subtraction from what is shown.

A cell below the threshold is hidden. If a margin that it belongs to is shown and all other cells of that
margin are, subtraction gives it back. So further cells are hidden until the linear system of everything
shown determines none of the hidden ones. The numbers are noisy, so this protects presentation, what people
read from a table, and no citizen's privacy, which the noise has seen to.

Deterministic: the least cell of a margin goes first, ties by position. A cell is determined exactly if its
unit vector lies in the row space of the margins restricted to the hidden cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Suppressed", "complementary", "determined"]

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_CERTAIN = 1 - 1e-9


@dataclass(frozen=True)
class Suppressed:
    """What is hidden besides the primary cells.

    Attributes:
        cells: flags by cell, shape (K,).
        groups: per margin, flags of the groups that can't be shown because no cell is left to hide.
    """

    cells: Flags
    groups: tuple[Flags, ...]


def determined(hidden: Flags, margins: Sequence[Ints]) -> Flags:
    """Which hidden cells the margins determine, shape (K,).

    Args:
        hidden: flags by cell.
        margins: each a group number by cell, -1 where the cell is in no shown group of that margin.
    """
    places = np.flatnonzero(hidden)
    out = np.zeros(len(hidden), bool)
    if not len(places) or not margins:
        return out
    rows = []
    for margin in margins:
        there = margin[places]
        for group in np.unique(there[there >= 0]):
            rows.append(there == group)
    if not rows:
        return out
    matrix = np.unique(np.array(rows, np.float64), axis=0)
    _, values, right = np.linalg.svd(matrix, full_matrices=False)
    basis = right[values > 1e-9 * max(1.0, values[0])]
    # The squared length of a unit vector's projection: 1 if the row space holds it.
    out[places] = (basis**2).sum(axis=0) > _CERTAIN
    return out


def complementary(hidden: Flags, margins: Sequence[Ints], weight: NDArray[np.float64]) -> Suppressed:
    """Hide more cells, and groups where that isn't enough, until nothing hidden is determined.

    Args:
        hidden: cells below the threshold, shape (K,).
        margins: what is shown of sums, as in :func:`determined`.
        weight: how much is lost with a cell; the least goes first. Shape (K,).
    """
    now = hidden.copy()
    open_margins = [margin.copy() for margin in margins]
    order = np.lexsort((np.arange(len(weight)), weight))
    while True:
        known = _alone(now, open_margins)
        if not known.any():
            known = determined(now, open_margins)
        if not known.any():
            break
        cell = int(np.flatnonzero(known)[0])
        if not _hide_beside(cell, now, open_margins, order):
            for margin in open_margins:  # nothing is left beside it: the sums themselves must go
                if margin[cell] >= 0:
                    margin[margin == margin[cell]] = -1
    groups = tuple(_closed(before, after) for before, after in zip(margins, open_margins, strict=True))
    return Suppressed(now & ~hidden, groups)


def _alone(hidden: Flags, margins: Sequence[Ints]) -> Flags:
    """Cells that are the only hidden one of a group: the usual case, found without linear algebra."""
    out = np.zeros(len(hidden), bool)
    for margin in margins:
        inside = hidden & (margin >= 0)
        if inside.any():
            per_group = np.bincount(margin[inside], minlength=int(margin.max()) + 1)
            out |= inside & (per_group[np.maximum(margin, 0)] == 1)
    return out


def _hide_beside(cell: int, hidden: Flags, margins: Sequence[Ints], order: Ints) -> bool:
    """Hide the least shown cell that shares a group with ``cell``, one that is alone there if it can."""
    alone: Flags = np.zeros(len(hidden), bool)
    any_group = alone.copy()
    for margin in margins:
        if margin[cell] < 0:
            continue
        group = margin == margin[cell]
        any_group |= group
        if (group & hidden).sum() == 1:
            alone |= group
    for wanted in (alone, any_group):
        free = order[(wanted & ~hidden)[order]]
        if len(free):
            hidden[free[0]] = True
            return True
    return False


def _closed(before: Ints, after: Ints) -> Flags:
    out = np.zeros(int(before.max(initial=-1)) + 1, bool)
    gone = (before >= 0) & (after < 0)
    out[before[gone]] = True
    return out

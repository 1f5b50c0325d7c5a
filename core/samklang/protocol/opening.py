"""Dummies before the cells are opened, counts and sums after."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.privacy.budget import PARTIES
from samklang.privacy.draws import draw_dummies
from samklang.privacy.noise import NoiseSource
from samklang.protocol.encodings import INVALID
from samklang.protocol.prg import Label
from samklang.protocol.program import Program
from samklang.protocol.table import Table
from samklang.protocol.words import Column, Words


def dummies(table: Table, noise: NoiseSource) -> Words:
    """One compute party's dummy groups in the clear: shift + Z per cell, topped up with all-absent ones
    to the plan's public total; every measure 0."""
    drawn = draw_dummies(noise, table.noise)
    words = Words.zeros(table.shape, table.noise.dummy_total)
    filled = int(drawn.per_cell.sum())
    for axis, column in enumerate(words.narrow):
        column[:filled] = table.cells.levels[:, axis].repeat(drawn.per_cell)
    return words


def dummies_label(attempt: int, table: Table, party: str) -> Label:
    """Label of the seeded share of one party's dummies."""
    return Label(attempt, f"{table.prefix}dummies/share", direction=party)


@dataclass(frozen=True, slots=True)
class Opened:
    """What one opening party knows after step 9.

    Attributes:
        counts: opened groups per released cell, then all conflicts; shape (K + 1,) int64.
        sums: its share of every measure per released cell; shape (m, K) uint64.
    """

    counts: NDArray[np.int64]
    sums: NDArray[np.uint64]


def tolerance(table: Table, noise: NoiseSource) -> int:
    """How many impossible groups one opening party lets pass: as random as the dummies of one cell.

    Honest nodes cause none, and a party that marks real groups causes thousands, those of the padding
    included. If a single one were refused, a node that falsifies one row could tell from a failed attempt
    whether its citizen is at another node.
    """
    plan = table.noise
    drawn = int(noise.discrete_gaussian(plan.sigma_local, 1)[0])
    return plan.shift + min(max(drawn, -plan.shift), plan.shift)


def tally(table: Table, axes: list[Column], measures: list[Column], *, tolerated: int = 0) -> Opened:
    """Count the opened axis words by cell, apply ``require``, add up the shares of the measures.

    Args:
        axes: opened levels, axes × (G,) uint8.
        measures: one party's shares, m × (G,) uint64, in the same order.
        tolerated: how many groups with levels that exclude each other are counted as invalid.

    Raises:
        SamklangError: ``protocol-impossible`` if there are more of them.
    """
    cells = table.cells
    cell = cells.of(axes)
    # Honest groups are possible or INVALID throughout; many others are marks that somebody left.
    invalid = cell == cells.opened - 1
    impossible = np.logical_or.reduce([column[invalid] != INVALID for column in axes])
    if int(np.count_nonzero(impossible)) > tolerated:
        raise SamklangError("protocol-impossible")
    counts = np.bincount(cell + 1, minlength=cells.opened + 1)[1:]
    released = np.append(counts[cells.kept], counts[cells.conflicts].sum()).astype(np.int64)
    sums = np.zeros((len(measures), len(cells.kept)), np.uint64)
    if measures:
        place = np.full(cells.opened + 1, len(cells.kept), np.uint16)
        place[cells.kept] = np.arange(len(cells.kept))
        where = place[cell]  # all-absent is -1: the spare last entry
        order = np.argsort(where, kind="stable")  # radix sort for 16-bit keys
        ordered = where[order]
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
        found = ordered[starts]
        inside = found < len(cells.kept)
        for row, share in zip(sums, measures, strict=True):
            if len(ordered):
                row[found[inside]] = np.add.reduceat(share[order], starts)[inside]
    return Opened(released, sums)


@dataclass(frozen=True, slots=True)
class MarginOutcome:
    """The margin's noisy numbers, shifts already taken off; noise of its own, independent of the table's.

    How to read the sums: ``program.margin_table.measure_cells()``; which cells of the table each of its
    cells merges: ``program.margin_cells``.

    Attributes:
        counts: per released cell of the margin, shape (K',) int64; standard deviation
            ``program.margin_table.noise.released_sd``.
        sums: per measure and released cell, shape (m, K') int64.
    """

    counts: NDArray[np.int64]
    sums: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the protocol hands to the release: noisy numbers, shifts already taken off.

    Attributes:
        counts: per released cell, shape (K,) int64; standard deviation ``noise.released_sd``.
        conflicts: how many citizens stand in conflict cells or are held by too many nodes, one number.
        conflict_sd: its standard deviation.
        sums: sums of words per measure and released cell, shape (m, K) int64. How to read them, and their
            standard deviation by cell: ``program.table.measure_cells()``.
        linkage: citizens known at exactly 1, 2, … nodes; shape (plan.k_max,) int64. Where the last number
            is above the program's ``largest_group`` it counts those known at that many or more.
        margin: the margin's numbers, if the query asks for one.
    """

    counts: NDArray[np.int64]
    conflicts: int
    conflict_sd: float
    sums: NDArray[np.int64]
    linkage: NDArray[np.int64]
    margin: MarginOutcome | None = None


Halves = tuple[Opened, Opened]
"""What both opening parties report of one opening."""


def _added(halves: Halves) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(opened counts, which must agree; sums, whose shares add up)."""
    first, second = halves
    if not np.array_equal(first.counts, second.counts):
        raise SamklangError("protocol-counts-differ")
    with np.errstate(over="ignore"):
        return first.counts.copy(), (first.sums + second.sums).view(np.int64)


def combine(
    program: Program, halves: Halves, sizes: NDArray[np.int64], margin: Halves | None = None
) -> Outcome:
    """Step 11: the counts of both parties must agree, their shares of the sums add up.

    Raises:
        SamklangError: ``protocol-counts-differ``.
    """
    counts, sums = _added(halves)
    plan = program.noise
    conflict_cells = len(program.cells.conflicts)
    # Groups that are too large are padded like every size, and their padding is INVALID as they are.
    overfull = PARTIES * (plan.k_max > program.largest_group)
    counts[:-1] -= PARTIES * plan.shift
    counts[-1] -= PARTIES * plan.shift * conflict_cells + overfull * plan.shift_pad
    conflict_sd = math.sqrt(conflict_cells * plan.released_sd**2 + overfull * plan.s_pad**2)
    linkage = sizes[: plan.k_max].copy()
    linkage[1:] -= PARTIES * plan.shift_pad
    spare = plan.pad_total - plan.shift_pad * sum(range(2, plan.k_max + 1))
    linkage[0] -= len(program.inputs) * plan.shift_pad + PARTIES * spare
    second = None
    if margin is not None:
        assert plan.margin is not None
        margin_counts, margin_sums = _added(margin)
        second = MarginOutcome(margin_counts[:-1] - PARTIES * plan.margin.shift, margin_sums)
    return Outcome(counts[:-1], int(counts[-1]), conflict_sd, sums, linkage, second)

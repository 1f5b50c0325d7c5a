"""The margin in the release: fewer axes, known twice, from an opening of its own and from its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.coordinator.release.axes import axes, cell_names
from samklang.coordinator.release.cells import MEAN_DIGITS, basis
from samklang.coordinator.release.readings import Reading, figure, readings
from samklang.coordinator.release.rules import BELOW, NOT_ESTIMABLE, SECONDARY, Rules
from samklang.estimate.margins import Part, Weighted, margin_intervals, margin_measures, weighted
from samklang.estimate.means import Ratios
from samklang.model.codebook import Codebook
from samklang.protocol.opening import Outcome
from samklang.protocol.program import Program
from samklang.protocol.table import Table

__all__ = ["Margins", "margins"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Margins:
    """The margin's numbers before anything is hidden.

    Attributes:
        table: its opening.
        found: counts from both openings.
        shown_from: threshold of each margin, shape (groups,).
        group: by cell of the table, its margin, -1 for none.
    """

    table: Table
    found: Weighted
    shown_from: Floats
    group: Ints
    outcome: Outcome

    @property
    def shown(self) -> Flags:
        return np.asarray(self.found.value >= self.shown_from)

    @property
    def open_group(self) -> Ints:
        """As ``group``, without the margins that are below their threshold."""
        shown = np.append(self.shown, False)
        return np.where(shown[self.group], self.group, -1)


def margins(program: Program, outcome: Outcome, rules: Rules) -> Margins | None:
    """The margin's counts, or None if the query asks for none."""
    table = program.margin_table
    if table is None or outcome.margin is None:
        return None
    group = program.margin_cells
    inside = group >= 0
    found = weighted(
        outcome.margin.counts.astype(np.float64),
        table.noise.released_sd**2,
        outcome.counts[inside].astype(np.float64),
        group[inside],
        program.noise.released_sd**2,
    )
    thresholds = {sd: rules.threshold(sd) for sd in np.sqrt(np.unique(found.variance)).tolist()}
    shown_from = np.array([thresholds[sd] for sd in np.sqrt(found.variance).tolist()], np.float64)
    return Margins(table, found, shown_from, group, outcome)


def section(
    made: Margins, program: Program, codebook: Codebook, fine: Sequence[Reading], closed: Flags
) -> dict[str, Any]:
    """As it stands in the release.

    Args:
        fine: how the table's measures are read.
        closed: margins from which a hidden cell of the table would follow.
    """
    assert made.outcome.margin is not None
    shown = made.shown & ~_padded(closed, len(made.shown))
    intervals = margin_intervals(made.found, shown, made.shown_from)
    direct = readings(made.table, made.outcome.margin.sums)
    measured = [(reading, *_measured(made, program, direct, fine, at)) for at, reading in enumerate(direct)]
    sizes = np.bincount(made.group[made.group >= 0], minlength=len(shown))
    cells: list[dict[str, Any]] = []
    for at, levels in enumerate(cell_names(made.table)):
        cell: dict[str, Any] = {"levels": levels, "shown": bool(shown[at]), "merged": int(sizes[at])}
        if not shown[at]:
            reason = SECONDARY if made.shown[at] else BELOW
            cells.append(cell | {"reason": reason, "count": None})
            continue
        cell["count"] = round(float(made.found.value[at]))
        cell["count_interval"] = [int(np.floor(intervals.low[at])), int(np.ceil(intervals.high[at]))]
        cell["count_basis"] = basis(intervals, at)
        for reading, total, mean in measured:
            if not reading.count:
                near = bool(intervals.conditional[at])
                cell[reading.name] = _entry(reading, total, mean, at, near)
        cells.append(cell)
    sds = np.sqrt(made.found.variance)
    return {
        "axes": axes(made.table, codebook),
        "count_sd": f"{float(sds.max(initial=0.0)):.4f}",
        "cells": cells,
    }


def _measured(
    made: Margins, program: Program, direct: Sequence[Reading], fine: Sequence[Reading], at: int
) -> tuple[Ratios, Ratios]:
    assert made.outcome.margin is not None
    inside = made.group >= 0
    coarse = _part(direct, at, made.outcome.margin.counts, made.table.noise.released_sd)
    table = _part(fine, at, made.outcome.counts, program.noise.released_sd, inside)
    return margin_measures(coarse, table, made.group[inside])


def _part(
    found: Sequence[Reading], at: int, counts: Ints, count_sd: float, inside: Flags | None = None
) -> Part:
    reading = found[at]
    over, sd = counts.astype(np.float64), count_sd
    if reading.counted >= 0:
        over, sd = found[reading.counted].total, float(found[reading.counted].sd[0])
    keep = np.ones(len(over), bool) if inside is None else inside
    return Part(reading.total[keep], reading.sd[keep], reading.middle[keep], over[keep], sd)


def _entry(reading: Reading, total: Ratios, mean: Ratios, at: int, near: bool) -> dict[str, Any]:
    """Near the threshold the count has been selected: no mean is given there."""
    floor = 0.0 if reading.low[at] >= 0 else -np.inf
    ends = (max(floor, total.low[at]), max(floor, total.high[at]))
    found: dict[str, Any] = {
        "sum": figure(total.value[at], reading.digits),
        "sum_interval": [figure(end, reading.digits) for end in ends],
    }
    if near or np.isnan(mean.value[at]):
        return found | {"mean": None, "mean_reason": NOT_ESTIMABLE}
    digits = reading.digits + MEAN_DIGITS
    cut = [float(np.clip(x[at], reading.low[at], reading.high[at])) for x in (mean.low, mean.high)]
    return found | {
        "mean": figure(mean.value[at], digits),
        "mean_interval": [figure(end, digits) for end in cut],
    }


def _padded(flags: Flags, size: int) -> Flags:
    out = np.zeros(size, bool)
    out[: len(flags)] = flags
    return out

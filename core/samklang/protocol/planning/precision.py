"""What the noise leaves of a table: which cells are shown, how well they are known, what a sum is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.estimate.counts import threshold
from samklang.model.codebook import Codebook, Measure
from samklang.model.query import Draft
from samklang.protocol.planning.expected import Expected, Known
from samklang.protocol.program import Program

__all__ = [
    "DEFAULT_MIN_COUNT", "WITHIN", "Z95", "MeasurePrecision", "Precision",
    "measures", "precision", "threshold",
]  # fmt: skip

DEFAULT_MIN_COUNT = 5
"""Least count of a shown cell where no policy says more."""
Z95 = 1.959963984540054
WITHIN = 0.2
"""A cell is called well known if its 95 % interval is within ± this share of its count."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Of an expected table; shares are of the citizens in its cells.

    Attributes:
        citizens: in all released cells.
        shown_cells: how many are expected to be shown.
        shown: share of citizens in cells shown.
        within: share of citizens in cells known within ±:data:`WITHIN`.
        typical: half of the citizens are in cells of at least this count.
    """

    citizens: float
    shown_cells: float
    shown: float
    within: float
    typical: float


def precision(counts: NDArray[np.float64], sd: float, shown_from: int) -> Precision | None:
    """What a noise of ``sd`` leaves of ``counts``; None for a table without citizens."""
    citizens = float(counts.sum())
    if citizens <= 0:
        return None
    # The noise is an integer: P(count + noise >= T) is taken at T - 1/2.
    passes = np.array([_upper_tail((shown_from - 0.5 - count) / sd) for count in counts.tolist()])
    known = counts * WITHIN >= Z95 * sd
    falling = np.sort(counts)[::-1]
    return Precision(
        citizens=citizens,
        shown_cells=float(passes.sum()),
        shown=float((counts * passes).sum() / citizens),
        within=float(counts[known].sum() / citizens),
        typical=float(falling[np.searchsorted(np.cumsum(falling), citizens / 2)]),
    )


def _upper_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


@dataclass(frozen=True, slots=True)
class MeasurePrecision:
    """What is known of one measure, in its unit. Bounds may differ from cell to cell, and noise with them:
    what is said is that of a typical cell, the median over the expected citizens (over cells without
    figures).

    Attributes:
        name, as_: as in the query.
        unit_en, unit_da: labels.
        sum_half: half-width of the 95 % interval of a cell's sum.
        mean: expected mean per citizen; None if the codebook has no figure.
        mean_half: half-width of a mean's interval in a cell of typical size; None without figures.
    """

    name: str
    as_: str
    unit_en: str
    unit_da: str
    sum_half: float
    mean: float | None
    mean_half: float | None


def measures(
    program: Program, query: Draft, codebook: Codebook, expected: Expected, found: Precision | None
) -> list[MeasurePrecision]:
    """One entry per measure, in the query's order. A mean's interval is that of a ratio of independent
    noisy numbers, to first order: of a centred sum, a number of citizens matters by the mean's distance
    from the midpoint."""
    own = Known.of(codebook, query.target_group).own
    out = []
    table = program.table
    for measure, read, sds in zip(program.measures, table.measure_cells(), table.plain_sd(), strict=True):
        variable = codebook.variables[measure.name]
        assert isinstance(variable, Measure)
        # Not the cells of citizens whom no node of the measure's knows.
        some = (read.values > 0) | (not read.centred or read.counted >= 0)
        weights = expected.counts[some] if len(expected.counts) else expected.counts
        half = Z95 * _typical(sds[some], weights) / measure.scale
        mean = None
        if own is not None and measure.name in own.means and not measure.count:
            mean = float(own.means[measure.name])
        mean_half = None
        if found is not None and found.typical >= 1 and not measure.count:
            distance = (mean or 0.0) - _typical(read.midpoint[some], weights) / measure.scale
            of_count = Z95 * program.noise.released_sd * distance
            of_sum = Z95 * _typical(read.sd[some], weights) / measure.scale
            mean_half = math.hypot(of_sum, of_count) / found.typical
        as_, unit = ("count", None) if measure.count else ("sum", variable.unit)
        out.append(
            MeasurePrecision(
                measure.name,
                as_,
                unit.en if unit else "citizens",
                unit.da if unit else "borgere",
                half,
                mean,
                mean_half,
            )
        )
    return out


def _typical(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The median, weighted where there are weights."""
    if not len(weights) or weights.sum() <= 0:
        return float(np.median(values))
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(passed, passed[-1] / 2)]])

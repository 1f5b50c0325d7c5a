"""Margins that are known twice, by weighted least squares.

Two openings with independent noise say each margin: directly, and as the sum of its cells. The best unbiased
combination weighs each with the inverse of its variance. Cells themselves stay as they are: their intervals
rest on noise that no other cell shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.estimate.counts import Intervals, given_shown
from samklang.estimate.law import CONFIDENCE, law, z_score
from samklang.estimate.means import Ratios, fieller

__all__ = ["Part", "Weighted", "grouped", "margin_intervals", "margin_measures", "weighted"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Weighted:
    """Estimates with their variances, of one shape."""

    value: Floats
    variance: Floats


def grouped(values: Floats, group: Ints, groups: int) -> Floats:
    """Sums of ``values`` by ``group`` (0..groups-1), shape (groups,)."""
    return np.asarray(np.bincount(group, np.asarray(values, np.float64), groups), np.float64)


def weighted(direct: Floats, direct_variance: float, cells: Floats, group: Ints, variance: float) -> Weighted:
    """Margins that are known twice, by weighted least squares.

    Two openings with independent noise say each margin: directly, and as the sum of its cells. The best
    unbiased combination weighs each with the inverse of its variance.

    Args:
        direct: noisy margins of the second opening, shape (groups,).
        cells: noisy cells, hidden ones too, shape (K,); ``group``: the margin each belongs to.
        variance: of one cell.
    """
    groups = len(direct)
    merged = grouped(np.ones(len(group)), group, groups) * variance
    with np.errstate(divide="ignore"):
        weight = np.where(merged > 0, 1.0 / merged, 0.0)
    total = 1.0 / direct_variance + weight
    value = (
        np.asarray(direct, np.float64) / direct_variance + grouped(cells, group, groups) * weight
    ) / total
    return Weighted(value, 1.0 / total)


@dataclass(frozen=True)
class Part:
    """What one opening says of a measure: ``total``, noisy sums of (value - ``middle``), with ``sd``, over
    ``counts`` of citizens or values with noise of ``count_sd``; by cell of that opening."""

    total: Floats
    sd: Floats
    middle: Floats
    counts: Floats
    count_sd: float


def margin_measures(
    direct: Part, cells: Part, group: Ints, confidence: float = CONFIDENCE
) -> tuple[Ratios, Ratios]:
    """(sums, means) of a measure by margin, from both openings, with their intervals; nothing clipped.

    The table's sums are taken around the margin's middle. Where the two differ, a cell's count matters to its
    sum, and the sums of a margin share noise with its count; Fieller's interval takes the covariance.

    Args:
        direct: of the margin's opening, shape (groups,).
        cells: of the table's, hidden cells too, shape (K,); ``group``: the margin each cell is part of.
    """
    groups, variance = len(direct.total), cells.count_sd**2
    off = cells.middle - direct.middle[group]
    fine = grouped(cells.total + off * cells.counts, group, groups)
    fine_variance = grouped(cells.sd**2 + off**2 * variance, group, groups)
    merged = grouped(np.ones(len(group)), group, groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_sum = direct.sd**2 / (direct.sd**2 + fine_variance)
        of_count = direct.count_sd**2 / (direct.count_sd**2 + merged * variance)
    of_sum, of_count = np.where(merged > 0, of_sum, 0.0), np.where(merged > 0, of_count, 0.0)
    total = (1 - of_sum) * direct.total + of_sum * fine
    total_variance = (1 - of_sum) ** 2 * direct.sd**2 + of_sum**2 * fine_variance
    count = (1 - of_count) * direct.counts + of_count * grouped(cells.counts, group, groups)
    count_variance = (1 - of_count) ** 2 * direct.count_sd**2 + of_count**2 * merged * variance
    covariance = of_sum * of_count * grouped(off, group, groups) * variance
    mean = fieller(total, total_variance, count, count_variance, covariance, confidence)
    middle = direct.middle
    spread = np.sqrt(np.maximum(0.0, total_variance + middle**2 * count_variance + 2 * middle * covariance))
    half = z_score(confidence) * spread
    value = total + middle * count
    return (
        Ratios(value, value - half, value + half),
        Ratios(mean.value + middle, mean.low + middle, mean.high + middle),
    )


def margin_intervals(
    found: Weighted, shown: NDArray[np.bool_], shown_from: Floats, confidence: float = CONFIDENCE
) -> Intervals:
    """Intervals of margins given that they are shown; NaN for the others.

    Args:
        shown_from: each margin's own threshold, shape (groups,).
    """
    low, high = np.full(len(found.value), np.nan), np.full(len(found.value), np.nan)
    conditional, upper = np.zeros(len(low), bool), np.zeros(len(low), bool)
    for sd in np.unique(np.sqrt(found.variance[shown])):
        here = shown & np.isclose(np.sqrt(found.variance), sd)
        noise = law(float(sd))
        ends = given_shown(found.value[here], float(shown_from[here][0]), noise, confidence)
        low[here], high[here] = ends.low, ends.high
        conditional[here], upper[here] = ends.conditional, ends.upper_only
    return Intervals(low, high, conditional, upper)

"""Means per citizen: a noisy sum over a noisy count.

The interval is Fieller's (J. R. Stat. Soc. B 16, 1954): all ratios θ for which sum - θ·count is no farther
from 0 than its noise explains. Where the count itself may well be 0 there is no such interval, and the mean
is *not estimable*.

Near the threshold the count has been selected, and Fieller's set covers less than it says. There the
interval is made of two parts that are each valid given that the cell is shown (Berger and Boos, J. Am.
Stat. Assoc. 89, 1994): the count's own conditional interval, and the sum, whose noise is independent of the
selection, divided by every count in it. It is wider, and it holds.

A mean describes *clipped* values. A node cuts every citizen's value to the measure's bounds before it is
shared, so the clipped mean lies within the bounds, and so does its interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.estimate.counts import given_shown
from samklang.estimate.law import CONFIDENCE, Law, z_score

__all__ = ["Ratios", "fieller", "mean_of", "sum_of"]

FOR_COUNT = 0.2
"""Part of the error probability that the count's interval gets where both parts are combined."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ratios:
    """NaN throughout where not estimable. ``low`` and ``high`` bound ``value``, which isn't clipped."""

    value: Floats
    low: Floats
    high: Floats


def fieller(
    above: Floats,
    above_variance: Floats | float,
    below: Floats,
    below_variance: Floats | float,
    covariance: Floats | float = 0.0,
    confidence: float = CONFIDENCE,
) -> Ratios:
    """``above`` / ``below`` with Fieller's interval; not estimable where ``below`` is within 1.96 sd of 0.

    Args:
        above, below: of one shape.
        above_variance, below_variance, covariance: of their noise.
    """
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    squared = z_score(confidence) ** 2
    a = below**2 - squared * np.asarray(below_variance)
    b = above * below - squared * np.asarray(covariance)
    c = above**2 - squared * np.asarray(above_variance)
    usable = (a > 0) & (below > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(0.0, b**2 - a * c))
        value, low, high = above / below, (b - root) / a, (b + root) / a
    return Ratios(*(np.where(usable, figure, np.nan) for figure in (value, low, high)))


def mean_of(
    total: Floats,
    total_sd: Floats | float,
    count: Floats,
    noise: Law,
    *,
    middle: Floats | float = 0.0,
    bounds: tuple[float, float] | None = None,
    shown_from: float | None = None,
    confidence: float = CONFIDENCE,
) -> Ratios:
    """Means of ``middle`` + ``total`` / ``count``.

    Args:
        total: noisy sums of (value - ``middle``), independent of ``count``.
        total_sd: their standard deviation.
        count: noisy counts of the citizens summed over; ``noise``: their law.
        middle: what the sums are centred at, 0 for sums that aren't.
        bounds: clip bounds of a citizen's value, which intervals are cut to, last.
        shown_from: the counts were selected for reaching this.
    """
    total, count = np.asarray(total, np.float64), np.asarray(count, np.float64)
    total_sd = np.broadcast_to(np.asarray(total_sd, np.float64), total.shape)
    found = fieller(total, total_sd**2, count, noise.sd**2, confidence=confidence)
    low, high, value = found.low, found.high, found.value
    if shown_from is not None:
        near = given_shown(count, shown_from, noise, confidence).conditional
        two = _two_parts(total, total_sd, count, noise, shown_from, confidence)
        # Ends of both: the union covers wherever one of them does.
        low = np.where(near, np.minimum(low, two[0]), low)
        high = np.where(near, np.maximum(high, two[1]), high)
        value = np.where(near & np.isnan(two[0]), np.nan, value)
    value, low, high = value + middle, low + middle, high + middle
    if bounds is not None:
        low, high = np.clip(low, *bounds), np.clip(high, *bounds)
    gone = np.isnan(value)
    return Ratios(value, np.where(gone, np.nan, low), np.where(gone, np.nan, high))


def sum_of(
    total: Floats,
    total_sd: Floats | float,
    count: Floats,
    noise: Law,
    *,
    middle: Floats | float = 0.0,
    shown_from: float | None = None,
    confidence: float = CONFIDENCE,
) -> Ratios:
    """Sums ``total`` + ``middle`` · ``count`` with their intervals; arguments as in :func:`mean_of`.

    Where the sums aren't centred the count plays no part, and neither does its selection.
    """
    total, count = np.asarray(total, np.float64), np.asarray(count, np.float64)
    total_sd = np.broadcast_to(np.asarray(total_sd, np.float64), total.shape)
    middle = np.broadcast_to(np.asarray(middle, np.float64), total.shape)
    value = total + middle * count
    half = z_score(confidence) * np.hypot(total_sd, middle * noise.sd)
    low, high = value - half, value + half
    if shown_from is not None and middle.any():
        alpha = 1 - confidence
        near = (middle != 0) & given_shown(count, shown_from, noise, confidence).conditional
        counts = given_shown(count, shown_from, noise, 1 - FOR_COUNT * alpha)
        half = z_score(1 - (1 - FOR_COUNT) * alpha) * total_sd
        ends = np.stack([middle * counts.low, middle * counts.high])
        low = np.where(near, np.minimum(low, total - half + ends.min(axis=0)), low)
        high = np.where(near, np.maximum(high, total + half + ends.max(axis=0)), high)
    return Ratios(value, low, high)


def _two_parts(
    total: Floats, total_sd: Floats, count: Floats, noise: Law, shown_from: float, confidence: float
) -> tuple[Floats, Floats]:
    """Every count of a conditional interval with every sum of an interval; NaN where the count may be 0."""
    alpha = 1 - confidence
    counts = given_shown(count, shown_from, noise, 1 - FOR_COUNT * alpha)
    half = z_score(1 - (1 - FOR_COUNT) * alpha) * total_sd
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(total + s * half) / n for s in (-1, 1) for n in (counts.low, counts.high)])
    ends[:, counts.low <= 0] = np.nan
    return ends.min(axis=0), ends.max(axis=0)

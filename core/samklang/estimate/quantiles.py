"""Quantiles from bins: in which band does the middle citizen stand?

Where the bands of an axis are ranges of a number, the noisy counts of one stratum say how many citizens are
at or below each band's end: C(b). The p-quantile is in the first band with C(b) ≥ p·N, so what decides is

    D(b) = C(b) - p·N = Σ (1-p)·y_j over bands j ≤ b  -  Σ p·y_j over bands j > b

whose noise has the variance v·((1-p)²·#{j ≤ b} + p²·#{j > b}). The true D only grows with b. Walking from
the lowest band up, a band is below the quantile while D is significantly negative, and the walk ends at the
first that isn't; from the highest band down alike. A walk errs only if it errs at the one band where the
truth changes sign, so an interval of two walks at 2.5 % each holds with 95 %, whatever the number of bands
(a fixed sequence of tests).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.estimate.law import CONFIDENCE, z_score

__all__ = ["MOST_STRATA", "QUARTILES", "Bands", "quantile_bands"]

QUARTILES = (0.25, 0.5, 0.75)
MOST_STRATA = 10
"""More strata than this leave too few citizens in each band."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Bands:
    """Indices of bands by stratum, shape (strata,): ``low`` ≤ ``best`` ≤ ``high``."""

    low: Ints
    best: Ints
    high: Ints


def quantile_bands(counts: Floats, p: float, sd: float, confidence: float = CONFIDENCE) -> Bands:
    """Where the ``p``-quantile of each stratum lies.

    Args:
        counts: noisy counts of every band, hidden ones too, shape (strata, bands), lowest band first.
        p: above 0, below 1.
        sd: standard deviation of each count.

    Raises:
        ValueError: ``p`` out of range or no band.
    """
    counts = np.asarray(counts, np.float64)
    bands = counts.shape[1]
    if not 0 < p < 1 or bands < 1:
        raise ValueError("p must be between 0 and 1, and there must be bands")
    below = np.arange(1, bands + 1)
    difference = np.cumsum(counts, axis=1) - p * counts.sum(axis=1, keepdims=True)
    sds = sd * np.sqrt((1 - p) ** 2 * below + p**2 * (bands - below))
    score = (difference / np.where(sds > 0, sds, 1.0))[:, :-1]  # D of the last band is (1-p)·N: no test
    z = z_score(confidence)
    low = np.cumprod(score < -z, axis=1).sum(axis=1)
    high = bands - 1 - np.cumprod(score[:, ::-1] > z, axis=1).sum(axis=1)
    best = (np.maximum.accumulate(difference[:, :-1], axis=1) < 0).sum(axis=1)
    # A stratum whose noise contradicts itself (both walks cross) is known to no band.
    crossed = low > high
    low, high = np.where(crossed, 0, low), np.where(crossed, bands - 1, high)
    return Bands(low.astype(np.int64), np.clip(best, low, high).astype(np.int64), high.astype(np.int64))

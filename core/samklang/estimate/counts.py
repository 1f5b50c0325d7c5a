"""Counts: which are shown, and what each one says about the true number.

An interval is made by inverting a test: it holds all true numbers n that the observation doesn't reject.

- Before thresholding that is y ± h, h from the exact discrete law.
- A cell is only looked at if y ≥ T. A cell with few citizens that got that far did so by its noise, and
  y ± h would miss its true number far more often than 1 in 20. So what is inverted for shown cells is the
  distribution *given that y ≥ T*: n is rejected if P_n(Y ≥ y | Y ≥ T) or P_n(Y ≤ y | Y ≥ T) is at most
  (1 - confidence) / 2. About four standard deviations above T both intervals are the same.

Numbers of citizens aren't negative: that is applied last, to intervals, never to a number that is still to
be added to others. Where it would leave nothing, the interval is that of an observed 0 (Mandelkern and
Schultz, J. Math. Phys. 41, 2000).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.estimate.law import CONFIDENCE, Law, law

__all__ = ["PASSING", "Intervals", "given_shown", "not_negative", "threshold", "unconditional"]

PASSING = 0.01
"""Probability at most with which a cell of one citizen too few is shown."""
FAR = 14.0
"""Standard deviations above the threshold from which being shown changes nothing."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


def threshold(min_count: int, sd: float, probability: float = PASSING) -> int:
    """The least noisy count that is shown: a true count of ``min_count - 1`` passes with at most
    ``probability``, by the exact law."""
    return int(np.ceil(law(sd).least_passing(min_count - 1, probability)))


@dataclass(frozen=True)
class Intervals:
    """Intervals of the same shape as what was observed.

    Attributes:
        low, high: ends, both included.
        conditional: being shown has changed the interval.
        upper_only: it would have been wholly below zero: what stands here is an upper bound.
    """

    low: Floats
    high: Floats
    conditional: Flags
    upper_only: Flags


def unconditional(observed: Floats, noise: Law, confidence: float = CONFIDENCE) -> Intervals:
    """``observed`` ± half-width, for numbers that weren't selected by their size; nothing clipped."""
    observed = np.asarray(observed, np.float64)
    half, no = noise.half(confidence), np.zeros(observed.shape, bool)
    return Intervals(observed - half, observed + half, no, no)


def not_negative(found: Intervals, half: float) -> Intervals:
    """Clipped at zero. ``half``: half-width of an unconditional interval, used where nothing is left."""
    nothing = found.high < 0
    return Intervals(
        np.maximum(0.0, found.low),
        np.where(nothing, half, found.high),
        found.conditional,
        found.upper_only | nothing,
    )


def given_shown(observed: Floats, shown_from: float, noise: Law, confidence: float = CONFIDENCE) -> Intervals:
    """Intervals of counts given that they reached ``shown_from``, clipped at zero.

    Args:
        observed: noisy counts, all at least ``shown_from``.

    Raises:
        ValueError: a count below ``shown_from``.
    """
    observed = np.asarray(observed, np.float64)
    if observed.size and observed.min() < shown_from:
        raise ValueError("a count below the threshold isn't shown")
    above = np.floor((observed - shown_from) / noise.step + 1e-9)
    far = np.minimum(above, np.ceil(FAR * noise.spread)).astype(np.int64)
    above, place = np.unique(far.reshape(-1), return_inverse=True)
    # No farther down than 0, nor than the law's tails are kept; whoever isn't rejected there has no bound.
    deepest = noise.reach - int(above.max(initial=0)) - 2
    most = min(int(np.ceil(max(0.0, shown_from) / noise.step)), deepest)
    least = -(int(np.ceil(2 * FAR * noise.spread)) + 2)
    half_alpha = (1 - confidence) / 2 * (1 - 1e-12)

    # With m steps from n up to T: n_low has the largest m that is not rejected, n_high the least.
    def kept_low(m: Places) -> Flags:
        return np.asarray(noise.log_tail(m + above) - noise.log_tail(m) > np.log(half_alpha))

    def kept_high(m: Places) -> Flags:
        return np.asarray(-np.expm1(noise.log_tail(m + above + 1) - noise.log_tail(m)) > half_alpha)

    first = np.full(above.shape, least, np.int64)
    last = np.full(above.shape, most + 1, np.int64)
    highest = _boundary(kept_low, first, last)
    lowest = _boundary(lambda m: ~kept_high(m), first, last) + 1
    low = observed - noise.step * (highest + above)[place].reshape(observed.shape)
    low[(highest == most)[place].reshape(observed.shape)] = 0.0
    high = observed - noise.step * (lowest + above)[place].reshape(observed.shape)
    half = noise.half(confidence)
    same = (np.abs(low - (observed - half)) < noise.step / 2) & (
        np.abs(high - (observed + half)) < noise.step / 2
    )
    found = Intervals(low, high, ~same, np.zeros(observed.shape, bool))
    return not_negative(found, half)


def _boundary(holds: Callable[[Places], Flags], first: Places, last: Places) -> Places:
    """The largest m in [first, last) for which ``holds``, which is true up to some m and false beyond."""
    low, high = first.copy(), last.copy()
    while np.any(high - low > 1):
        middle = (low + high) // 2
        true = holds(middle)
        low, high = np.where(true, middle, low), np.where(true, high, middle)
    return low

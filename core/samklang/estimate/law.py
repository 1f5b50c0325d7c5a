"""The law of a released number's noise, exactly, with tails that don't underflow.

Three parties add a discrete Gaussian each. With σ ≥ 2 per party their sum is itself a discrete Gaussian up
to a relative error of about exp(-π²σ²) < 1e-16 (Kairouz, Liu, Steinke 2021, Theorem 1; a test compares it
with the convolution), so one law with the standard deviation √3·σ stands for all three. That it lives on
integers matters: at a standard deviation of 3.5 the interval ±1.96 sd covers 94 % and not 95 %.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONFIDENCE", "Law", "law", "sidak", "z_score"]

CONFIDENCE = 0.95
"""Of every interval that isn't asked for otherwise."""

LATTICE_MAX = 512.0
"""Standard deviation, in lattice steps, above which a coarser lattice stands for the integers."""
REACH = 40.0
"""Standard deviations up to which tails are kept: exp(-800), far beyond what is ever compared."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def z_score(confidence: float) -> float:
    """Half-width of a two-sided normal interval in standard deviations; 1.96 at 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def sidak(confidence: float, among: int) -> float:
    """The confidence of each of ``among`` independent intervals that hold *together* with ``confidence``.

    Noise is independent from cell to cell, so the largest of m deviations stays within c exactly if each
    does: P(max |Z| ≤ c) = P(|Z| ≤ c)^m (Šidák, J. Am. Stat. Assoc. 62, 1967). With the discrete law this
    is the max-statistic itself and not a bound.

    Raises:
        ValueError: ``among`` is not positive.
    """
    if among < 1:
        raise ValueError("among must be positive")
    return float(confidence ** (1.0 / among))


class Law:
    """A discrete Gaussian on multiples of ``step``, symmetric about 0.

    Attributes:
        sd: standard deviation, in units.
        step: distance of the lattice's points, in units; 1 for counts and for sums of integers.
    """

    def __init__(self, sd: float, step: float = 1.0) -> None:
        if not (math.isfinite(sd) and sd > 0 and step > 0):
            raise ValueError("a law needs a positive, finite standard deviation and step")
        self.sd, self.step = sd, step
        self.spread = sd / step
        self.reach = math.ceil(REACH * self.spread) + 2
        places = np.arange(-self.reach, self.reach + 1, dtype=np.float64)
        log_mass = -(places**2) / (2 * self.spread**2)
        tails = np.logaddexp.accumulate(log_mass[::-1])[::-1]
        self._log_tail: Floats = tails - tails[0]

    def log_tail(self, places: Ints) -> Floats:
        """log P(Z ≥ place · step); 0 below the lattice kept, its last value above."""
        return self._log_tail[np.clip(places + self.reach, 0, 2 * self.reach)]

    def tail(self, value: float) -> float:
        """P(Z ≥ value)."""
        place = math.ceil(value / self.step - 1e-9)
        return float(np.exp(self.log_tail(np.array([place], np.int64))[0]))

    def half_steps(self, confidence: float = CONFIDENCE) -> int:
        """The least h with P(|Z| ≤ h · step) ≥ ``confidence``."""
        beyond = math.log1p(-confidence) - math.log(2)
        upper = self._log_tail[self.reach + 1 :]
        return int(np.searchsorted(-upper, -beyond, side="left"))

    def half(self, confidence: float = CONFIDENCE) -> float:
        """Half-width of the interval that covers with at least ``confidence``, in units."""
        return self.half_steps(confidence) * self.step

    def least_passing(self, value: float, probability: float) -> float:
        """The least threshold T (a multiple of ``step``) that ``value`` plus noise passes, that is reaches
        or exceeds, with at most ``probability``."""
        above = int(np.searchsorted(-self._log_tail, -math.log(probability), side="left")) - self.reach
        return value + above * self.step


@lru_cache(maxsize=256)
def law(sd: float) -> Law:
    """The law of an integer's noise of standard deviation ``sd``. Above :data:`LATTICE_MAX` the lattice is
    coarser than the integers, by which an interval grows by at most 0.2 % of ``sd``."""
    return Law(sd, max(1.0, sd / LATTICE_MAX))

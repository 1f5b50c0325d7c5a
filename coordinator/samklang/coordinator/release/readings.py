"""How a measure's released sums are read: in units, around which middle, over which number of citizens."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.opening import Outcome
from samklang.protocol.program import MeasureProgram, Program

__all__ = ["Reading", "figure", "readings"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """One measure, by released cell, in its unit. All arrays have the shape (K,).

    Attributes:
        name, count: the codebook's measure; the count of its values instead of their sum.
        total: noisy Σ (value - ``middle``).
        sd: of its noise.
        middle: what the values were centred at, per citizen counted; 0 where they weren't.
        low, high: what one citizen's clipped sum of values can be.
        counted: position of the reading that counts the values summed over; -1: the cell's citizens.
        digits: decimals that a sum is exact to.
    """

    name: str
    count: bool
    total: Floats
    sd: Floats
    middle: Floats
    low: Floats
    high: Floats
    counted: int
    digits: int


def readings(program: Program, outcome: Outcome) -> list[Reading]:
    """Of every measure, in the query's order."""
    counted = {m.name: i for i, m in enumerate(program.measures) if m.count}
    found = []
    for row, measure in enumerate(program.measures):
        shape = outcome.counts.shape
        sd = program.noise.measure_released_sd[row] / measure.scale
        clip = measure.bounds
        found.append(
            Reading(
                name=measure.name,
                count=measure.count,
                total=outcome.sums[row] / measure.scale,
                sd=np.full(shape, sd),
                middle=np.zeros(shape),
                low=np.full(shape, min(0, clip.low) * clip.suppliers / measure.scale),
                high=np.full(shape, max(0, clip.high) * clip.suppliers / measure.scale),
                counted=-1 if measure.count else counted.get(measure.name, -1),
                digits=_digits(measure),
            )
        )
    return found


def _digits(measure: MeasureProgram) -> int:
    """Decimals of 1/scale, as far as it has few."""
    step = (Decimal(1) / measure.scale).normalize()
    return min(6, max(0, -int(step.as_tuple().exponent)))


def figure(value: float, digits: int) -> str | None:
    """A decimal as text, None for what isn't there; never a negative zero."""
    if not np.isfinite(value):
        return None
    rounded = Decimal(float(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return str(rounded + 0)

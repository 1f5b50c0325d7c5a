"""How a measure's released sums are read: in units, around which middle, over which number of citizens."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.opening import Outcome
from samklang.protocol.program import MeasureProgram, Program
from samklang.protocol.table import Table

__all__ = ["Reading", "figure", "of_table", "readings"]

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
    return of_table(program.table, outcome.sums)


def of_table(table: Table, sums: NDArray[np.int64]) -> list[Reading]:
    """Of every measure of one opening: the table, or its margin (``sums`` are that opening's)."""
    found = []
    for row, (measure, read) in enumerate(zip(table.measures, table.measure_cells(), strict=True)):
        # A centred word is twice the distance from the middle; a citizen has as many as there are holders.
        words = sums[row] / (2 if read.centred else 1)
        by_citizens = read.centred and read.counted < 0
        bounds = measure.bounds[0]
        each = read.values if by_citizens else np.full(len(words), bounds.suppliers)
        low, high = (
            (read.low, read.high) if read.centred else (np.minimum(read.low, 0), np.maximum(read.high, 0))
        )
        found.append(
            Reading(
                name=measure.name,
                count=measure.count,
                total=words / measure.scale,
                sd=read.sd / measure.scale,
                middle=read.midpoint * (read.values if by_citizens else 1) / measure.scale,
                low=low * each / measure.scale,
                high=high * each / measure.scale,
                counted=read.counted,
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

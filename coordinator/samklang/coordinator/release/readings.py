"""How a measure's released sums are read: in units, around which middle, over which number of citizens."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.program import MeasureProgram
from samklang.protocol.table import Table

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


def readings(table: Table, sums: NDArray[np.int64]) -> list[Reading]:
    """Of every measure of an opening, in the query's order.

    Args:
        sums: released sums of words, shape (m, K).
    """
    found = []
    for measure, read, row in zip(table.measures, table.measure_cells(), sums, strict=True):
        scale = measure.scale
        # Over values, each is one of its own; over citizens, a citizen has as many as nodes supply.
        each = np.ones(row.shape) if read.counted >= 0 else read.values.astype(np.float64)
        low, high = read.low * each, read.high * each
        if not read.centred:
            suppliers = max(bounds.suppliers for bounds in measure.bounds)
            low, high = np.minimum(0, read.low) * suppliers, np.maximum(0, read.high) * suppliers
        found.append(
            Reading(
                name=measure.name,
                count=measure.count,
                total=row / (2 * scale if read.centred else scale),
                sd=read.sd / scale,
                middle=read.midpoint * each / scale,
                low=low / scale,
                high=high / scale,
                counted=read.counted,
                digits=_digits(measure) + int(read.centred),
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

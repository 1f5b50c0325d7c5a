"""One opening of an attempt: the table that was asked for, or its margin; and how to read its sums.

A released sum of a centred measure is S = Σ (2x - (lo + hi)) over the values x of a cell's citizens, in
whole 1/scale of a unit. With N values in the cell, Σ x = (S + N (lo + hi)) / 2, and the mean of x is
mid + S / 2N: what a number of citizens leaves uncertain is multiplied by the distance from the midpoint
instead of that from zero, and the noise of S is half of what [0, hi] would need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from samklang.privacy.budget import Noise
from samklang.protocol.cells import Cells
from samklang.protocol.words import Shape, Words

if TYPE_CHECKING:
    from samklang.protocol.program import AxisProgram, MeasureProgram, MergedAxis

__all__ = ["MeasureCells", "Table"]


@dataclass(frozen=True, slots=True)
class MeasureCells:
    """How to read one measure's released sums, by released cell; all in the measure's integers (1/scale).

    Attributes:
        low, high: clip bounds of a value, shape (K,) int64.
        midpoint: (low + high) / 2 where the measure is centred, else 0; shape (K,) float64.
        half_width: (high - low) / 2, shape (K,) float64.
        sd: standard deviation of a sum's noise (for a given number of values), shape (K,) float64.
        values: how many values each citizen of a cell has, shape (K,) int64; where ``counted`` is not -1
            that number is released as a measure of its own and this is 0.
        counted: position of the measure that counts the values, or -1.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    midpoint: NDArray[np.float64]
    half_width: NDArray[np.float64]
    sd: NDArray[np.float64]
    values: NDArray[np.int64]
    counted: int

    @property
    def centred(self) -> bool:
        return self.counted >= 0 or bool(self.values.any())


@dataclass(frozen=True)
class Table:
    """One opening.

    Attributes:
        prefix: what its stages, labels and durable events begin with: nothing, or ``margin/``.
        columns: which of a group's axis words are its axes.
        axes: these axes.
        shown: places of those that an answer has; the others are hidden.
        cells: its cells.
        measures: its measures.
        noise: its noise.
    """

    prefix: str
    columns: tuple[int, ...]
    axes: Sequence[AxisProgram | MergedAxis]
    shown: tuple[int, ...]
    cells: Cells
    measures: tuple[MeasureProgram, ...]
    noise: Noise

    @property
    def released(self) -> int:
        """K, the number of released cells."""
        return len(self.cells.kept)

    @property
    def shape(self) -> Shape:
        """Words of a group as it is shuffled and opened."""
        return Shape(len(self.measures), len(self.columns), np.uint8)

    def select(self, groups: Words) -> Words:
        """Of groups after banding, the words of this opening (the same arrays)."""
        wide = [groups.wide[m.word] for m in self.measures]
        return Words(self.shape, wide + [groups.narrow[c] for c in self.columns])

    @cached_property
    def classes(self) -> NDArray[np.intp]:
        """The class of bounds of every measure and released cell, shape (m, K)."""
        levels = self.cells.levels[self.cells.kept]
        found = np.zeros((len(self.measures), self.released), np.intp)
        for row, measure in zip(found, self.measures, strict=True):
            if measure.axis >= 0:
                row[:] = levels[:, measure.axis]
        return found

    def measure_cells(self) -> tuple[MeasureCells, ...]:
        """How to read the sums of every measure."""
        return tuple(self._measure_cells(i) for i in range(len(self.measures)))

    def _measure_cells(self, index: int) -> MeasureCells:
        measure, of = self.measures[index], self.classes[index]
        bounds = np.asarray(measure.clip, np.int64)[of]
        low, high = bounds[:, 0], bounds[:, 1]
        sd = np.asarray(self.noise.measure_released_sd[index])[of]
        values, counted = np.zeros(len(of), np.int64), -1
        if measure.centred == "citizens":
            values = self.cells.holders(measure.sectors)
        elif measure.centred == "values":
            (counted,) = (i for i, m in enumerate(self.measures) if m.name == measure.name and m.count)
        midpoint = (low + high) / 2 if measure.centred else np.zeros(len(of))
        return MeasureCells(
            low=low,
            high=high,
            midpoint=midpoint,
            half_width=(high - low) / 2,
            sd=sd / 2 if measure.centred else sd,
            values=values,
            counted=counted,
        )

    def plain_sd(self) -> NDArray[np.float64]:
        """Standard deviation of :meth:`plain_sums` by noise, the number of values' included; shape (m, K)."""
        read = self.measure_cells()
        out = np.empty((len(read), self.released))
        for row, one in zip(out, read, strict=True):
            number = read[one.counted].sd if one.counted >= 0 else one.values * self.noise.released_sd
            row[:] = np.hypot(one.sd, one.midpoint * number)
        return out

    def plain_sums(self, counts: NDArray[np.int64], sums: NDArray[np.int64]) -> NDArray[np.float64]:
        """Sums of values from what was released: shape (m, K) float64, in the measures' integers; whole or
        half numbers, exact.

        Args:
            counts: released citizens per cell, shape (K,).
            sums: released sums of words, shape (m, K).
        """
        out = np.empty(sums.shape, np.float64)
        for row, total, read in zip(out, sums, self.measure_cells(), strict=True):
            values = sums[read.counted] if read.counted >= 0 else read.values * counts
            row[:] = (total + values * (read.low + read.high)) / 2 if read.centred else total
        return out

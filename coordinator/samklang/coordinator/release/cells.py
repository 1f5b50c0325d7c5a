"""What a cell carries: its count and its measures, each with the interval that holds for what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.coordinator.release.readings import Reading, figure
from samklang.coordinator.release.rules import BELOW, NOT_ESTIMABLE, SECONDARY, Rules
from samklang.estimate.counts import Intervals, given_shown
from samklang.estimate.law import law
from samklang.estimate.means import Ratios, mean_of, sum_of

__all__ = ["Hidden", "basis", "table"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MEAN_DIGITS = 3


@dataclass(frozen=True)
class Hidden:
    """Flags by cell: below the threshold, or hidden beside such a cell."""

    below: Flags
    secondary: Flags

    @property
    def shown(self) -> Flags:
        return ~(self.below | self.secondary)

    def reason(self, index: int) -> str:
        return BELOW if self.below[index] else SECONDARY


def table(
    names: Sequence[dict[str, str]],
    counts: NDArray[np.int64],
    sd: float,
    shown_from: float,
    hidden: Hidden,
    found: Sequence[Reading],
    rules: Rules,
) -> list[dict[str, Any]]:
    """The cells as the release has them, in order; a hidden one carries its reason and no figure.

    Args:
        names: level by visible axis, of every cell.
    """
    shown = np.flatnonzero(hidden.shown)
    observed = counts[shown].astype(np.float64)
    intervals = given_shown(observed, shown_from, law(sd))
    figures = [_Measured(r, found, observed, sd, shown_from, shown, rules) for r in found]
    place = {int(index): position for position, index in enumerate(shown)}
    cells: list[dict[str, Any]] = []
    for index, levels in enumerate(names):
        if index not in place:
            reason = hidden.reason(index)
            cells.append({"levels": levels, "shown": False, "reason": reason, "count": None})
            continue
        at = place[index]
        cell: dict[str, Any] = {"levels": levels, "shown": True, "count": int(counts[index])}
        cell["count_interval"] = [int(np.floor(intervals.low[at])), int(np.ceil(intervals.high[at]))]
        cell["count_basis"] = basis(intervals, at)
        for reading, measured in zip(found, figures, strict=True):
            cell.setdefault(reading.name, {}).update(measured.at(at))
        cells.append(cell)
    return cells


def basis(intervals: Intervals, at: int) -> str:
    """What an interval rests on: the noise alone, the noise given that the cell is shown, or a bound."""
    if intervals.upper_only[at]:
        return "upper-bound"
    return "given-shown" if intervals.conditional[at] else "noise"


class _Measured:
    """One measure in the cells shown."""

    def __init__(
        self,
        reading: Reading,
        found: Sequence[Reading],
        citizens: Floats,
        sd: float,
        shown_from: float,
        shown: NDArray[np.intp],
        rules: Rules,
    ) -> None:
        self.reading = reading
        total, sds, middle = reading.total[shown], reading.sd[shown], reading.middle[shown]
        self.passes: Flags = np.ones(len(shown), bool)
        self.mean: Ratios | None = None
        self.intervals: Intervals | None = None
        if reading.count:
            # Counts of values are counts of citizens: what says how few there are has the same rule.
            self.total, least, noise = total, float(rules.threshold(float(reading.sd[0]))), law(reading.sd[0])
            self.passes = total >= least
            self.intervals = given_shown(np.maximum(total, least), least, noise)
            return
        over, over_sd, least = citizens, sd, shown_from
        if reading.counted >= 0:
            values = found[reading.counted]
            over, over_sd = values.total[shown], float(values.sd[0])
            least = float(rules.threshold(over_sd))
            self.passes = over >= least
            over = np.maximum(over, least)
        self.sum = sum_of(total, sds, over, law(over_sd), middle=middle, shown_from=least)
        mean = mean_of(total, sds, over, law(over_sd), middle=middle, shown_from=least)
        low, high = reading.low[shown], reading.high[shown]
        self.mean = Ratios(mean.value, np.clip(mean.low, low, high), np.clip(mean.high, low, high))
        self.floor = np.where(low >= 0, 0.0, -np.inf)

    def at(self, index: int) -> dict[str, Any]:
        """The part of a cell's entry that this measure fills."""
        digits = self.reading.digits
        if self.intervals is not None:
            if not self.passes[index]:
                return {"count": None, "count_reason": BELOW}
            low, high = self.intervals.low[index], self.intervals.high[index]
            return {
                "count": int(self.total[index]),
                "count_interval": [int(np.floor(low)), int(np.ceil(high))],
            }
        if not self.passes[index]:
            return {"sum": None, "sum_reason": BELOW, "mean": None, "mean_reason": BELOW}
        assert self.mean is not None
        floor = float(self.floor[index])
        low, high = max(floor, self.sum.low[index]), max(floor, self.sum.high[index])
        found: dict[str, Any] = {
            "sum": figure(self.sum.value[index], digits),
            "sum_interval": [figure(low, digits), figure(high, digits)],
        }
        if np.isnan(self.mean.value[index]):
            return found | {"mean": None, "mean_reason": NOT_ESTIMABLE}
        digits += MEAN_DIGITS
        return found | {
            "mean": figure(self.mean.value[index], digits),
            "mean_interval": [figure(x[index], digits) for x in (self.mean.low, self.mean.high)],
        }

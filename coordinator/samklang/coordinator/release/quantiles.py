"""Quartiles of every axis whose bands are ranges of a number: in which band the middle citizen stands.

A stratum is one combination of the other axes' levels. Its cells are all used, hidden ones too, so what is
said is only which bands a quantile lies in. Nothing is said of a stratum whose citizens together don't pass
the threshold, nor of a table of more than :data:`~samklang.estimate.quantiles.MOST_STRATA` strata.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.coordinator.release.rules import BELOW, Rules
from samklang.estimate.quantiles import MOST_STRATA, QUARTILES, quantile_bands
from samklang.model.codebook import Codebook, Measure
from samklang.protocol.program import AxisProgram, Program

__all__ = ["quantiles"]

FEWEST_BANDS = 3
Ints = NDArray[np.int64]


def quantiles(program: Program, codebook: Codebook, counts: Ints, rules: Rules) -> list[dict[str, Any]]:
    """One entry per axis, stratum and quartile."""
    levels = program.cells.levels[program.cells.kept]
    visible = [i for i, axis in enumerate(program.axes) if not axis.hidden]
    out: list[dict[str, Any]] = []
    for index in visible:
        bands = _bands(program.axes[index], codebook, levels[:, index])
        others = [i for i in visible if i != index]
        strata = np.unique(levels[:, others], axis=0)
        if len(bands) >= FEWEST_BANDS and len(strata) <= MOST_STRATA:
            out += _of_axis(program, counts, rules, index, bands, others)
    return out


def _of_axis(
    program: Program, counts: Ints, rules: Rules, index: int, bands: list[int], others: list[int]
) -> Iterator[dict[str, Any]]:
    levels = program.cells.levels[program.cells.kept]
    sd = program.noise.released_sd
    least = rules.threshold(sd * math.sqrt(len(bands)))
    axis = program.axes[index]
    names = [axis.levels.names[band] for band in bands]
    for stratum in np.unique(levels[:, others], axis=0):
        inside = (levels[:, others] == stratum).all(axis=1)
        by_band = {int(b): int(c) for b, c in zip(levels[inside, index], counts[inside], strict=True)}
        if not all(band in by_band for band in bands):
            continue  # a combination that can't be: its bands aren't comparable with the others'
        row = np.array([[by_band[band] for band in bands]], np.float64)
        where = {
            program.axes[i].name: program.axes[i].levels.names[level]
            for i, level in zip(others, stratum.tolist(), strict=True)
        }
        for p in QUARTILES:
            entry: dict[str, Any] = {"axis": axis.name, "levels": where, "p": f"{p:g}"}
            if row.sum() < least:
                yield entry | {"band": None, "reason": BELOW}
                continue
            found = quantile_bands(row, p, sd)
            ends = [names[found.low[0]], names[found.high[0]]]
            yield entry | {"band": names[found.best[0]], "interval": ends}


def _bands(axis: AxisProgram, codebook: Codebook, present: NDArray[np.uint8]) -> list[int]:
    """The levels of an axis that are ranges and are released, lowest first."""
    if not axis.banding:
        return []
    variable = codebook.variables[axis.name]
    if isinstance(variable, Measure):
        return []
    # Ranges stand in increasing order in a codebook that was checked.
    ranged = {x.id for x in variable.bandings[axis.banding].levels if (x.from_, x.until) != (None, None)}
    there = np.unique(present).tolist()
    return [level for level in there if axis.levels.names[level] in ranged]

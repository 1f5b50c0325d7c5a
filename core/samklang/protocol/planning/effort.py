"""How long a query may take and how much it moves: an estimate from public figures and the size formulas of
the specification (section 18). Rows are what nodes send, with a row per citizen of each of their sectors.
"""

from __future__ import annotations

from dataclasses import dataclass

from samklang.model.codebook import Codebook
from samklang.model.policy import WHOLE_POPULATION
from samklang.protocol.program import Program

__all__ = ["Effort", "effort"]

SECONDS = 1.0
"""To agree, to open databases, to make a release: whatever the size."""
SECONDS_PER_ROW = 2.3e-6
"""Measured: 3 nodes of 1,000,000 citizens, 4 axes, 1 measure, all processes on one machine of 2 cores."""
SECONDS_PER_DRAW = 1e-5
"""One sample of discrete Gaussian noise."""


@dataclass(frozen=True, slots=True)
class Effort:
    """An estimate.

    Attributes:
        rows: of all nodes together, padding included.
        megabytes: that the coordinator passes on.
        seconds: on two cores and a fast network.
    """

    rows: int
    megabytes: float
    seconds: float


def effort(program: Program, codebook: Codebook) -> Effort | None:
    """The estimate, or None if the codebook doesn't say how many citizens the sectors know."""
    whole = codebook.figures.get(WHOLE_POPULATION)
    if whole is None:
        return None
    wanted = {sector for served in program.sectors.values() for sector in served}
    if not wanted <= whole.sectors.keys():
        return None
    serving = {s: sum(s in served for served in program.sectors.values()) for s in wanted}
    real = 0.0
    anywhere = 1.0
    for served in program.sectors.values():
        nobody = 1.0
        for sector in served:
            nobody *= 1 - whole.sectors[sector] / whole.citizens / serving[sector]
        real += whole.citizens * (1 - nobody)
    for sector in wanted:
        anywhere *= 1 - whole.sectors[sector] / whole.citizens
    plan = program.noise
    padding = len(program.inputs) * plan.shift_pad + len(program.compute) * plan.pad_total
    rows, groups = real + padding, whole.citizens * (1 - anywhere) + padding
    moved = _bytes(program, rows, groups)
    draws = plan.cells * (1 + len(program.measures))
    seconds = SECONDS + SECONDS_PER_ROW * rows + SECONDS_PER_DRAW * draws
    return Effort(round(rows), moved / 1e6, seconds)


def _bytes(program: Program, rows: float, groups: float) -> float:
    measures, axes = len(program.measures), len(program.axes)
    row, group = 16 + 8 * measures + 2 * axes, 8 * measures + axes
    tables = [program.axes[i].encoding.modulus(1) for i in program.tables]
    after = groups + 3 * program.noise.dummy_total
    return (
        rows * row * 3  # rows to B, and both rounds of the first shuffle
        + rows * (16 + 4) * 2  # tags to the linker, its grouping back
        + groups * (2 * 2 * len(tables) + sum(tables))
        + program.noise.dummy_total * group
        + after * group * 2
        + after * axes * 2
        + program.noise.cells * 24 * measures
    )

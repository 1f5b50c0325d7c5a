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
    draws = sum(t.noise.cells * (1 + len(t.measures)) for t in program.openings)
    seconds = SECONDS + SECONDS_PER_ROW * rows + SECONDS_PER_DRAW * draws
    return Effort(round(rows), moved / 1e6, seconds)


def _bytes(program: Program, rows: float, groups: float) -> float:
    row = 16 + 8 * len(program.words) + 2 * len(program.axes)
    words = program.group_words
    tables = [words[i].encoding.modulus(1) for i in program.tables]
    moved = (
        rows * row * 3  # rows to B, and both rounds of the first shuffle
        + rows * (16 + 4) * 2  # tags to the linker, its grouping back
        + groups * (2 * 2 * len(tables) + sum(tables))
    )
    for table in program.openings:
        dummies, group = table.noise.dummy_total, table.shape.row_bytes
        after = groups + 3 * dummies
        moved += dummies * group + after * group * 2 + after * len(table.columns) * 2
        moved += table.noise.cells * 24 * len(table.measures)
    return moved

"""What is shown, what is hidden, why, and whose rule that is.

A cell is shown if its noisy count reaches a threshold that a cell with one citizen too few reaches with
probability 1 % at most. That is presentation; the privacy comes from the noise. Every contributing node's
signed acceptance carries its policy's rules, the strictest holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.estimate import counts as statistics
from samklang.estimate.suppression import Suppressed, complementary
from samklang.model.durations import mean_days
from samklang.protocol.agreement import Acceptance
from samklang.protocol.planning.precision import DEFAULT_MIN_COUNT
from samklang.protocol.program import Program

__all__ = [
    "BELOW",
    "NOT_ESTIMABLE",
    "SECONDARY",
    "Rules",
    "one_axis_margins",
    "retention",
    "rules_of",
    "suppressed",
]

BELOW, SECONDARY, NOT_ESTIMABLE = "below-threshold", "secondary", "not-estimable"
"""Why a figure isn't there."""

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rules:
    """The strictest rules of all contributing nodes.

    Attributes:
        min_count: least true count that may be shown often.
        min_count_of: nodes whose policy asks for it; empty: the program's own.
        secondary_of: nodes whose policy asks for secondary suppression.
        retention: how long the release may be kept, ISO 8601; empty: nobody says.
        retention_of: nodes whose policy lets it be kept no longer.
    """

    min_count: int
    min_count_of: tuple[str, ...]
    secondary_of: tuple[str, ...]
    retention: str
    retention_of: tuple[str, ...]

    def threshold(self, sd: float) -> int:
        """The least noisy count that is shown, for noise of ``sd``."""
        return statistics.threshold(self.min_count, sd)

    def header(self, sd: float, *, margins: bool) -> dict[str, Any]:
        """As it stands in the release."""
        return {
            "min_count": {"value": self.min_count, "of": list(self.min_count_of)},
            "threshold": {"value": self.threshold(sd), "passing": f"{statistics.PASSING:g}"},
            "secondary_suppression": {
                "on": bool(self.secondary_of) or margins,
                "of": list(self.secondary_of),
                "margins": margins,
            },
            "retention": {"value": self.retention, "of": list(self.retention_of)},
        }


def rules_of(program: Program, acceptances: Mapping[str, Acceptance]) -> Rules:
    """The rules that the contributing nodes have signed."""
    said = {node: acceptances[node] for node in program.inputs}
    least = max([DEFAULT_MIN_COUNT, *(a.min_count for a in said.values())])
    shortest = retention(program, acceptances)
    return Rules(
        least,
        tuple(node for node, a in said.items() if a.min_count == least),
        tuple(node for node, a in said.items() if a.secondary_suppression),
        shortest,
        tuple(node for node, a in said.items() if a.retention == shortest != ""),
    )


def retention(program: Program, acceptances: Mapping[str, Acceptance]) -> str:
    """The shortest time for which the contributing nodes let the release be kept; empty: nobody says."""
    said = (acceptances[node].retention for node in program.inputs)
    return min((one for one in said if one), key=mean_days, default="")


def one_axis_margins(program: Program) -> list[Ints]:
    """The totals that secondary suppression takes to be known: of the table, and by each axis alone."""
    visible = [i for i, axis in enumerate(program.axes) if not axis.hidden]
    levels = program.cells.levels[program.cells.kept]
    whole = np.zeros(len(levels), np.int64)
    return [whole, *(levels[:, i].astype(np.int64) for i in visible)]


def suppressed(
    counts: Ints, shown_from: float, rules: Rules, known: list[Ints], margin: Ints | None
) -> tuple[Flags, Suppressed]:
    """(cells below the threshold, what else must be hidden).

    Args:
        known: totals taken to be known if a policy asks for secondary suppression.
        margin: by cell, the group of the released margin that it belongs to, -1 for none.
    """
    below = counts < shown_from
    sums = [margin] if margin is not None else []
    if rules.secondary_of:
        sums += known
    return below, complementary(below, sums, counts.astype(np.float64))

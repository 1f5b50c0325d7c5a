"""How far one citizen can move what is seen: neighbours differ arbitrarily in one citizen's records.

Padding. A relay or compute party sees the number of rows of every node and the number of groups of every
multiplicity. Node i sends n_i + F_i rows. A compute party c sends, besides, a *fixed public number* of
padding rows: G_jc groups of j rows for j = 2..k_max, and single rows for what is left of the fixed
number. So the rows of a node depend on F_i alone, the groups of multiplicity j ≥ 2 on the G_jc alone, and
the groups of one row follow from the others (Σ rows = Σ j · groups_j). If a citizen's records move from
a set of nodes S to a set S', shifting F_i by one for every i in S△S' and one honest party's G_j by one for
|S| and |S'| (where these differ and are at least 2) gives the same view; the squared length of that
integer shift, over 2 s², bounds ρ. One honest compute party is enough for it, so it holds for an observer
that knows its own draws.

Without the fixed number a compute party's row total would carry Σ j G_jc, a shift of G_k would have to
be made up by k fillers elsewhere, and the bound would grow with k² instead of k.

Cells and measures. Given its own data, a party sees only neighbours in which a citizen *moves* between
cells (two counts change by one) or *stays* and changes its value. What moves and what stays exclude each
other in one table, so an opening is charged for the worse of the two and not for their sum.

A measure's bounds may differ from cell to cell (clip bounds that follow a level). Each cell's noise is
proportional to its *reach* r, the largest absolute contribution there, so it is as if sums of contributions
in units of their cell's reach had the same noise everywhere. In these units a citizen who moves, from
whatever cell to whatever other, takes away at most 1 here and adds at most 1 there: Δ² = 2, as for counts.
One who stays changes one sum from end to end: Δ = spread / reach, 2 for a centred measure, 1 for one from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

__all__ = ["MOVING_SQUARED", "Bounds", "padding_squared", "staying_squared"]

MOVING_SQUARED = 2
"""Squared L2 sensitivity of the cell counts, and of sums in units of each cell's reach: one citizen leaves
one cell and enters another."""


@lru_cache(maxsize=512)
def padding_squared(nodes: int, k_max: int) -> int:
    """The largest squared shift over all neighbours: a nodes left, b entered, c kept.

    About min(nodes, 2 k_max - 1) + 2: a citizen can leave k_max nodes and enter as many others.
    """
    if nodes < 1 or k_max < 1:
        raise ValueError("nodes and k_max must be positive")
    k_max = min(k_max, nodes)
    worst = 0
    for left in range(k_max + 1):
        for entered in range(min(k_max, nodes - left) + 1):
            for kept in range(min(k_max - max(left, entered), nodes - left - entered) + 1):
                before, after = left + kept, entered + kept
                groups = sum(size >= 2 for size in (before, after)) if before != after else 0
                worst = max(worst, left + entered + groups)
    return worst


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one citizen can add to a measure's sum in one cell, in the integers that are summed.

    Attributes:
        low, high: of one node's contribution, scaled and, if the measure is centred, centred
            (2x - (lo + hi)). A citizen without a value may contribute 0, which the bounds are widened to.
        suppliers: how many nodes may contribute for one citizen in one released cell.
    """

    low: int
    high: int
    suppliers: int = 1

    def __post_init__(self) -> None:
        if self.low > self.high or self.suppliers < 1:
            raise ValueError("bounds must not be empty, suppliers positive")
        if self.reach >= 1 << 48:
            raise ValueError("bounds too wide for sums of 64 bits")

    @property
    def reach(self) -> int:
        """The largest absolute contribution; 0 where there is nothing to contribute."""
        return max(abs(self.low), abs(self.high)) * self.suppliers

    @property
    def spread(self) -> int:
        """By how much the sum of the citizen's cell can change while the citizen stays there."""
        return (max(self.high, 0) - min(self.low, 0)) * self.suppliers


def staying_squared(measure: Sequence[Bounds]) -> Fraction:
    """The largest (spread / reach)² over a measure's cells, 1 to 4; ``measure`` has a positive reach."""
    return max(Fraction(b.spread, b.reach) ** 2 for b in measure if b.reach)

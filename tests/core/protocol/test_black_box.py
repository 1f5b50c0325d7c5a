"""The real mechanisms under a black-box check, and the same with too little noise, which it must reject.

A check rejects a sound mechanism with a probability below 1e-7 (tests/support/blackbox.py): at most two in a
test, false-alarm rate 2e-7. Rejections of unsound ones are certain for all practical purposes: measured
losses are many standard errors beyond what is charged.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.batched import Batched
from tests.support.blackbox import rejects

from samklang.privacy.budget import Noise, allocate
from samklang.privacy.draws import draw_dummies, draw_measure_noise
from samklang.privacy.sensitivity import Bounds

pytestmark = pytest.mark.statistical

RUNS = 16_000
NOISE = Batched()
DEAR = 1_000_000_000
"""A budget of ρ = 1: little noise, so that few runs see a difference."""
CELLS = 2
PLAN = allocate(DEAR, nodes=3, k_max=3, cells=CELLS, margin=(CELLS, []))
Samples = NDArray[np.float64]


@cache
def moved(scale: float, which: str) -> tuple[Samples, Samples]:
    """What an opening party counts with its own dummies taken off, with a citizen in the first cell, and in
    the last: RUNS samples each. ``which``: the table or the margin."""
    plan: Noise | None = PLAN.margin if which == "margin" else PLAN
    assert plan is not None
    # All runs in one draw: cells are independent of each other.
    many = replace(
        plan,
        sigma_local=plan.sigma_local * scale,
        cells=CELLS * RUNS,
        dummy_total=2 * CELLS * RUNS * plan.shift,
    )

    def seen(cell: int) -> Samples:
        out = sum(draw_dummies(NOISE, many).per_cell for _ in range(2)).reshape(RUNS, CELLS).astype(float)
        out[:, cell] += 1
        return out

    return seen(0), seen(CELLS - 1)


def test_opened_counts_cost_what_is_charged_and_half_their_noise_is_rejected() -> None:
    assert not rejects(*moved(1.0, "table"), PLAN.rho_counts)
    assert rejects(*moved(0.5, "table"), PLAN.rho_counts)


def test_both_openings_together_cost_the_sum_and_more_than_one() -> None:
    """A citizen who moves in both is seen in both."""
    assert PLAN.margin is not None
    one, other = (np.hstack(pair) for pair in zip(moved(0.5, "table"), moved(0.5, "margin"), strict=True))
    dear = [4 * plan.rho_counts for plan in (PLAN, PLAN.margin)]  # what half the noise would cost
    assert not rejects(one, other, sum(dear))
    assert rejects(one, other, PLAN.rho_counts + PLAN.margin.rho_counts)


BOUNDS = (Bounds(-60, 60), Bounds(-5, 5))
"""By class: a wide one and a narrow one."""


def sums(plan: Noise, classes: list[int], words: tuple[int, int], scale: float) -> Samples:
    """Two cells' sums as an opening party can know them: two parties' noise, and one citizen's words."""
    scaled = tuple(tuple(s * scale for s in of) for of in plan.measure_sigma_local)
    noisy = replace(plan, measure_sigma_local=scaled)
    of = np.tile(np.array(classes, np.intp), (1, RUNS))
    whole = replace(noisy, cells=2 * RUNS)
    drawn = sum(draw_measure_noise(NOISE, whole, of).view(np.int64)[0].reshape(-1, 2) for _ in range(2))
    return np.asarray(drawn + np.array(words), np.float64)


def test_a_citizen_who_moves_between_cells_of_different_bounds_costs_what_is_charged() -> None:
    """From the end of the wide bounds in one cell to that of the narrow ones in another: as dear as between
    two wide cells. Too little noise is rejected, also where only the classes were mistaken."""
    plan = allocate(DEAR, nodes=3, k_max=3, cells=100, measures=[BOUNDS])
    (charged,) = plan.rho_measures

    def differ(classes: list[int], one: tuple[int, int], other: tuple[int, int], scale: float = 1.0) -> bool:
        return rejects(sums(plan, classes, one, scale), sums(plan, classes, other, scale), charged)

    assert not differ([0, 1], (60, 0), (0, 5))
    assert not differ([0, 0], (60, 0), (0, 60))
    assert differ([0, 1], (60, 0), (0, 5), scale=0.5)
    assert differ([1, 1], (60, 0), (0, 5)), "a wide cell with a narrow cell's noise"


def test_one_dominating_citizen_costs_no_more_than_anybody() -> None:
    """A cell with one citizen at the end of the bounds, or at the other end, and an attacker who knows all
    others: what is charged for one who stays. A value that nobody clipped would be seen."""
    plan = allocate(DEAR, nodes=3, k_max=3, cells=100, measures=[BOUNDS])
    stays = 2 * plan.rho_measures[0]  # (spread / reach)² = 4 against 2 for one who moves
    assert stays <= plan.rho_opening

    def differ(one: int, other: int) -> bool:
        return rejects(sums(plan, [0, 1], (one, 0), 1.0), sums(plan, [0, 1], (other, 0), 1.0), stays)

    assert not differ(60, -60)
    assert differ(6000, -60)

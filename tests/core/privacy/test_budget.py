"""A plan never costs more than it was given, wastes little, and its public totals fit what is drawn."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.privacy.accounting import rho_from_epsilon
from samklang.privacy.budget import NoisePlan, allocate
from samklang.privacy.draws import draw_dummies, draw_fillers, draw_groups, draw_measure_noise
from samklang.privacy.noise import OpenDPNoise
from samklang.privacy.sensitivity import Bounds, padding_squared

ONE = rho_from_epsilon(Decimal(1), Decimal("1e-8"))

bounds = st.builds(Bounds, st.integers(-10_000, 0), st.integers(1, 10_000_000), st.integers(1, 4))


class Constant:
    """A source that always returns the same."""

    def __init__(self, value: int) -> None:
        self.value = value

    def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
        return np.full(size, self.value, dtype=np.int64)


@given(
    rho=st.integers(20_000, 2_000_000_000),
    nodes=st.integers(2, 50),
    k_max=st.integers(1, 12),
    cells=st.integers(1, 5000),
    measures=st.lists(bounds, max_size=8),
)
@settings(deadline=None)
def test_never_spends_more_than_given_and_little_less(
    rho: int, nodes: int, k_max: int, cells: int, measures: list[Bounds]
) -> None:
    plan = allocate(rho, nodes=nodes, k_max=k_max, cells=cells, measures=measures)
    assert plan.rho_charged <= rho
    if plan.sigma_local > 2:
        assert plan.rho_charged >= rho * 0.999 - 20 * (1 + len(measures))
    assert plan.rho_padding <= rho * 2 // 100
    assert 0 < plan.delta <= 2e-12

    # The cost, recomputed in floats from what is drawn, for both kinds of neighbour.
    padding = padding_squared(nodes, k_max) / (2 * plan.s_pad**2)
    moves = 2 / (4 * plan.sigma_local**2) + sum(
        b.squared_moving / (4 * s**2) for b, s in zip(measures, plan.measure_sigma_local, strict=True)
    )
    stays = sum(
        b.squared_staying / (4 * s**2) for b, s in zip(measures, plan.measure_sigma_local, strict=True)
    )
    assert padding + max(moves, stays) <= plan.rho_charged / 1e9 * (1 + 1e-9)

    # Shifts leave room for what is drawn, and the public totals hold all cells at their shift.
    assert 7.5 < plan.shift / plan.sigma_local < 11
    assert 7.5 < plan.shift_pad / plan.s_pad < 11
    assert plan.dummy_total >= cells * plan.shift
    assert min(plan.s_pad, plan.sigma_local, *plan.measure_sigma_local, 2.0) >= 2


@given(st.integers(20_000, 500_000_000), st.integers(100, 500_000_000), st.lists(bounds, max_size=3))
@settings(deadline=None, max_examples=50)
def test_more_budget_never_means_more_noise(rho: int, more: int, measures: list[Bounds]) -> None:
    small, large = (allocate(r, nodes=4, k_max=4, cells=100, measures=measures) for r in (rho, rho + more))
    assert large.sigma_local <= small.sigma_local
    assert large.s_pad <= small.s_pad
    for a, b in zip(large.measure_sigma_local, small.measure_sigma_local, strict=True):
        assert a <= b


def test_epsilon_one_has_the_published_noise() -> None:
    plan = allocate(ONE, nodes=3, k_max=3, cells=192)
    assert plan.sigma == pytest.approx(7.7, abs=0.01)
    assert plan.released_sd == pytest.approx(9.43, abs=0.01)
    assert plan.released_sd**2 == pytest.approx(3 * plan.sigma_local**2)


def test_counts_get_root_of_one_plus_k_times_a_measure() -> None:
    plan = allocate(ONE, nodes=3, k_max=3, cells=192, measures=[Bounds(0, 3000), Bounds(0, 5)])
    assert plan.rho_counts / plan.rho_measures[0] == pytest.approx(math.sqrt(3), rel=1e-4)
    assert plan.rho_measures[0] == pytest.approx(plan.rho_measures[1], abs=5)
    assert plan.measure_sigma_local[0] / plan.measure_sigma_local[1] == pytest.approx(600, rel=1e-4)


def test_several_centred_measures_are_charged_for_a_citizen_who_stays() -> None:
    centred = [Bounds(-100, 100)] * 4
    plan = allocate(ONE, nodes=3, k_max=3, cells=192, measures=centred)
    stays = sum(200**2 / (4 * s**2) for s in plan.measure_sigma_local)
    moves = 1 / (2 * plan.sigma_local**2) + sum(2 * 100**2 / (4 * s**2) for s in plan.measure_sigma_local)
    assert stays == pytest.approx(moves, rel=1e-3), "what measures can't have goes to the counts"
    assert stays <= (plan.rho_charged - plan.rho_padding) / 1e9


def test_a_large_budget_stops_at_the_floor_and_is_not_charged() -> None:
    plan = allocate(2_000_000_000, nodes=3, k_max=3, cells=192)
    assert plan.sigma_local == 2.0
    assert plan.rho_charged < 200_000_000


def test_same_plan_in_another_decimal_context() -> None:
    def plan() -> NoisePlan:
        return allocate(ONE, nodes=17, k_max=10, cells=300, measures=[Bounds(-7, 9, 3)])

    expected = plan()
    with localcontext() as context:
        context.prec = 5
        assert plan() == expected


@given(st.integers(0, 3000), st.lists(bounds, max_size=8))
def test_too_small_a_budget_is_named(rho: int, measures: list[Bounds]) -> None:
    padding = rho * 2 // 100
    if padding < 1:
        with pytest.raises(SamklangError, match="privacy-budget-too-small"):
            allocate(rho, nodes=3, k_max=3, cells=10, measures=measures)
    elif rho > 1000:
        assert allocate(rho, nodes=3, k_max=3, cells=10, measures=measures).rho_charged <= rho


def test_bounds_too_wide_for_64_bits_are_refused() -> None:
    with pytest.raises(SamklangError) as failure:
        allocate(ONE, nodes=3, k_max=3, cells=10, measures=[Bounds(0, (1 << 48) - 1)])
    assert failure.value.code == "privacy-noise-range"


@pytest.mark.parametrize("cells", [0, 1_000_001])
def test_cells_are_limited(cells: int) -> None:
    with pytest.raises(ValueError, match="cells"):
        allocate(ONE, nodes=3, k_max=3, cells=cells)


def test_totals_are_public_numbers_whatever_is_drawn() -> None:
    plan = allocate(ONE, nodes=5, k_max=4, cells=50, measures=[Bounds(0, 10)])
    rows = np.arange(2, 5)
    for source in (Constant(0), Constant(-(10**9)), OpenDPNoise(), OpenDPNoise()):
        dummies = draw_dummies(source, plan)
        assert dummies.per_cell.sum() + dummies.absent == plan.dummy_total
        assert dummies.per_cell.min() >= 0
        assert dummies.per_cell.max() <= 2 * plan.shift
        padding = draw_groups(source, plan)
        assert padding.groups @ rows + padding.singles == plan.pad_total
        assert padding.groups.min() >= 0
        assert 0 <= draw_fillers(source, plan) <= 2 * plan.shift_pad
    assert draw_groups(Constant(0), allocate(ONE, nodes=2, k_max=1, cells=5)).groups.size == 0


@pytest.mark.statistical
def test_three_parties_together_have_the_released_sd() -> None:
    """Sample variance over 12,000 cells; six standard errors, false alarm 2e-9."""
    plan = allocate(ONE, nodes=3, k_max=3, cells=12_000, measures=[Bounds(0, 100)])
    source = OpenDPNoise()
    total = sum(draw_dummies(source, plan).per_cell for _ in range(3)) - 3 * plan.shift
    assert abs(total.var() / plan.released_sd**2 - 1) < 6 * math.sqrt(2 / 12_000)
    assert abs(total.mean()) < 6 * plan.released_sd / math.sqrt(12_000)
    words = draw_measure_noise(source, plan, 4000)
    assert words.dtype == np.uint64
    sums = words.view(np.int64)[0]
    assert abs(sums.var() / plan.measure_sigma_local[0] ** 2 - 1) < 6 * math.sqrt(2 / 4000)


def test_a_broken_source_sends_nothing() -> None:
    plan = allocate(ONE, nodes=3, k_max=3, cells=50, measures=[Bounds(0, 10)])

    class Short(Constant):
        def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
            return np.zeros(size - 1, dtype=np.int64)

    class Floats(Constant):
        def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
            return np.zeros(size)  # type: ignore[return-value]

    for source in (Short(0), Floats(0)):
        for draw in (draw_dummies, draw_groups, draw_fillers):
            with pytest.raises(SamklangError, match="privacy-noise-failed"):
                draw(source, plan)
        with pytest.raises(SamklangError, match="privacy-noise-failed"):
            draw_measure_noise(source, plan, 50)
    with pytest.raises(SamklangError, match="privacy-noise-failed"):
        draw_dummies(Constant(10**6), plan)
    with pytest.raises(ValueError, match="more cells"):
        draw_measure_noise(Constant(0), plan, 51)

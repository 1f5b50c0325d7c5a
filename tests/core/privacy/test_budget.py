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
classes = st.lists(bounds, min_size=1, max_size=4).map(tuple)
margins = st.none() | st.tuples(st.integers(1, 300), st.lists(classes, max_size=2))
Classes = tuple[Bounds, ...]


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
    measures=st.lists(classes, max_size=8),
    margin=margins,
)
@settings(deadline=None)
def test_never_spends_more_than_given_and_little_less(
    rho: int,
    nodes: int,
    k_max: int,
    cells: int,
    measures: list[Classes],
    margin: tuple[int, list[Classes]] | None,
) -> None:
    plan = allocate(rho, nodes=nodes, k_max=k_max, cells=cells, measures=measures, margin=margin)
    openings = [plan, plan.margin] if plan.margin else [plan]
    assert (plan.margin is None) == (margin is None)
    assert plan.rho_charged <= rho
    if min(o.sigma_local for o in openings) > 2:
        spare = 20 * sum(1 + len(o.measures) for o in openings)
        assert plan.rho_charged >= rho * 0.999 - spare
    assert plan.rho_padding <= rho * 2 // 100
    assert plan.margin is None or plan.margin.rho_opening <= rho * 15 // 100
    assert 0 < plan.delta <= (2e-12 if margin is None else 3e-12)

    # The cost, recomputed in floats from what is drawn: a citizen does its worst in each opening.
    cost = padding_squared(nodes, k_max) / (2 * plan.s_pad**2)
    for opening in openings:
        worst = [2 / (4 * opening.sigma_local**2), 0.0]
        for of, sigmas in zip(opening.measures, opening.measure_sigma_local, strict=True):
            here = [b.reach**2 / (4 * s**2) for b, s in zip(of, sigmas, strict=True)]
            worst[0] += 2 * max(here)
            worst[1] += max(b.spread**2 / (4 * s**2) for b, s in zip(of, sigmas, strict=True))
        cost += max(worst)
        # Shifts leave room for what is drawn, and the public totals hold all cells at their shift.
        assert 7 < opening.shift / opening.sigma_local < 11
        assert opening.dummy_total >= opening.cells * opening.shift
        assert min(opening.sigma_local, *(s for of in opening.measure_sigma_local for s in of), 2.0) >= 2
    assert cost <= plan.rho_charged / 1e9 * (1 + 1e-9)
    assert 7.5 < plan.shift_pad / plan.s_pad < 11
    assert plan.s_pad >= 2


@given(st.integers(20_000, 500_000_000), st.integers(100, 500_000_000), st.lists(classes, max_size=3))
@settings(deadline=None, max_examples=50)
def test_more_budget_never_means_more_noise(rho: int, more: int, measures: list[Classes]) -> None:
    small, large = (allocate(r, nodes=4, k_max=4, cells=100, measures=measures) for r in (rho, rho + more))
    assert large.sigma_local <= small.sigma_local
    assert large.s_pad <= small.s_pad
    for a, b in zip(large.measure_sigma_local, small.measure_sigma_local, strict=True):
        assert all(x <= y for x, y in zip(a, b, strict=True))


def test_epsilon_one_has_the_published_noise() -> None:
    plan = allocate(ONE, nodes=3, k_max=3, cells=192)
    assert plan.sigma == pytest.approx(7.7, abs=0.01)
    assert plan.released_sd == pytest.approx(9.43, abs=0.01)
    assert plan.released_sd**2 == pytest.approx(3 * plan.sigma_local**2)


def test_counts_get_root_of_one_plus_k_times_a_measure() -> None:
    plan = allocate(ONE, nodes=3, k_max=3, cells=192, measures=[(Bounds(0, 3000),), (Bounds(0, 5),)])
    assert plan.rho_counts / plan.rho_measures[0] == pytest.approx(math.sqrt(3), rel=1e-4)
    assert plan.rho_measures[0] == pytest.approx(plan.rho_measures[1], abs=5)
    ((one,), (other,)) = plan.measure_sigma_local
    assert one / other == pytest.approx(600, rel=1e-4)


def test_noise_is_in_proportion_to_a_cells_bounds() -> None:
    plan = allocate(
        ONE, nodes=3, k_max=3, cells=192, measures=[(Bounds(-60, 60), Bounds(-10, 10), Bounds(0, 0))]
    )
    alone = allocate(ONE, nodes=3, k_max=3, cells=192, measures=[(Bounds(-60, 60),)])
    ((wide, narrow, nothing),) = plan.measure_sigma_local
    assert wide == alone.measure_sigma_local[0][0], "the widest cells have no more noise than without"
    assert wide / narrow == pytest.approx(6)
    assert nothing == 2.0
    assert plan.rho_charged == alone.rho_charged


def test_a_margin_takes_fifteen_percent_and_pays_by_itself() -> None:
    alone = allocate(ONE, nodes=3, k_max=3, cells=1536)
    plan = allocate(ONE, nodes=3, k_max=3, cells=1536, margin=(40, []))
    assert plan.margin is not None
    assert plan.margin.rho_opening == pytest.approx(ONE * 0.15, rel=1e-4)
    assert plan.rho_charged == plan.rho_padding + plan.rho_opening + plan.margin.rho_opening
    assert plan.rho_charged == pytest.approx(alone.rho_charged, rel=1e-4)
    # Few percent of the cells' accuracy for margins that beat 38 cells added up three times.
    assert plan.released_sd / alone.released_sd == pytest.approx(math.sqrt(98 / 83), rel=1e-3)
    assert plan.margin.released_sd < alone.released_sd * math.sqrt(1536 / 40) / 2.4


def test_several_centred_measures_are_charged_for_a_citizen_who_stays() -> None:
    centred = [(Bounds(-100, 100),)] * 4
    plan = allocate(ONE, nodes=3, k_max=3, cells=192, measures=centred)
    sigmas = [s for (s,) in plan.measure_sigma_local]
    stays = sum(200**2 / (4 * s**2) for s in sigmas)
    moves = 1 / (2 * plan.sigma_local**2) + sum(2 * 100**2 / (4 * s**2) for s in sigmas)
    assert stays == pytest.approx(moves, rel=1e-3), "what measures can't have goes to the counts"
    assert stays <= (plan.rho_charged - plan.rho_padding) / 1e9


def test_a_large_budget_stops_at_the_floor_and_is_not_charged() -> None:
    plan = allocate(2_000_000_000, nodes=3, k_max=3, cells=192)
    assert plan.sigma_local == 2.0
    assert plan.rho_charged < 200_000_000


def test_same_plan_in_another_decimal_context() -> None:
    def plan() -> NoisePlan:
        return allocate(ONE, nodes=17, k_max=10, cells=300, measures=[(Bounds(-7, 9, 3),)])

    expected = plan()
    with localcontext() as context:
        context.prec = 5
        assert plan() == expected


@given(st.integers(0, 3000), st.lists(classes, max_size=8))
def test_too_small_a_budget_is_named(rho: int, measures: list[Classes]) -> None:
    padding = rho * 2 // 100
    if padding < 1:
        with pytest.raises(SamklangError, match="privacy-budget-too-small"):
            allocate(rho, nodes=3, k_max=3, cells=10, measures=measures)
    elif rho > 1000:
        assert allocate(rho, nodes=3, k_max=3, cells=10, measures=measures).rho_charged <= rho


def test_bounds_too_wide_for_64_bits_are_refused() -> None:
    with pytest.raises(SamklangError) as failure:
        allocate(ONE, nodes=3, k_max=3, cells=10, measures=[(Bounds(0, (1 << 48) - 1),)])
    assert failure.value.code == "privacy-noise-range"


@pytest.mark.parametrize("cells", [0, 1_000_001])
def test_cells_are_limited(cells: int) -> None:
    with pytest.raises(ValueError, match="cells"):
        allocate(ONE, nodes=3, k_max=3, cells=cells)


def test_totals_are_public_numbers_whatever_is_drawn() -> None:
    plan = allocate(ONE, nodes=5, k_max=4, cells=50, measures=[(Bounds(0, 10),)])
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
    """Sample variances of 12,000 and 4,000 cells within six standard errors: false-alarm rate 2e-8."""
    plan = allocate(ONE, nodes=3, k_max=3, cells=12_000, measures=[(Bounds(0, 100), Bounds(0, 20))])
    source = OpenDPNoise()
    total = sum(draw_dummies(source, plan).per_cell for _ in range(3)) - 3 * plan.shift
    assert abs(total.var() / plan.released_sd**2 - 1) < 6 * math.sqrt(2 / 12_000)
    assert abs(total.mean()) < 6 * plan.released_sd / math.sqrt(12_000)
    of = np.arange(8000)[None] % 2
    words = draw_measure_noise(source, plan, of)
    assert words.dtype == np.uint64
    for index, sigma in enumerate(plan.measure_sigma_local[0]):
        sums = words.view(np.int64)[0][of[0] == index]
        assert abs(sums.var() / sigma**2 - 1) < 6 * math.sqrt(2 / 4000), "each cell has its own class's"


def test_a_broken_source_sends_nothing() -> None:
    plan = allocate(ONE, nodes=3, k_max=3, cells=50, measures=[(Bounds(0, 10),)])
    fifty = np.zeros((1, 50), np.intp)

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
            draw_measure_noise(source, plan, fifty)
    with pytest.raises(SamklangError, match="privacy-noise-failed"):
        draw_dummies(Constant(10**6), plan)
    with pytest.raises(ValueError, match="more cells"):
        draw_measure_noise(Constant(0), plan, np.zeros((1, 51), np.intp))
    with pytest.raises(ValueError, match="without bounds"):
        draw_measure_noise(Constant(0), plan, fifty + 1)

"""Sums, shares, standardised ratios and margins: coverage with the real noise, false-alarm rate 1e-9 each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.support.released import covers, noise, not_wasteful

from samklang.estimate.combining import shares, standardised, sum_of_shown
from samklang.estimate.counts import threshold
from samklang.estimate.law import law
from samklang.estimate.margins import Part, Weighted, grouped, margin_intervals, margin_measures, weighted

pytestmark = pytest.mark.statistical

SIGMA, MARGIN_SIGMA = 5.43, 11.0
SD, MARGIN_SD = math.sqrt(3) * SIGMA, math.sqrt(3) * MARGIN_SIGMA
DRAWS = 60_000
T = threshold(5, SD)


def tables(truth: np.ndarray, draws: int = DRAWS) -> np.ndarray:
    """Noisy tables of ``truth`` (flat), one per row."""
    rows = draws // truth.size
    return (truth + noise(SIGMA, draws)[: rows * truth.size].reshape(rows, truth.size)).astype(float)


@pytest.mark.parametrize(("per_group", "rows"), [(3, 10_000), (20, 4_000)])
def test_margins_by_weighted_least_squares(per_group: int, rows: int) -> None:
    """Better than each opening alone, and the interval holds, also for margins near their threshold.

    Near it one margin of three cells in 85 is shown: 118 are expected, with sd 11.
    """
    groups = np.repeat(np.arange(2), per_group)
    truth = np.concatenate([np.full(per_group, 2), np.full(per_group, 90)])
    observed = tables(truth, rows * truth.size)
    true = grouped(truth, groups, 2)
    direct = true + noise(MARGIN_SIGMA, 2 * rows).reshape(rows, 2)
    found = [weighted(d, MARGIN_SD**2, o, groups, SD**2) for d, o in zip(direct, observed, strict=True)]
    values, variance = np.array([f.value for f in found]), found[0].variance
    assert (variance < MARGIN_SD**2).all()
    assert (variance < per_group * SD**2).all()
    assert values.var(axis=0) == pytest.approx(variance, rel=6.5 * math.sqrt(2 / rows)), "beyond 6.5 sd"

    far = margin_intervals(
        Weighted(values[:, 1], np.full(rows, variance[1])), np.ones(rows, bool), np.zeros(rows)
    )
    hits = (far.low <= true[1]) & (true[1] <= far.high)
    assert covers(hits)
    assert not_wasteful(hits, 0.97)
    half = law(math.sqrt(per_group) * SD).half()
    assert not_wasteful(np.abs(observed[:, groups == 1].sum(axis=1) - true[1]) <= half, 0.97)

    shown_from = float(threshold(5, float(np.sqrt(variance[0]))))
    shown = values[:, 0] >= shown_from
    near = margin_intervals(
        Weighted(values[:, 0], np.full(rows, variance[0])), shown, np.full(rows, shown_from)
    )
    assert shown.sum() > 40
    assert covers(((near.low <= true[0]) & (true[0] <= near.high))[shown])
    assert np.isnan(near.low[~shown]).all()


def test_margins_that_forget_the_second_opening_are_found_out() -> None:
    groups = np.zeros(20, np.int64)
    observed = tables(np.full(20, 50))
    rows = len(observed)
    direct = 1000 + noise(MARGIN_SIGMA, rows).reshape(rows, 1)
    values = np.array(
        [weighted(d, MARGIN_SD**2, o, groups, SD**2).value[0] for d, o in zip(direct, observed, strict=True)]
    )
    assert not covers(np.abs(values - 1000) <= 1.96 * 0.8 * float(values.std()))


@pytest.mark.parametrize("bounds_by_level", [False, True])
def test_means_of_margins(bounds_by_level: bool) -> None:
    """Both openings' sums and counts together, also where the table's middles differ from the margin's."""
    per_group, mean, sum_sigma = 20, 7.0, 310.0
    groups = np.repeat(np.arange(2), per_group)
    truth = np.concatenate([np.full(per_group, 25), np.full(per_group, 90)])
    observed = tables(truth)
    rows = len(observed)
    middle = np.where(np.arange(len(groups)) % 2 == 0, 2.0, 10.0) if bounds_by_level else np.full(40, 10.0)
    true = grouped(truth, groups, 2)
    direct = true + noise(MARGIN_SIGMA, 2 * rows).reshape(rows, 2)
    fine = truth * (mean - middle) + noise(sum_sigma, 40 * rows, 1).reshape(rows, 40)
    coarse = true * (mean - 10.0) + noise(sum_sigma, 2 * rows, 2).reshape(rows, 2)
    held, sums, wide = [], [], []
    for n, m, f, c in zip(observed, direct, fine, coarse, strict=True):
        sd = math.sqrt(3) * sum_sigma
        of_margin = Part(c, np.full(2, sd), np.full(2, 10.0), m.astype(float), MARGIN_SD)
        of_table = Part(f, np.full(40, sd), middle, n, SD)
        total, found = margin_measures(of_margin, of_table, groups)
        held.append((found.low <= mean) & (mean <= found.high))
        sums.append((total.low <= true * mean) & (true * mean <= total.high))
        wide.append(found.high - found.low)
    for hits in (np.array(held), np.array(sums)):
        for group in range(2):
            assert covers(hits[:, group], slack=0.003)
            assert not_wasteful(hits[:, group], 0.97)
    alone = 2 * 1.96 * math.sqrt(3) * sum_sigma / true
    assert (np.median(np.array(wide), axis=0) < alone).all(), "two openings say more than one"


@pytest.mark.parametrize("truth", [[200, 300, 500, 90], [200, 28, 300, 35], [20, 30, 25, 31]])
def test_sums_of_shown_cells(truth: list[int]) -> None:
    """What was shown adds up to what those cells truly hold; near the threshold too."""
    true = np.array(truth)
    hits = []
    for row in tables(true)[:1500]:
        shown = row >= T
        if shown.any():
            _, low, high = sum_of_shown(row[shown], SD, T)
            hits.append(low <= true[shown].sum() <= high)
    assert covers(np.array(hits))


def test_a_plain_sum_of_selected_cells_is_found_out() -> None:
    true = np.full(12, 12)
    hits = []
    for row in tables(true):
        shown = row >= T
        half = 1.96 * SD * math.sqrt(max(1, shown.sum()))
        hits.append(abs(row[shown].sum() - true[shown].sum()) <= half)
    assert not covers(np.array(hits))


def test_sums_of_far_cells_have_the_variance_of_their_number() -> None:
    total, low, high = sum_of_shown(np.array([500.0, 600, 700]), SD, T)
    assert total == 1800
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(3) * SD, rel=0.03)
    assert sum_of_shown(np.empty(0), SD, T) == (0, 0, 0)


def test_shares_of_a_group() -> None:
    truth = np.array([120, 300, 80, 400, 60])
    groups = np.array([0, 0, 0, 1, 1])
    true = truth / grouped(truth, groups, 2)[groups]
    found = [shares(row, groups, SD) for row in tables(truth)]
    for cell in range(5):
        held = np.array([f.low[cell] <= true[cell] <= f.high[cell] for f in found])
        assert covers(held, slack=0.001)
        assert not_wasteful(held, 0.962)
    assert np.isnan(shares(np.array([5.0, 4.0]), np.array([0, 0]), SD).value).all()


@pytest.mark.parametrize("cells", [1, 3])
def test_indirect_standardisation(cells: int) -> None:
    """Three areas, four age bands, events and others; the truth is the ratio of the true table.

    To first order: with everybody from three noisy cells each, 94.3 % are covered."""
    events = np.array([[40, 70, 110, 160], [60, 90, 100, 120], [30, 35, 60, 90]])
    others = np.array([[900, 700, 400, 300], [700, 650, 420, 260], [500, 450, 300, 210]])
    people = events + others
    rate = events.sum(axis=0) / people.sum(axis=0)
    true = events.sum(axis=1) / (people @ rate)
    split = [others // cells] * (cells - 1)
    parts = np.stack([events, *split, others - sum(split)]) if cells > 1 else events[None]
    held = []
    for row in tables(parts.reshape(-1))[:1500]:
        noisy = row.reshape(parts.shape)
        everybody = noisy.sum(axis=0) if cells > 1 else people + (noisy[0] - events)
        found = standardised(noisy[0], everybody, SD, cells=cells)
        held.append((found.low <= true) & (true <= found.high))
    hits = np.array(held)
    for group in range(3):
        assert covers(hits[:, group], slack=0.009)
        assert not_wasteful(hits[:, group], 0.965)

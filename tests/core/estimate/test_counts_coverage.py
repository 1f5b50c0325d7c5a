"""Coverage of the intervals of counts, measured with the real mechanism's noise.

Each comparison has a false-alarm rate of 1e-9, at most eight in one test. That a wrong interval is found out,
or enough cells pass the threshold, fails by chance in fewer than 1e-8 of runs.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.released import covers, noise, not_wasteful

from samklang.estimate.counts import given_shown, not_negative, threshold, unconditional
from samklang.estimate.law import Law, law, sidak

pytestmark = pytest.mark.statistical

SIGMA = 5.43
SD = math.sqrt(3) * SIGMA
DRAWS = 60_000
"""One pool of draws for all tests but one: they are slow, a hundred thousand a second."""
LAW = law(SD)
T = threshold(5, SD)


@pytest.mark.parametrize("true", [0, 1, 4, 30, 2_000])
def test_before_thresholding(true: int) -> None:
    """Also for empty cells, and whether clipped at zero or not."""
    observed = (true + noise(SIGMA, DRAWS)).astype(float)
    raw = unconditional(observed, LAW)
    for found in (raw, not_negative(raw, LAW.half())):
        hits = (found.low <= true) & (true <= found.high)
        assert covers(hits)
        assert not_wasteful(hits, 1.0 if true < 20 else 0.953)


def test_a_wrong_interval_is_found_out() -> None:
    """One that takes the integers for a continuum, one for the noise of two parties."""
    small = noise(2.0, 80_000)  # 94.03 % of them are within 1.96 sd, which 60,000 don't show for sure
    assert covers(np.abs(small) <= law(math.sqrt(12)).half())
    assert not covers(np.abs(small) <= 1.96 * math.sqrt(12))
    assert not covers(np.abs(noise(SIGMA, DRAWS)) <= 1.96 * math.sqrt(2) * SIGMA)


@pytest.mark.parametrize("true", [0, 4, T - 20, T - 9, T, T + 9, T + 20, T + 60])
def test_given_that_a_cell_is_shown(true: int) -> None:
    """What a reader sees are cells that passed; of those, 95 in 100 intervals hold whatever is true."""
    observed = (true + noise(SIGMA, DRAWS)).astype(float)
    observed = observed[observed >= T]
    assert observed.size > 75, "145 are expected of empty cells"
    found = given_shown(observed, T, LAW)
    hits = (found.low <= true) & (true <= found.high)
    assert covers(hits)
    assert not_wasteful(hits, 0.985 if true < T + 10 else 0.965)
    if true < T - 5:
        assert not covers(np.abs(observed - true) <= LAW.half()), "the plain interval would be found out"


def test_far_from_the_threshold_nothing_changes() -> None:
    observed = np.arange(T, T + 300, dtype=float)
    found = given_shown(observed, T, LAW)
    plain = unconditional(observed, LAW)
    assert found.conditional[:30].all()
    assert not found.conditional[50:].any()
    assert np.array_equal(found.low[50:], plain.low[50:])
    assert np.array_equal(found.high[50:], plain.high[50:])


def test_selected_cells_with_the_simultaneous_option() -> None:
    """The largest of 50 cells: its own interval fails, one of those that hold together doesn't."""
    cells, tables = 50, 1_200
    truth = 60 + np.arange(cells) % 7
    observed = truth + noise(SIGMA, DRAWS).reshape(tables, cells)
    largest = observed.argmax(axis=1)
    seen, true = observed.max(axis=1), truth[largest]
    together = LAW.half(sidak(0.95, cells))
    assert covers(np.abs(seen - true) <= together)
    assert not covers(np.abs(seen - true) <= LAW.half())
    every = (np.abs(observed - truth) <= together).all(axis=1)
    assert covers(every)
    assert not_wasteful(every, 0.97), "no wider than it must be"


def test_shown_cells_hold_together_given_which_are_shown() -> None:
    """Near the threshold: the conditional intervals at the confidence for as many cells as are shown."""
    cells, tables = 12, 5_000
    truth = np.linspace(0, 60, cells).astype(int)
    observed = (truth + noise(SIGMA, DRAWS).reshape(tables, cells)).astype(float)
    shown = observed >= T
    good = np.ones(tables, bool)
    single = good.copy()
    for many in range(1, cells + 1):
        rows = np.flatnonzero(shown.sum(axis=1) == many)
        for confidence, out in ((sidak(0.95, many), good), (0.95, single)):
            values = np.where(shown[rows], observed[rows], T + 1000)
            found = given_shown(values, T, LAW, confidence)
            held = (found.low <= truth) & (truth <= found.high)
            out[rows] = (held | ~shown[rows]).all(axis=1)
    assert covers(good)
    assert not covers(single)


def test_an_interval_below_zero_becomes_an_upper_bound() -> None:
    raw = unconditional(np.array([-60.0, -10.0, 3.0]), LAW)
    found = not_negative(raw, LAW.half())
    assert found.low.tolist() == [0, 0, 0]
    assert found.high.tolist() == [LAW.half(), LAW.half() - 10, LAW.half() + 3]
    assert found.upper_only.tolist() == [True, False, False]


def test_what_is_below_the_threshold_has_no_interval() -> None:
    with pytest.raises(ValueError, match="threshold"):
        given_shown(np.array([T - 1.0]), T, LAW)
    assert given_shown(np.empty(0), T, LAW).low.shape == (0,)


@given(
    sd=st.floats(3.47, 400),
    min_count=st.integers(3, 1000),
    above=st.integers(0, 3000),
    confidence=st.sampled_from([0.8, 0.95, 0.999]),
)
def test_conditional_intervals_are_where_the_test_says(
    sd: float, min_count: int, above: int, confidence: float
) -> None:
    """Against the definition, computed from the law one true number at a time."""
    noise_law = Law(sd)
    shown_from = threshold(min_count, sd)
    observed = float(shown_from + above)
    found = given_shown(np.array([observed]), shown_from, noise_law, confidence)
    low, high = found.low[0], found.high[0]
    assert 0 <= low <= high
    alpha = (1 - confidence) / 2

    def rejected(true: float) -> bool:
        to_t, to_y = (noise_law.log_tail(np.array([int(x - true)]))[0] for x in (shown_from, observed))
        past_y = noise_law.log_tail(np.array([int(observed + 1 - true)]))[0]
        above_tail, below_tail = math.exp(to_y - to_t), -math.expm1(past_y - to_t)
        return above_tail <= alpha * (1 + 1e-9) or below_tail <= alpha * (1 + 1e-9)

    if not found.upper_only[0]:
        assert rejected(high + 1) or high + 1 > observed + 40 * sd
        assert low == 0 or rejected(low - 1)

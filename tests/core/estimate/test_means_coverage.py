"""Coverage of means, with the noise of counts and of sums drawn from the real mechanism.

Two families per citizen: sums centred at the middle of the clip bounds and sums that aren't. Each comparison
has a false-alarm rate of 1e-9. Fieller's interval rests on normal noise, which counts of a standard
deviation of 9 are to a thousandth; that much is allowed for.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.support.released import covers, noise

from samklang.estimate.counts import threshold
from samklang.estimate.law import law
from samklang.estimate.means import fieller, mean_of

pytestmark = pytest.mark.statistical

SIGMA = 5.43
SUM_SIGMA = 310.0
SD, SUM_SD = math.sqrt(3) * SIGMA, math.sqrt(3) * SUM_SIGMA
DRAWS = 60_000
LAW = law(SD)
T = threshold(5, SD)
SLACK = 0.001


def observed(true: int, mean: float, middle: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(counts, sums of value - middle) of cells with ``true`` citizens."""
    counts = true + noise(SIGMA, DRAWS)
    sums = round(true * (mean - middle)) + noise(SUM_SIGMA, DRAWS)
    return counts.astype(float), sums.astype(float)


@pytest.mark.parametrize(("true", "mean"), [(60, 12.0), (60, 55.0), (400, 0.0), (400, 30.0), (5_000, 59.0)])
def test_fieller_before_selection(true: int, mean: float) -> None:
    """Estimable in practically every draw: 60 is more than six standard deviations of a count."""
    counts, sums = observed(true, mean)
    found = mean_of(sums, SUM_SD, counts, LAW)
    assert np.isfinite(found.value).mean() > 0.999
    truth = round(true * mean) / true
    assert covers((found.low <= truth) & (truth <= found.high), slack=SLACK)


def test_a_wrong_interval_is_found_out() -> None:
    """The sum's noise alone, as if the count were exact; it matters where means are large."""
    true, mean = 60, 200.0
    counts, sums = observed(true, mean)
    half = 1.96 * SUM_SD / counts
    assert not covers(np.abs(sums / counts - mean) <= half, slack=SLACK)
    found = mean_of(sums, SUM_SD, counts, LAW)
    assert covers((found.low <= mean) & (mean <= found.high), slack=SLACK)


@pytest.mark.parametrize("true", [T, T + 5, T + 15, T + 40, T + 80])
@pytest.mark.parametrize("mean", [3.0, 60.0])
def test_given_that_the_cell_is_shown(true: int, mean: float) -> None:
    """Of the cells that passed and whose mean is given, 95 in 100 intervals hold."""
    counts, sums = observed(true, mean)
    shown = counts >= T
    found = mean_of(sums[shown], SUM_SD, counts[shown], LAW, shown_from=T)
    given = np.isfinite(found.value)
    assert given.sum() > 1_000
    truth = round(true * mean) / true
    assert covers(((found.low <= truth) & (truth <= found.high))[given], slack=SLACK)


def test_selection_would_be_found_out_if_it_were_ignored() -> None:
    true, mean = 10, 200.0
    counts, sums = observed(true, mean)
    shown = counts >= T + 10
    plain = fieller(sums[shown], SUM_SD**2, counts[shown], SD**2)
    assert not covers((plain.low <= mean) & (mean <= plain.high), slack=SLACK)
    found = mean_of(sums[shown], SUM_SD, counts[shown], LAW, shown_from=T + 10)
    given = np.isfinite(found.value)
    assert covers(((found.low <= mean) & (mean <= found.high))[given], slack=SLACK)


def test_centring_halves_the_interval_and_keeps_the_coverage() -> None:
    """Bounds 0..60: centred values reach 30, and so half the noise buys the same protection."""
    true, mean = 400, 25.0
    counts, plain = observed(true, mean)
    wide = mean_of(plain, SUM_SD, counts, LAW, bounds=(0, 60))
    doubled = round(true * (2 * mean - 60)) + noise(SUM_SIGMA, DRAWS)
    narrow = mean_of(doubled / 2, SUM_SD / 2, counts, LAW, middle=30.0, bounds=(0, 60))
    for found in (wide, narrow):
        assert covers((found.low <= mean) & (mean <= found.high), slack=SLACK)
    assert np.median(narrow.high - narrow.low) < 0.51 * np.median(wide.high - wide.low)


def test_not_estimable_where_the_count_may_be_zero() -> None:
    counts = np.array([-5.0, 10.0, 18.0, 19.0, 100.0])
    found = mean_of(np.full(5, 500.0), SUM_SD, counts, LAW)
    assert np.isnan(found.value).tolist() == [True, True, True, False, False]
    assert np.isnan(found.low).tolist() == np.isnan(found.high).tolist() == np.isnan(found.value).tolist()


def test_intervals_stay_within_what_values_are_cut_to() -> None:
    found = mean_of(np.array([-9000.0, 9000.0]), SUM_SD, np.array([60.0, 60.0]), LAW, bounds=(0, 40))
    assert found.low.tolist() == [0, 40]
    assert found.high.tolist() == [0, 40]
    assert found.value[0] < 0, "the estimate itself isn't cut: averages of estimates stay right"


def test_a_ratio_of_what_contains_it() -> None:
    """With the covariance Fieller's interval of a share is narrower than without."""
    with_it = fieller(np.array([50.0]), SD**2, np.array([200.0]), 4 * SD**2, SD**2)
    without = fieller(np.array([50.0]), SD**2, np.array([200.0]), 4 * SD**2)
    assert with_it.high[0] - with_it.low[0] < without.high[0] - without.low[0]

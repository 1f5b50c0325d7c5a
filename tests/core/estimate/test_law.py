"""The law of released noise against the convolution of three discrete Gaussians, and thresholds by it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from samklang.estimate.counts import threshold
from samklang.estimate.law import Law, law, sidak, z_score


def convolved(sigma: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(values, probabilities) of the sum of three parties' noise, by brute force."""
    reach = int(14 * sigma) + 2
    one = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    one /= one.sum()
    three = np.convolve(np.convolve(one, one), one)
    return np.arange(-3 * reach, 3 * reach + 1), three


@pytest.mark.parametrize("sigma", [2.0, 2.7, 5.4, 20.0])
def test_three_parties_noise_is_one_discrete_gaussian(sigma: float) -> None:
    values, mass = convolved(sigma)
    found = law(math.sqrt(3) * sigma)
    tails = np.cumsum(mass[::-1])[::-1]
    inside = np.abs(values) <= 8 * sigma
    assert np.exp(found.log_tail(values[inside])) == pytest.approx(tails[inside], rel=1e-9)


@pytest.mark.parametrize("sigma", [2.0, 3.1, 5.4, 11.5, 60.0])
def test_the_half_width_is_the_least_that_covers(sigma: float) -> None:
    values, mass = convolved(sigma)
    half = law(math.sqrt(3) * sigma).half()
    assert mass[np.abs(values) <= half].sum() >= 0.95
    assert mass[np.abs(values) <= half - 1].sum() < 0.95


def test_the_usual_interval_would_cover_too_little_where_noise_is_small() -> None:
    values, mass = convolved(2.0)
    assert mass[np.abs(values) <= 1.96 * math.sqrt(12)].sum() < 0.941
    assert law(math.sqrt(12)).half() == 7


@pytest.mark.parametrize("min_count", [3, 5, 20])
@pytest.mark.parametrize("sigma", [2.0, 5.43, 27.0])
def test_one_too_few_passes_in_at_most_one_per_cent(min_count: int, sigma: float) -> None:
    values, mass = convolved(sigma)
    found = threshold(min_count, math.sqrt(3) * sigma)
    passing = [mass[values + min_count - 1 >= t].sum() for t in (found, found - 1)]
    assert passing[0] <= 0.01 < passing[1], "and no threshold is higher than it must be"


def test_the_normal_approximation_would_let_more_pass() -> None:
    """Why the threshold is computed from the integers: at ε = 1 it is one higher than the normal's."""
    sigma = 5.43
    values, mass = convolved(sigma)
    by_normal = math.ceil(4 + stats.norm.isf(0.01) * math.sqrt(3) * sigma)
    assert mass[values + 4 >= by_normal].sum() > 0.01
    assert threshold(5, math.sqrt(3) * sigma) == by_normal + 1


def test_wide_noise_has_a_coarser_lattice_and_the_normal_quantiles() -> None:
    for sd in (3e3, 1e6, 1e13):
        assert law(sd).half() == pytest.approx(1.959964 * sd, rel=3e-3)
        assert law(sd).half() >= 1.959964 * sd


def test_tails_do_not_underflow() -> None:
    found = Law(5.0)
    assert found.log_tail(np.array([190])) < -700
    assert found.tail(-1e9) == 1.0


def test_confidence_together_and_apart() -> None:
    assert sidak(0.95, 1) == 0.95
    assert sidak(0.95, 20) ** 20 == pytest.approx(0.95)
    assert z_score(0.95) == pytest.approx(1.959964)
    for wrong in (0, -1):
        with pytest.raises(ValueError, match="positive"):
            sidak(0.95, wrong)
    with pytest.raises(ValueError, match="standard deviation"):
        Law(0.0)

"""Quantiles from noisy bands: coverage with the real mechanism's noise, false-alarm rate 1e-9 each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.support.released import covers, noise

from samklang.estimate.quantiles import quantile_bands

SIGMA = 5.43
SD = math.sqrt(3) * SIGMA
DRAWS = 60_000

TABLES = {
    "even": [100, 100, 100, 100, 100, 100],
    "skewed": [900, 220, 90, 40, 12, 3],
    "small": [9, 14, 20, 8, 2, 0],
    "empty-middle": [200, 0, 0, 0, 0, 210],
    "one-band": [500, 0, 0, 0, 0, 0],
}


@pytest.mark.statistical
@pytest.mark.parametrize("p", [0.25, 0.5, 0.9])
@pytest.mark.parametrize("name", TABLES)
def test_the_true_band_is_in_the_interval(name: str, p: float) -> None:
    truth = np.array(TABLES[name])
    true = int(np.argmax(np.cumsum(truth) >= p * truth.sum()))
    observed = truth + noise(SIGMA, DRAWS).reshape(-1, len(truth))
    found = quantile_bands(observed, p, SD)
    assert (found.low <= found.best).all()
    assert (found.best <= found.high).all()
    assert covers((found.low <= true) & (true <= found.high))


@pytest.mark.statistical
def test_intervals_that_are_too_short_are_found_out() -> None:
    """Taking the noise to be half of what it is."""
    truth = np.array(TABLES["small"])
    observed = truth + noise(SIGMA, DRAWS).reshape(-1, len(truth))
    found = quantile_bands(observed, 0.5, SD / 2)
    assert not covers((found.low <= 2) & (found.high >= 2))


def test_much_data_leaves_one_band_and_little_leaves_all() -> None:
    counts = np.array([[10_000, 30_000, 10_000], [3, -2, 5]])
    found = quantile_bands(counts, 0.5, SD)
    assert (found.low[0], found.best[0], found.high[0]) == (1, 1, 1)
    assert (found.low[1], found.high[1]) == (0, 2)


def test_one_band_and_extremes() -> None:
    found = quantile_bands(np.array([[50.0]]), 0.5, SD)
    assert (found.low[0], found.best[0], found.high[0]) == (0, 0, 0)
    for p in (0.0, 1.0):
        with pytest.raises(ValueError, match="between"):
            quantile_bands(np.array([[1.0, 2.0]]), p, SD)


def test_negative_counts_do_not_disturb_the_order() -> None:
    found = quantile_bands(np.array([[-20.0, 60.0, -30.0, 55.0]]), 0.5, SD)
    assert 0 <= found.low[0] <= found.best[0] <= found.high[0] <= 3

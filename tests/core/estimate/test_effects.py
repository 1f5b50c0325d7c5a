"""The smallest difference is found as often as is said, with the real mechanism's noise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from tests.support.released import ALPHA, noise

from samklang.estimate.effects import POWER, smallest_difference

SIGMA = 5.43
SD = math.sqrt(3) * SIGMA
DRAWS = 60_000


@pytest.mark.statistical
def test_power_and_level() -> None:
    """False-alarm rate 1e-9 each. A difference is a whole number of citizens."""
    first, second = noise(SIGMA, DRAWS).reshape(2, -1)
    least = smallest_difference(SD)
    found = np.abs(first - second + round(least)) > 1.96 * math.sqrt(2) * SD
    off = abs(found.mean() - POWER) - 0.02
    assert off < stats.norm.isf(ALPHA) * math.sqrt(POWER * (1 - POWER) / len(found))
    none = np.abs(first - second) > 1.96 * math.sqrt(2) * SD
    assert none.sum() <= stats.binom.isf(ALPHA, len(none), 0.05)
    half = np.abs(first - second + round(least / 2)) > 1.96 * math.sqrt(2) * SD
    assert half.mean() < 0.5


def test_about_four_standard_deviations() -> None:
    assert smallest_difference(1.0) == pytest.approx(3.962, abs=1e-3)

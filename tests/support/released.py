"""Noise as it is released, the sum of three parties' draws from the real mechanism, and how to judge samples.

docs/development.md says how a test that draws at random states its rate of false alarms and keeps it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from samklang.privacy.budget import PARTIES
from samklang.privacy.noise import OpenDPNoise

ALPHA = 1e-9
"""Of each comparison: with fewer than a thousand of them false alarms stay below 1e-6."""


@cache
def noise(sigma_local: float, size: int, which: int = 0) -> NDArray[np.int64]:
    """``size`` released errors; ``which`` makes independent ones of the same kind. Not to be written to."""
    source = OpenDPNoise()
    drawn = sum(source.discrete_gaussian(sigma_local, size) for _ in range(PARTIES))
    assert isinstance(drawn, np.ndarray)
    drawn.setflags(write=False)
    return drawn


def covers(hits: NDArray[np.bool_], confidence: float = 0.95, slack: float = 0.0) -> bool:
    """False if so few hits would come from intervals of this confidence in at most :data:`ALPHA` of runs.

    Args:
        slack: what an interval that rests on a first-order approximation may fall short by.
    """
    return bool(hits.sum() >= stats.binom.ppf(ALPHA, hits.size, confidence - slack))


def not_wasteful(hits: NDArray[np.bool_], most: float) -> bool:
    """False if so many hits would come from intervals of confidence ``most`` in at most :data:`ALPHA`."""
    return bool(hits.sum() <= stats.binom.isf(ALPHA, hits.size, most))


def variance_p(sample: NDArray[Any], variance: float) -> float:
    """Two-sided p of ``variance`` around a mean of 0.

    By the chi-square law: the normal one, six standard deviations out in a hundred values, is a hundredfold
    wrong. The discrete Gaussian from a σ of 2 on has a normal's moments to a millionth.
    """
    flat = np.asarray(sample, float).reshape(-1)
    law = stats.chi2(flat.size)
    spread = float(np.sum(flat**2)) / variance
    return float(2 * min(law.cdf(spread), law.sf(spread)))

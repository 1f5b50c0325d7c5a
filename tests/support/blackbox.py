"""A black-box check of a privacy claim: from samples alone, is more lost than is charged for?

The checker knows nothing of the mechanism. It gets samples of what an observer sees for two neighbouring data
sets, learns on one half of them in which direction they differ and where to cut, and tests on the other half.
ρ-zCDP promises P(E) ≤ e^ε Q(E) + δ for every event E and every δ, with ε from the conversion; the claim is
rejected if exact (Clopper, Pearson 1934) confidence limits of P(E) and Q(E) contradict that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from samklang.privacy.accounting import epsilon_from_rho

FALSE_ALARM = 1e-7
"""Largest probability with which one check rejects a mechanism that keeps its promise."""
DELTAS = (Decimal("0.02"), Decimal("0.005"))

Samples = NDArray[Any]


def rejects(one: Samples, other: Samples, rho_nano: int) -> bool:
    """Whether samples refute that telling ``one`` from ``other`` costs no more than ``rho_nano``.

    Args:
        one, other: shape (n, d), independent rows: what is seen for each of two neighbouring data sets.
    """
    half = len(one) // 2
    direction = one[:half].mean(axis=0) - other[:half].mean(axis=0)
    direction = direction / np.maximum(one[:half].var(axis=0), 1e-9)
    seen = [(x @ direction) for x in (one, other)]
    tests = [(p, q, delta) for p, q in (seen, [-s for s in reversed(seen)]) for delta in DELTAS]
    level = FALSE_ALARM / (2 * len(tests))
    return any(_contradicted(p, q, half, rho_nano, delta, level) for p, q, delta in tests)


def _contradicted(
    p: NDArray[np.float64], q: NDArray[np.float64], half: int, rho_nano: int, delta: Decimal, level: float
) -> bool:
    """The event is a half-line, cut where the first halves differ most."""
    factor = math.exp(float(epsilon_from_rho(rho_nano, delta)))
    cuts: Sequence[float] = np.unique(np.quantile(p[:half], np.linspace(0.01, 0.99, 99))).tolist()
    gains = [(p[:half] >= c).mean() - factor * (q[:half] >= c).mean() for c in cuts]
    cut = cuts[int(np.argmax(gains))]
    hits = [int((x[half:] >= cut).sum()) for x in (p, q)]
    n = [len(x) - half for x in (p, q)]
    least = stats.beta.ppf(level, hits[0], n[0] - hits[0] + 1) if hits[0] else 0.0
    most = stats.beta.isf(level, hits[1] + 1, n[1] - hits[1]) if hits[1] < n[1] else 1.0
    return bool(least > factor * most + float(delta))

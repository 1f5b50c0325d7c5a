"""Curves over age, and how latent factors move a share without moving its mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.cli.demo.population.marginals import Curve

Floats = NDArray[np.float64]

_LOGISTIC_NORMAL = (16 * np.sqrt(3) / (15 * np.pi)) ** 2
"""c² of Zeger, Liang and Albert, Biometrics 44 (1988): a normal factor of standard deviation s flattens a
logistic curve by about √(1 + c² s²)."""


def logit(share: Floats) -> Floats:
    return np.asarray(np.log(share / (1 - share)))


def expit(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-value)))


def along(curve: Curve, age: NDArray[np.int64]) -> Floats:
    """Values of a curve at whole ages; shape of ``age``."""
    years, values = zip(*curve, strict=True)
    return np.asarray(np.interp(np.arange(130), years, values))[age]


def share_along(curve: Curve, age: NDArray[np.int64]) -> Floats:
    """Shares of a curve at whole ages, interpolated on the logit scale."""
    years, values = zip(*curve, strict=True)
    return expit(np.interp(np.arange(130), years, logit(np.asarray(values))))[age]


def risk(share: Floats, strength: float, factor: Floats) -> Floats:
    """Each citizen's probability, given a standard normal ``factor``; its mean stays about ``share``."""
    scale = np.sqrt(1 + _LOGISTIC_NORMAL * strength**2)
    return expit(logit(share) * scale + strength * factor)


def rate(mean: Floats, strength: float, factor: Floats) -> Floats:
    """Each citizen's expected number of events, log-normal about ``mean``."""
    return np.asarray(mean * np.exp(strength * factor - strength**2 / 2))

"""Curves over age, and how latent factors move a share without moving its mean."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from samklang.cli.demo.population.marginals import Curve

Floats = NDArray[np.float64]

_POINTS = np.linspace(-7.0, 7.0, 14_001)
_AREA = np.asarray([0.5 * math.erfc(-x / math.sqrt(2)) for x in _POINTS.tolist()])
"""The normal distribution function, tabulated: numpy has none."""


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
    """Each citizen's probability, given a standard normal ``factor``; its mean is ``share``.

    A threshold on a normal liability: Φ(√(1 + s²) Φ⁻¹(share) + s · factor), whose mean over the factor is
    the share, whatever the strength s.
    """
    liability = np.interp(share, _AREA, _POINTS) * np.sqrt(1 + strength**2) + strength * factor
    return np.asarray(np.interp(liability, _POINTS, _AREA))


def rate(mean: Floats, strength: float, factor: Floats) -> Floats:
    """Each citizen's expected number of events, log-normal about ``mean``."""
    return np.asarray(mean * np.exp(strength * factor - strength**2 / 2))

"""Noise that is none: reachable from tests alone, by passing the object to a constructor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class NoNoise:
    """Every draw is 0; padding and dummies keep their shifts, messages keep their shapes."""

    def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
        assert sigma > 0
        return np.zeros(size, np.int64)

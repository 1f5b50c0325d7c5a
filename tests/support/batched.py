"""OpenDP's samples, drawn many at a time: for tests that need thousands of small draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.privacy.noise import CHUNK, OpenDPNoise


class Batched:
    """Implements :class:`samklang.privacy.noise.NoiseSource`; the samples are the product's own."""

    def __init__(self) -> None:
        self._noise = OpenDPNoise()
        self._left: dict[float, NDArray[np.int64]] = {}

    def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
        """The next ``size`` unused samples."""
        left = self._left.get(sigma, np.empty(0, np.int64))
        while len(left) < size:
            left = np.concatenate([left, self._noise.discrete_gaussian(sigma, CHUNK)])
        self._left[sigma] = left[size:]
        return left[:size].copy()

"""Where noise comes from: exact discrete Gaussians, drawn by OpenDP from the operating system's randomness.

A role takes a :class:`NoiseSource` in its constructor; processes pass :class:`OpenDPNoise`. There is no
switch that turns noise off.

No float comes near a sample: OpenDP reads sigma as the exact rational that the float denotes and samples
integers by rejection (Canonne, Kamath, Steinke 2020, algorithm 3). OpenDP accepts a vector of the wrong
length and saturates at the ends of int64, so length, type and range are checked here, before and after,
and a share is never handed to it: noise is the mechanism on zeros, added elsewhere.
"""

from __future__ import annotations

import math
import threading
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError

__all__ = ["CHUNK", "SIGMA_MAX", "SIGMA_MIN", "NoiseSource", "OpenDPNoise"]

CHUNK = 16_384
"""Samples per call of the mechanism: about 0.2 s, and a Python list of that length, not of millions."""

SIGMA_MIN = 0.5
SIGMA_MAX = float(1 << 50)
"""Beyond this a sample could come near the ends of int64."""

SIZE_MAX = 1 << 24


class NoiseSource(Protocol):
    """Draws independent integer noise."""

    def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
        """``size`` independent samples of N_Z(0, sigma²): P(x) proportional to exp(-x²/(2 sigma²))."""
        ...


class OpenDPNoise:
    """The noise of every real process. Instances hold no state worth hiding and may be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._measurements: dict[tuple[float, int], Any] = {}

    def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
        """See :meth:`NoiseSource.discrete_gaussian`.

        Args:
            sigma: standard deviation parameter, 0.5 to 2^50.
            size: number of samples, 0 to 2^24; drawn in chunks of :data:`CHUNK`.

        Raises:
            SamklangError: ``privacy-noise-range`` for other arguments, ``privacy-noise-failed`` if the
                library returns anything but ``size`` integers in range.
        """
        if type(size) is not int or not 0 <= size <= SIZE_MAX:
            raise SamklangError("privacy-noise-range", private=f"size {size!r}")
        if not isinstance(sigma, float) or not math.isfinite(sigma) or not SIGMA_MIN <= sigma <= SIGMA_MAX:
            raise SamklangError("privacy-noise-range", private=f"sigma {sigma!r}")
        samples = np.empty(size, dtype=np.int64)
        for start in range(0, size, CHUNK):
            length = min(CHUNK, size - start)
            samples[start : start + length] = self._draw(sigma, length)
        return samples

    def map(self, sigma: float, size: int, sensitivity: float) -> float:
        """OpenDP's own ρ for one such vector at an L2 sensitivity; rounded up by OpenDP."""
        return float(self._measurement(sigma, size).map(sensitivity))

    def _draw(self, sigma: float, length: int) -> NDArray[np.int64]:
        drawn = self._measurement(sigma, length)([0] * length)
        if not isinstance(drawn, list) or len(drawn) != length:
            raise SamklangError("privacy-noise-failed", private="wrong length or type")
        samples = np.array(drawn, dtype=np.int64)
        # 64 sigma has a probability below 1e-800: a library at fault, or one that saturates.
        if samples.shape != (length,) or np.abs(samples).max() > 64 * sigma:
            raise SamklangError("privacy-noise-failed", private="sample out of range")
        return samples

    def _measurement(self, sigma: float, length: int) -> Any:
        with self._lock:
            if (sigma, length) not in self._measurements:
                if len(self._measurements) > 64:
                    self._measurements.clear()
                self._measurements[sigma, length] = _build(sigma, length)
            return self._measurements[sigma, length]


def _build(sigma: float, length: int) -> Any:
    """The mechanism on integer vectors of one length; OpenDP is imported here, when it is first needed."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = (dp.vector_domain(dp.atom_domain(T="i64"), size=length), dp.l2_distance(T="f64"))
    return cast(Any, space >> dp.m.then_gaussian(sigma))

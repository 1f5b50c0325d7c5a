"""One party's draws for one attempt, clipped and fitted to the plan's public totals.

A draw whose total does not fit its public number is thrown away and drawn again. That depends on nothing
but the noise; its probability is in :attr:`~samklang.privacy.budget.NoisePlan.delta`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.privacy.budget import Noise, NoisePlan
from samklang.privacy.noise import NoiseSource

__all__ = ["Dummies", "PaddingGroups", "draw_dummies", "draw_fillers", "draw_groups", "draw_measure_noise"]

TRIES = 3


@dataclass(frozen=True, slots=True)
class PaddingGroups:
    """A compute party's padding besides its fillers; always ``plan.pad_total`` rows.

    Attributes:
        groups: int64 of shape (k_max - 1,): how many groups of 2, 3, ... k_max rows of one tag.
        singles: rows with a tag of their own that make up the public total.
    """

    groups: NDArray[np.int64] = field(repr=False)
    singles: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dummies:
    """A compute party's dummy groups; always ``plan.dummy_total``.

    Attributes:
        per_cell: int64 of shape (cells,), each 0..2·shift.
        absent: all-absent dummies that make up the public total.
    """

    per_cell: NDArray[np.int64] = field(repr=False)
    absent: int = field(repr=False)


def draw_fillers(noise: NoiseSource, plan: NoisePlan) -> int:
    """Filler rows of one input party, 0..2·shift_pad: single rows, each with a tag of its own."""
    return int(_shifted(noise, plan.s_pad, 1, plan.shift_pad)[0])


def draw_groups(noise: NoiseSource, plan: NoisePlan) -> PaddingGroups:
    """Padding groups of one compute party.

    Raises:
        SamklangError: ``privacy-noise-failed`` if the source's draws never fit (it is broken).
    """
    rows = np.arange(2, plan.k_max + 1, dtype=np.int64)
    groups, singles = _fit(
        lambda: _shifted(noise, plan.s_pad, len(rows), plan.shift_pad), rows, plan.pad_total
    )
    return PaddingGroups(groups, singles)


def draw_dummies(noise: NoiseSource, plan: Noise) -> Dummies:
    """Dummy groups of one compute party for one opening.

    Raises:
        SamklangError: ``privacy-noise-failed`` if the source's draws never fit (it is broken).
    """
    ones = np.ones(plan.cells, dtype=np.int64)
    per_cell, absent = _fit(
        lambda: _shifted(noise, plan.sigma_local, plan.cells, plan.shift), ones, plan.dummy_total
    )
    return Dummies(per_cell, absent)


def draw_measure_noise(noise: NoiseSource, plan: Noise, classes: NDArray[np.intp]) -> NDArray[np.uint64]:
    """One compute party's noise for the sums: uint64 of shape (measures, cells), modulo 2^64.

    ``classes``: the class of bounds of every measure and released cell, shape (measures, cells); at most
    ``plan.cells`` cells. Not clipped, not shifted.
    """
    if classes.shape[0] != len(plan.measures) or classes.shape[1] > plan.cells:
        raise ValueError("more cells, or other measures, than were accounted for")
    drawn = np.empty(classes.shape, dtype=np.int64)
    for row, of, sigmas in zip(drawn, classes, plan.measure_sigma_local, strict=True):
        if len(of) and not 0 <= int(of.min()) <= int(of.max()) < len(sigmas):
            raise ValueError("a class without bounds")
        for index, sigma in enumerate(sigmas):
            cells = np.flatnonzero(of == index)
            row[cells] = _draw(noise, sigma, len(cells))
    return drawn.view(np.uint64)


def _draw(noise: NoiseSource, sigma: float, size: int) -> NDArray[np.int64]:
    """Checked as if the source were somebody else's: a short vector would leave cells without noise."""
    drawn = noise.discrete_gaussian(sigma, size)
    if not isinstance(drawn, np.ndarray) or drawn.dtype != np.int64 or drawn.shape != (size,):
        raise SamklangError("privacy-noise-failed", private="wrong shape or type")
    return drawn


def _shifted(noise: NoiseSource, sigma: float, size: int, shift: int) -> NDArray[np.int64]:
    return np.clip(_draw(noise, sigma, size), -shift, shift) + shift


def _fit(
    draw: Callable[[], NDArray[np.int64]], weights: NDArray[np.int64], total: int
) -> tuple[NDArray[np.int64], int]:
    for _ in range(TRIES):
        drawn = draw()
        spare = total - int(drawn @ weights)
        if spare >= 0:
            return drawn, spare
    raise SamklangError("privacy-noise-failed", private="draws never fit the public total")

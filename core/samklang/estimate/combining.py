"""What is made of several cells: sums, shares, standardised ratios.

Noise is independent from cell to cell with one variance v, so a linear combination Σ aᵢ·yᵢ has the variance
v·Σ aᵢ². Nothing is clipped before it is added.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.estimate.counts import given_shown
from samklang.estimate.law import CONFIDENCE, law, sidak
from samklang.estimate.margins import grouped
from samklang.estimate.means import Ratios, fieller

__all__ = ["shares", "standardised", "sum_of_shown"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def sum_of_shown(
    counts: Floats, sd: float, shown_from: float, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """How many citizens the cells ``counts`` hold together: (sum, low, high).

    Cells far above the threshold add up with the variance cells·v. Those near it have been selected: if
    there are any, they and the sum of the others share the error probability, and each of them counts with
    its conditional interval.
    """
    counts = np.asarray(counts, np.float64)
    noise = law(sd)
    total = float(counts.sum())
    near = given_shown(counts, shown_from, noise, confidence).conditional
    if not near.any():
        half = _half(sd, len(counts), confidence)
        return total, max(0.0, total - half), total + half
    apart = int(near.sum()) + int(not near.all())
    each = sidak(confidence, apart)
    ends = given_shown(counts[near], shown_from, noise, each)
    far = float(counts[~near].sum())
    half = _half(sd, int((~near).sum()), each)
    low, high = far - half + float(ends.low.sum()), far + half + float(ends.high.sum())
    return total, max(0.0, low), high


def _half(sd: float, cells: int, confidence: float) -> float:
    return law(sd * float(np.sqrt(cells))).half(confidence) if cells else 0.0


def shares(counts: Floats, group: Ints, sd: float, confidence: float = CONFIDENCE) -> Ratios:
    """Each cell's share of the cells of its group; the cell is part of what it is divided by.

    Not estimable where the group's sum is within 1.96 of its standard deviations of 0. Intervals are cut to
    [0, 1] last.
    """
    counts = np.asarray(counts, np.float64)
    groups = int(group.max(initial=-1)) + 1
    sums, sizes = grouped(counts, group, groups)[group], grouped(np.ones(len(group)), group, groups)[group]
    found = fieller(counts, sd**2, sums, sizes * sd**2, sd**2, confidence)
    return Ratios(found.value, np.clip(found.low, 0, 1), np.clip(found.high, 0, 1))


def standardised(
    events: Floats,
    everybody: Floats,
    sd: float,
    *,
    cells: int = 1,
    event_cells: int = 1,
    confidence: float = CONFIDENCE,
) -> Ratios:
    """Indirectly standardised ratios: events observed in a group over those expected of it.

    Expected is what the group would have if each of its strata had the events per citizen of all groups
    together. The expectation is noisy too, and shares its noise with what is observed; both are taken into
    account to first order, and the interval is Fieller's.

    Args:
        events: citizens with the event, shape (groups, strata): sums of ``event_cells`` noisy counts.
        everybody: of all citizens, same shape: sums of ``cells`` noisy counts, those of ``events`` included.
        sd: standard deviation of one noisy count.
    """
    events, everybody = np.asarray(events, np.float64), np.asarray(everybody, np.float64)
    observed = events.sum(axis=1)
    all_events, all_people = events.sum(axis=0), everybody.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = all_events / all_people
        expected = everybody @ rate
    v, groups = sd**2, len(events)
    found = []
    for g in range(groups):
        # Gradient of the expectation in the noise of a cell without the event, and of one with it.
        share = everybody[g] / all_people
        own = (np.arange(groups) == g).astype(np.float64)[:, None]
        other = own * rate - share * rate
        event = other + share
        of_expected = event_cells * (event**2).sum() + (cells - event_cells) * (other**2).sum()
        of_both = event_cells * (own * event).sum()
        found.append(
            fieller(
                observed[g],
                v * event_cells * events.shape[1],
                expected[g],
                v * float(of_expected),
                v * float(of_both),
                confidence,
            )
        )
    value, low, high = (np.array([getattr(f, n) for f in found]) for n in ("value", "low", "high"))
    return Ratios(value, np.maximum(0.0, low), high)

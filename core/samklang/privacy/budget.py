"""From a budget to noise: what every party draws, what it costs, and the public totals that go with it.

:func:`allocate` is a pure function of public numbers; every node computes the plan by itself and charges
:attr:`NoisePlan.rho_charged`, recomputed from the integers and σ that are used and rounded up.

- Padding gets 2 %. The rest is split √(1+k) : 1 : ... : 1 between counts and k measures.
- Each of three compute parties draws with σ_local; an observer that is one of them knows its own draw, so
  the accounting counts two: σ = √2 σ_local. What is released carries three: sd = √3 σ_local.
- σ_local never goes below 2 (:mod:`samklang.privacy.discrete_gaussian`); a budget that would allow less
  noise is not used up.
- Draws are clipped to [-shift, shift] and shifted, so that they are counts of rows. Anything clipped, or
  a total that does not fit its public number, is an event of probability η; an (ε, δ) statement loses at
  most (1 + e^ε) η by it. :attr:`NoisePlan.delta` is that for ε = 8, the highest ε that may be stated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext

from samklang.errors import SamklangError
from samklang.privacy.accounting import PRECISION, ceil_nano
from samklang.privacy.discrete_gaussian import (
    DIMENSION_MAX,
    SIGMA_FLOOR,
    clip_bound,
    single_rho,
    sum_bound,
    sum_of_two_rho,
    tail,
)
from samklang.privacy.sensitivity import COUNTS_SQUARED, Bounds, padding_squared

__all__ = ["DELTA_PER_MECHANISM", "EPSILON_CEILING", "PADDING_SHARE", "PARTIES", "NoisePlan", "allocate"]

PARTIES = 3
PADDING_SHARE = (2, 100)
EPSILON_CEILING = 8
DELTA_PER_MECHANISM = Decimal("1e-12")

_STEP = Decimal(1) / (1 << 20)
"""σ are multiples of this below 2^32 and whole above: exact as floats, the same at every party."""


@dataclass(frozen=True, slots=True)
class NoisePlan:
    """Everything about the noise of one attempt. ρ in nano-ρ, σ in counts or in a measure's integers.

    Attributes:
        cells: number of noisy cells (all combinations of final levels but the all-absent one).
        nodes: input parties of the query.
        k_max: highest multiplicity that gets padding groups (never above ``nodes``).
        measures: bounds of each measure.
        rho_given: the budget.
        rho_padding, rho_counts, rho_measures: the cost of each mechanism; counts and measures for a
            citizen who moves between cells.
        rho_charged: what the ledger is charged; not above ``rho_given``.
        delta: what clipping and public totals add to δ at any ε up to 8.
        s_pad: σ of fillers and of padding groups per multiplicity.
        shift_pad: their shift and clip; a draw is 0..2·shift_pad.
        pad_total: padding rows that each compute party sends besides its fillers, whatever it drew.
        sigma_local: σ of one compute party's dummies per cell.
        shift: their shift and clip; a draw is 0..2·shift.
        dummy_total: dummy groups that each compute party sends, all-absent ones included.
        measure_sigma_local: σ of one compute party's noise per measure and cell.
    """

    cells: int
    nodes: int
    k_max: int
    measures: tuple[Bounds, ...]
    rho_given: int
    rho_padding: int
    rho_counts: int
    rho_measures: tuple[int, ...]
    rho_charged: int
    delta: float
    s_pad: float
    shift_pad: int
    pad_total: int
    sigma_local: float
    shift: int
    dummy_total: int
    measure_sigma_local: tuple[float, ...]

    @property
    def sigma(self) -> float:
        """σ of any two compute parties' dummies together: what the accounting rests on."""
        return math.sqrt(2) * self.sigma_local

    @property
    def released_sd(self) -> float:
        """Standard deviation of a released count."""
        return math.sqrt(PARTIES) * self.sigma_local

    @property
    def measure_released_sd(self) -> tuple[float, ...]:
        """Standard deviation of each released sum, in the measure's integers."""
        return tuple(math.sqrt(PARTIES) * sigma for sigma in self.measure_sigma_local)


def allocate(
    rho_total_nano: int, *, nodes: int, k_max: int, cells: int, measures: Sequence[Bounds] = ()
) -> NoisePlan:
    """Split a budget and find the noise that it pays for.

    Args:
        rho_total_nano: the query's budget, from :func:`~samklang.privacy.accounting.rho_from_epsilon`.
        nodes: input parties, 1 or more.
        k_max: at how many nodes one citizen may have a row (sectors × memberships per sector).
        cells: noisy cells, 1 to 10^6.
        measures: what one citizen can contribute to each.

    Raises:
        SamklangError: ``privacy-budget-too-small`` if a mechanism would get less than one nano-ρ,
            ``privacy-noise-range`` if a measure's noise would not fit 64 bits.
        ValueError: arguments out of range.
    """
    if not 1 <= cells <= DIMENSION_MAX:
        raise ValueError("cells out of range")
    measures = tuple(measures)
    k_max = min(k_max, nodes)
    with localcontext() as context:
        context.prec = PRECISION
        stated = 1 + Decimal(EPSILON_CEILING).exp()
        eta = DELTA_PER_MECHANISM / stated
        eta_half, eta_party = eta / 2, eta / (2 * PARTIES)

    part_padding = rho_total_nano * PADDING_SHARE[0] // PADDING_SHARE[1]
    part_counts, part_measure = _split(rho_total_nano - part_padding, measures)
    if min(part_padding, part_counts, part_measure) < 1:
        raise SamklangError("privacy-budget-too-small")

    squared = padding_squared(nodes, k_max)
    s_pad = _least_sigma(part_padding, squared, dimension=None)
    sigma = _least_sigma(part_counts, COUNTS_SQUARED, cells)
    sigmas = tuple(_least_sigma(part_measure, bounds.squared_moving, cells) for bounds in measures)

    rho_padding = ceil_nano(single_rho(s_pad, squared))
    counts = sum_of_two_rho(sigma, COUNTS_SQUARED, cells)
    moving = [sum_of_two_rho(s, b.squared_moving, cells) for s, b in zip(sigmas, measures, strict=True)]
    staying = [sum_of_two_rho(s, b.squared_staying, cells) for s, b in zip(sigmas, measures, strict=True)]
    rho_measures = tuple(ceil_nano(rho) for rho in moving)
    rho_counts = ceil_nano(counts)
    worst = max(rho_counts + sum(rho_measures), sum(ceil_nano(rho) for rho in staying))

    weights = range(2, k_max + 1)
    pad_draws = nodes + PARTIES * len(weights)
    shift_pad = clip_bound(s_pad, pad_draws, eta_half)
    pad_spare = sum_bound(s_pad, sum(j * j for j in weights), eta_party)
    dummy_draws = PARTIES * cells
    shift = clip_bound(sigma, dummy_draws, eta_half)
    dummy_spare = sum_bound(sigma, cells, eta_party)

    with localcontext() as context:
        context.prec = PRECISION
        missed = pad_draws * tail(s_pad, shift_pad) + dummy_draws * tail(sigma, shift) + eta
        delta = missed * stated
    return NoisePlan(
        cells=cells,
        nodes=nodes,
        k_max=k_max,
        measures=measures,
        rho_given=rho_total_nano,
        rho_padding=rho_padding,
        rho_counts=rho_counts,
        rho_measures=rho_measures,
        rho_charged=rho_padding + worst,
        delta=math.nextafter(float(delta), 1.0),
        s_pad=float(s_pad),
        shift_pad=shift_pad,
        pad_total=sum(j * shift_pad for j in weights) + pad_spare,
        sigma_local=float(sigma),
        shift=shift,
        dummy_total=cells * shift + dummy_spare,
        measure_sigma_local=tuple(float(s) for s in sigmas),
    )


def _split(rest: int, measures: Sequence[Bounds]) -> tuple[int, int]:
    """(counts, each measure), so that neither moving nor staying costs more than ``rest``.

    A measure that is charged m for a citizen who moves costs m · staying²/moving² for one who stays. Where
    all of those together exceed ``rest`` (several centred measures) measures get less, counts the rest.
    """
    if not measures:
        return rest, 1
    with localcontext() as context:
        context.prec = PRECISION
        by_weight = rest / (Decimal(1 + len(measures)).sqrt() + len(measures))
        ratio = sum((Decimal(b.squared_staying) / b.squared_moving for b in measures), Decimal(0))
        # One nano per measure is kept back for rounding the staying costs up.
        each = int(min(by_weight, (rest - len(measures)) / ratio))
    return rest - each * len(measures), each


def _least_sigma(part: int, squared: int, dimension: int | None) -> Decimal:
    """The least σ ≥ 2 on the grid whose cost, rounded up, is within ``part`` nano-ρ.

    ``dimension`` None: one party's noise must do (padding); else that of two parties together.
    """

    def cost(sigma: Decimal) -> int:
        if dimension is None:
            return ceil_nano(single_rho(sigma, squared))
        return ceil_nano(sum_of_two_rho(sigma, squared, dimension))

    with localcontext() as context:
        context.prec = PRECISION
        count = 1 if dimension is None else 2
        sigma = (Decimal(squared) * 1_000_000_000 / (2 * count * part)).sqrt()
        step = _STEP if sigma < 1 << 32 else Decimal(1)
        sigma = (max(sigma, Decimal(SIGMA_FLOOR)) / step).to_integral_value(ROUND_CEILING) * step
        while cost(sigma) > part:
            sigma += step
        if sigma > 1 << 50:
            raise SamklangError("privacy-noise-range", private="measure sigma above 2^50")
        return sigma

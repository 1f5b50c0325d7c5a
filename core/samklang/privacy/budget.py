"""From a budget to noise: what every party draws, what it costs, and the public totals that go with it.

:func:`allocate` is a pure function of public numbers; every node computes the plan by itself and charges
:attr:`NoisePlan.rho_charged`, recomputed from the integers and σ that are used and rounded up.

- Padding gets 2 %, the margin, if there is one, 15 %. What an opening gets is split √(1+k) : 1 : ... : 1
  between counts and k measures.
- Each of three compute parties draws with σ_local; an observer that is one of them knows its own draw, so
  the accounting counts two: σ = √2 σ_local. What is released carries three: sd = √3 σ_local.
- A measure's noise is proportional to the reach of its bounds, which may differ from cell to cell.
- σ_local never goes below 2 (:mod:`samklang.privacy.discrete_gaussian`); a budget that would allow less
  noise is not used up.
- Draws are clipped to [-shift, shift] and shifted, so that they are counts of rows. Anything clipped, or
  a total that does not fit its public number, is an event of probability η per kind of draw; an (ε, δ)
  statement loses at most (1 + e^ε) η by it. :attr:`NoisePlan.delta` is that for ε = 8, the highest ε that
  may be stated.
- The fine table and its margin are two releases about the same citizens: their ρ add up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

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
from samklang.privacy.sensitivity import MOVING_SQUARED, Bounds, padding_squared, staying_squared

__all__ = [
    "DELTA_PER_MECHANISM", "EPSILON_CEILING", "MARGIN_SHARE", "PADDING_SHARE", "PARTIES", "Noise",
    "NoisePlan", "allocate",
]  # fmt: skip

PARTIES = 3
PADDING_SHARE = (2, 100)
MARGIN_SHARE = (15, 100)
EPSILON_CEILING = 8
DELTA_PER_MECHANISM = Decimal("1e-12")

_STEP = Decimal(1) / (1 << 20)
"""σ are multiples of this below 2^32 and whole above: exact as floats, the same at every party."""
_FLOOR = Decimal(SIGMA_FLOOR)

Classes = tuple[Bounds, ...]
"""A measure's bounds by class of cells: one class, or one per level of an axis."""


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of one opening. ρ in nano-ρ, σ in counts or in the integers that are summed.

    Attributes:
        cells: number of noisy cells (all combinations of final levels but the all-absent one).
        measures: bounds of each measure, by class of cells.
        rho_counts, rho_measures: the cost of each mechanism for a citizen who moves between cells.
        rho_opening: what the opening costs: for a citizen who moves or for one who stays, the larger.
        sigma_local: σ of one compute party's dummies per cell.
        shift: their shift and clip; a draw is 0..2·shift.
        dummy_total: dummy groups that each compute party sends, all-absent ones included.
        measure_sigma_local: σ of one compute party's noise per measure and class of cells.
    """

    cells: int
    measures: tuple[Classes, ...]
    rho_counts: int
    rho_measures: tuple[int, ...]
    rho_opening: int
    sigma_local: float
    shift: int
    dummy_total: int
    measure_sigma_local: tuple[tuple[float, ...], ...]

    @property
    def sigma(self) -> float:
        """σ of any two compute parties' dummies together: what the accounting rests on."""
        return math.sqrt(2) * self.sigma_local

    @property
    def released_sd(self) -> float:
        """Standard deviation of a released count."""
        return math.sqrt(PARTIES) * self.sigma_local

    @property
    def measure_released_sd(self) -> tuple[tuple[float, ...], ...]:
        """Standard deviation of each released sum by class of cells, in the integers that are summed."""
        return tuple(
            tuple(math.sqrt(PARTIES) * sigma for sigma in classes) for classes in self.measure_sigma_local
        )


@dataclass(frozen=True, slots=True)
class NoisePlan(Noise):
    """Everything about the noise of one attempt: that of the table itself, of the padding, of the margin.

    Attributes:
        nodes: input parties of the query.
        k_max: highest multiplicity that gets padding groups (never above ``nodes``).
        rho_given: the budget.
        rho_padding: what the padding costs.
        rho_charged: what the ledger is charged; not above ``rho_given``.
        delta: what clipping and public totals add to δ at any ε up to 8.
        s_pad: σ of fillers and of padding groups per multiplicity.
        shift_pad: their shift and clip; a draw is 0..2·shift_pad.
        pad_total: padding rows that each compute party sends besides its fillers, whatever it drew.
        margin: the noise of the margin's own opening, if there is one.
    """

    nodes: int
    k_max: int
    rho_given: int
    rho_padding: int
    rho_charged: int
    delta: float
    s_pad: float
    shift_pad: int
    pad_total: int
    margin: Noise | None = None


def allocate(
    rho_total_nano: int,
    *,
    nodes: int,
    k_max: int,
    cells: int,
    measures: Sequence[Classes] = (),
    margin: tuple[int, Sequence[Classes]] | None = None,
) -> NoisePlan:
    """Split a budget and find the noise that it pays for.

    Args:
        rho_total_nano: the query's budget, from :func:`~samklang.privacy.accounting.rho_from_epsilon`.
        nodes: input parties, 1 or more.
        k_max: at how many nodes one citizen may have a row (sectors × memberships per sector).
        cells: noisy cells, 1 to 10^6.
        measures: what one citizen can contribute to each, by class of cells.
        margin: cells and measures of the margin's opening.

    Raises:
        SamklangError: ``privacy-budget-too-small`` if a mechanism would get less than one nano-ρ,
            ``privacy-noise-range`` if a measure's noise would not fit 64 bits.
        ValueError: arguments out of range.
    """
    with localcontext() as context:
        context.prec = PRECISION
        return _allocate(rho_total_nano, nodes, min(k_max, nodes), cells, tuple(measures), margin)


def _allocate(
    rho_total_nano: int,
    nodes: int,
    k_max: int,
    cells: int,
    measures: tuple[Classes, ...],
    margin: tuple[int, Sequence[Classes]] | None,
) -> NoisePlan:
    """In a context of :data:`PRECISION` digits, as are all functions below."""
    eta = DELTA_PER_MECHANISM / (1 + Decimal(EPSILON_CEILING).exp())

    part_padding = _share(rho_total_nano, PADDING_SHARE)
    part_margin = _share(rho_total_nano, MARGIN_SHARE) if margin else 0
    if part_padding < 1:
        raise SamklangError("privacy-budget-too-small")
    squared = padding_squared(nodes, k_max)
    s_pad = _least_on_grid(
        part_padding,
        lambda sigma: single_rho(sigma, squared),
        first=Decimal(squared) * 1_000_000_000 / (2 * part_padding),
        floor=_FLOOR,
    )
    table, missed = _noise(rho_total_nano - part_padding - part_margin, cells, measures, eta)
    second = None
    if margin:
        second, more = _noise(part_margin, margin[0], tuple(margin[1]), eta)
        missed += more

    rho_padding = ceil_nano(single_rho(s_pad, squared))
    weights = range(2, k_max + 1)
    pad_draws = nodes + PARTIES * len(weights)
    shift_pad = clip_bound(s_pad, pad_draws, eta / 2)
    pad_spare = sum_bound(s_pad, sum(j * j for j in weights), eta / (2 * PARTIES))
    missed += pad_draws * tail(s_pad, shift_pad) + eta / 2
    delta = missed * (1 + Decimal(EPSILON_CEILING).exp())
    return NoisePlan(
        **{name: getattr(table, name) for name in Noise.__slots__},
        nodes=nodes,
        k_max=k_max,
        rho_given=rho_total_nano,
        rho_padding=rho_padding,
        rho_charged=rho_padding + table.rho_opening + (second.rho_opening if second else 0),
        delta=math.nextafter(float(delta), 1.0),
        s_pad=float(s_pad),
        shift_pad=shift_pad,
        pad_total=sum(j * shift_pad for j in weights) + pad_spare,
        margin=second,
    )


def _share(whole: int, share: tuple[int, int]) -> int:
    return whole * share[0] // share[1]


def _noise(part: int, cells: int, measures: tuple[Classes, ...], eta: Decimal) -> tuple[Noise, Decimal]:
    """(the noise of one opening for ``part`` nano-ρ, probability that a draw is clipped or doesn't fit)."""
    if not 1 <= cells <= DIMENSION_MAX:
        raise ValueError("cells out of range")
    staying = [_decimal(staying_squared(m)) for m in measures]
    part_counts, part_measure = _split(part, staying)
    if min(part_counts, part_measure) < 1:
        raise SamklangError("privacy-budget-too-small")

    moving = Decimal(MOVING_SQUARED)
    sigma = _least_on_grid(
        part_counts,
        lambda s: sum_of_two_rho(s, moving, cells),
        first=moving * 1_000_000_000 / (4 * part_counts),
        floor=_FLOOR,
    )
    # σ per unit of reach; the least one at which some cell is above the floor by it.
    units = [
        _least_on_grid(
            part_measure,
            lambda s: sum_of_two_rho(s, moving, cells, least=_FLOOR),
            first=moving * 1_000_000_000 / (4 * part_measure),
            floor=_FLOOR / max(b.reach for b in m),
        )
        for m in measures
    ]
    counts = ceil_nano(sum_of_two_rho(sigma, moving, cells))
    moved = tuple(ceil_nano(sum_of_two_rho(u, moving, cells, least=_FLOOR)) for u in units)
    stayed = [
        ceil_nano(sum_of_two_rho(u, squared, cells, least=_FLOOR))
        for u, squared in zip(units, staying, strict=True)
    ]
    draws = PARTIES * cells
    shift = clip_bound(sigma, draws, eta / 2)
    found = Noise(
        cells=cells,
        measures=measures,
        rho_counts=counts,
        rho_measures=moved,
        rho_opening=max(counts + sum(moved), sum(stayed)),
        sigma_local=float(sigma),
        shift=shift,
        dummy_total=cells * shift + sum_bound(sigma, cells, eta / (2 * PARTIES)),
        measure_sigma_local=tuple(
            tuple(float(_on_grid(max(_FLOOR, unit * b.reach))) for b in m)
            for unit, m in zip(units, measures, strict=True)
        ),
    )
    return found, draws * tail(sigma, shift) + eta / 2


def _split(part: int, staying: Sequence[Decimal]) -> tuple[int, int]:
    """(counts, each measure), so that neither moving nor staying costs more than ``part``.

    A measure that is charged m for a citizen who moves costs m · staying²/moving² for one who stays. Where
    all of those together exceed ``part`` (several centred measures) measures get less, counts the rest.
    """
    if not staying:
        return part, 1
    count = len(staying)
    by_weight = part / (Decimal(1 + count).sqrt() + count)
    ratio = sum(staying, Decimal(0)) / MOVING_SQUARED
    # One nano per measure is kept back for rounding the staying costs up.
    each = int(min(by_weight, (part - count) / ratio))
    return part - each * count, each


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / value.denominator


def _on_grid(sigma: Decimal) -> Decimal:
    """``sigma`` rounded up to the grid.

    Raises:
        SamklangError: ``privacy-noise-range`` above 2^50.
    """
    step = _STEP if sigma < 1 << 32 else Decimal(1)
    if sigma > 1 << 50:
        raise SamklangError("privacy-noise-range", private="measure sigma above 2^50")
    return (sigma / step).to_integral_value(ROUND_CEILING) * step


def _least_on_grid(
    part: int, rho: Callable[[Decimal], Decimal], *, first: Decimal, floor: Decimal
) -> Decimal:
    """The least σ ≥ ``floor`` on the grid whose cost, rounded up, is within ``part`` nano-ρ.

    ``first``: square of a σ that costs no less than ``part``, to start from.
    """
    sigma = _on_grid(max(first.sqrt(), floor))
    while ceil_nano(rho(sigma)) > part:
        sigma += _STEP if sigma < 1 << 32 else Decimal(1)
    return sigma

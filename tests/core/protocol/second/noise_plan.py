"""The noise plan of an attempt, with decimals of 60 digits, from section 16.

Where the project searches σ on its grid upwards from a closed form, this bisects over the grid.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal, getcontext, localcontext
from typing import Any

from tests.core.protocol.second.keys import Refused

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
NANO = 10**9
PARTIES = 3
STATED = 8
MARGIN = Decimal("1e-30")


def padding_squared(nodes: int, k_max: int) -> int:
    """By trying every pair of sets of nodes."""
    k_max = min(k_max, nodes)
    n = min(nodes, 2 * k_max)  # more nodes than a citizen can leave and enter change nothing
    sets = [set(s) for size in range(k_max + 1) for s in itertools.combinations(range(n), size)]
    worst = 0
    for before, after in itertools.product(sets, repeat=2):
        changed = {len(before), len(after)} if len(before) != len(after) else set()
        worst = max(worst, len(before ^ after) + sum(size >= 2 for size in changed))
    return worst


def _nano(rho: Decimal) -> int:
    return int(((rho + MARGIN) * NANO).to_integral_value(ROUND_CEILING))


def _one(sigma: Decimal, squared: int) -> Decimal:
    return squared / (2 * sigma * sigma)


def _two(sigma: Decimal, squared: int, dimension: int) -> Decimal:
    tau = 10 * (-PI * PI * sigma * sigma).exp()
    epsilon = Decimal(squared).sqrt() / (Decimal(2).sqrt() * sigma) + tau * Decimal(dimension).sqrt()
    return epsilon * epsilon / 2


def _least(part: int, cost: Callable[[Decimal], Decimal]) -> Decimal:
    """The least σ of 2 or more on the grid that costs at most ``part`` nano-ρ."""
    per_unit = 1 << 20
    low, high = 2 * per_unit, 2 * per_unit
    while _nano(cost(Decimal(high) / per_unit)) > part:
        low, high = high, 2 * high
    if high >= 1 << 52:  # σ at or above 2³²: whole numbers
        low, high, per_unit = low // per_unit, high // per_unit, 1
    while _nano(cost(Decimal(low) / per_unit)) > part:
        middle = (low + high) // 2
        if middle == low:
            return Decimal(high) / per_unit
        if _nano(cost(Decimal(middle) / per_unit)) > part:
            low = middle
        else:
            high = middle
    return Decimal(low) / per_unit


def _tail(sigma: Decimal, bound: int) -> Decimal:
    twice = 2 * sigma * sigma
    first = (-(Decimal(bound + 1) ** 2) / twice).exp()
    ratio = (-Decimal(2 * bound + 3) / twice).exp()
    return min(Decimal(1), 2 * first / (1 - ratio) / (sigma * (2 * PI).sqrt()))


def _clip(sigma: Decimal, draws: int, probability: Decimal) -> int:
    bound = int(sigma * 4)  # far below what any draw count needs
    while draws * _tail(sigma, bound) > probability:
        bound += max(1, int(sigma / 50))
    while draws * _tail(sigma, bound - 1) <= probability:
        bound -= 1
    return bound


def _sum(sigma: Decimal, squared_weights: int, probability: Decimal) -> int:
    value = sigma * (-2 * squared_weights * probability.ln()).sqrt()
    return int(value.to_integral_value(ROUND_CEILING))


def plan(rho: int, nodes: int, k_max: int, cells: int, bounds: list[tuple[int, int, int]]) -> dict[str, Any]:
    """``bounds``: (low, high, suppliers) of each measure."""
    with localcontext() as context:
        context.prec = 60
        assert getcontext().prec == 60
        k_max = min(k_max, nodes)
        eta = Decimal("1e-12") / (1 + Decimal(STATED).exp())
        moving = [2 * (max(abs(lo), abs(hi)) * s) ** 2 for lo, hi, s in bounds]
        staying = [((max(hi, 0) - min(lo, 0)) * s) ** 2 for lo, hi, s in bounds]

        for_padding = rho * 2 // 100
        rest, each = rho - for_padding, 0
        if bounds:
            by_weight = rest / (Decimal(1 + len(bounds)).sqrt() + len(bounds))
            ratio = sum((Decimal(b) / a for a, b in zip(moving, staying, strict=True)), Decimal(0))
            each = int(min(by_weight, (rest - len(bounds)) / ratio))
        for_counts = rest - each * len(bounds)

        squared = padding_squared(nodes, k_max)
        s_pad = _least(for_padding, lambda s: _one(s, squared))
        sigma = _least(for_counts, lambda s: _two(s, 2, cells))
        sigmas = [_least(each, lambda s, m=m: _two(s, m, cells)) for m in moving]  # type: ignore[misc]

        pads = range(2, k_max + 1)
        shift_pad = _clip(s_pad, nodes + PARTIES * len(pads), eta / 2)
        shift = _clip(sigma, PARTIES * cells, eta / 2)
        spare_pad = _sum(s_pad, sum(j * j for j in pads), eta / (2 * PARTIES))
        spare = _sum(sigma, cells, eta / (2 * PARTIES))
        counts = _nano(_two(sigma, 2, cells))
        moved = [_nano(_two(s, m, cells)) for s, m in zip(sigmas, moving, strict=True)]
        stayed = [_nano(_two(s, m, cells)) for s, m in zip(sigmas, staying, strict=True)]
        pad_cost = _nano(_one(s_pad, squared))
        return {
            "s_pad": format(s_pad.normalize(), "f"),
            "sigma_local": format(sigma.normalize(), "f"),
            "measure_sigma_local": [format(s.normalize(), "f") for s in sigmas],
            "shift_pad": shift_pad,
            "pad_total": sum(pads) * shift_pad + spare_pad,
            "shift": shift,
            "dummy_total": cells * shift + spare,
            "rho_padding": pad_cost,
            "rho_counts": counts,
            "rho_measures": moved,
            "rho_charged": pad_cost + max(counts + sum(moved), sum(stayed)),
        }


def padding(plan: dict[str, int], filler: int, draws: list[int]) -> dict[str, Any]:
    """What one node that is a compute party adds to its own rows."""
    shift = plan["shift_pad"]
    groups = [min(max(z, -shift), shift) + shift for z in draws[: plan["k_max"] - 1]]
    singles = plan["pad_total"] - sum(j * g for j, g in enumerate(groups, start=2))
    if singles < 0:
        raise Refused
    return {"fillers": min(max(filler, -shift), shift) + shift, "groups": groups, "singles": singles}


def dummies(plan: dict[str, int], draws: list[int]) -> dict[str, Any]:
    shift = plan["shift"]
    per_cell = [min(max(z, -shift), shift) + shift for z in draws]
    absent = plan["dummy_total"] - sum(per_cell)
    if absent < 0:
        raise Refused
    return {"per_cell": per_cell, "absent": absent}

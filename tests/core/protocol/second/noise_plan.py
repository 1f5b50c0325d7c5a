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


def _two(sigma: Decimal, squared: Decimal, dimension: int, smallest: Decimal | None = None) -> Decimal:
    tau = 10 * (-PI * PI * (smallest or sigma) ** 2).exp()
    epsilon = squared.sqrt() / (Decimal(2).sqrt() * sigma) + tau * Decimal(dimension).sqrt()
    return epsilon * epsilon / 2


def _least(part: int, cost: Callable[[Decimal], Decimal], least: Decimal = Decimal(2)) -> Decimal:
    """The least σ of ``least`` or more on the grid that costs at most ``part`` nano-ρ."""
    per_unit = 1 << 20
    low = high = int((least * per_unit).to_integral_value(ROUND_CEILING))
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


Bounds = tuple[int, int, int]
"""low, high, suppliers of one class."""


def _text(sigma: Decimal) -> str:
    return format(sigma.normalize(), "f")


def _reach(bounds: Bounds) -> int:
    low, high, suppliers = bounds
    return max(abs(low), abs(high)) * suppliers


def _opening(part: int, cells: int, measures: list[list[Bounds]], eta: Decimal) -> dict[str, Any]:
    """Items 4 to 8 of section 16, of one opening."""
    two = Decimal(2)
    stay = []
    for classes in measures:
        worst = Decimal(0)
        for low, high, suppliers in classes:
            if low or high:
                spread = (max(high, 0) - min(low, 0)) * suppliers
                worst = max(worst, (Decimal(spread) / _reach((low, high, suppliers))) ** 2)
        stay.append(worst)
    each = 0
    if measures:
        by_weight = part / (Decimal(1 + len(measures)).sqrt() + len(measures))
        each = int(min(by_weight, (part - len(measures)) / (sum(stay, Decimal(0)) / 2)))
    sigma = _least(part - each * len(measures), lambda s: _two(s, two, cells))
    units = [
        _least(each, lambda s: _two(s, two, cells, two), two / max(_reach(b) for b in classes))
        for classes in measures
    ]
    sigmas = []
    for unit, classes in zip(units, measures, strict=True):
        of = [max(two, unit * _reach(b)) for b in classes]
        sigmas.append([x if x < 1 << 32 else x.to_integral_value(ROUND_CEILING) for x in of])
    shift = _clip(sigma, PARTIES * cells, eta / 2)
    counts = _nano(_two(sigma, two, cells))
    moved = [_nano(_two(u, two, cells, two)) for u in units]
    stayed = [_nano(_two(u, s, cells, two)) for u, s in zip(units, stay, strict=True)]
    return {
        "sigma_local": _text(sigma),
        "measure_sigma_local": [[_text(s) for s in of] for of in sigmas],
        "shift": shift,
        "dummy_total": cells * shift + _sum(sigma, cells, eta / (2 * PARTIES)),
        "rho_counts": counts,
        "rho_measures": moved,
        "rho_opening": max(counts + sum(moved), sum(stayed)),
    }


def plan(
    rho: int,
    nodes: int,
    k_max: int,
    cells: int,
    measures: list[list[Bounds]],
    margin: tuple[int, list[list[Bounds]]] | None = None,
) -> dict[str, Any]:
    """``measures``: each one's bounds by class; ``margin``: cells and measures of the margin."""
    with localcontext() as context:
        context.prec = 60
        assert getcontext().prec == 60
        k_max = min(k_max, nodes)
        eta = Decimal("1e-12") / (1 + Decimal(STATED).exp())
        for_padding = rho * 2 // 100
        for_margin = rho * 15 // 100 if margin else 0
        squared = padding_squared(nodes, k_max)
        s_pad = _least(for_padding, lambda s: _one(s, squared))
        pads = range(2, k_max + 1)
        shift_pad = _clip(s_pad, nodes + PARTIES * len(pads), eta / 2)
        spare_pad = _sum(s_pad, sum(j * j for j in pads), eta / (2 * PARTIES))
        pad_cost = _nano(_one(s_pad, squared))
        table = _opening(rho - for_padding - for_margin, cells, measures, eta)
        second = _opening(for_margin, *margin, eta) if margin else None
        return {
            "s_pad": _text(s_pad),
            "shift_pad": shift_pad,
            "pad_total": sum(pads) * shift_pad + spare_pad,
            "rho_padding": pad_cost,
            "rho_charged": pad_cost + table["rho_opening"] + (second["rho_opening"] if second else 0),
            **table,
            "margin": second,
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

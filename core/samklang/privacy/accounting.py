"""zCDP budgets in whole nano-ρ, and the (ε, δ) they convert to, rounded so that nobody gains by it.

ρ-zCDP (Bun, Steinke 2016) adds up over queries; an (ε, δ) is only a way to read a ρ. For every order
α > 1, ρ-zCDP implies (ε, δ)-differential privacy with

    δ = exp((α - 1)(αρ - ε)) / (α - 1) · (1 - 1/α)^α        (Canonne, Kamath, Steinke 2020, Cor. 13)

Each α by itself is a valid certificate, so searching for the best α can only fail to find the *least*
cost, never understate one. Everything is computed with 50 digits; the last 20 are the margin by which
results are moved before they are rounded: budgets down, costs up.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from functools import lru_cache

__all__ = [
    "NANO", "PRECISION", "ceil_nano", "epsilon_from_rho", "floor_nano", "read_epsilon", "rho_from_epsilon",
]  # fmt: skip

NANO = 1_000_000_000
"""nano-ρ per ρ."""

PRECISION = 50
MARGIN = Decimal("1e-30")
EPSILON_STEP = Decimal("1e-9")
READ_STEP = Decimal("1e-4")

_GOLDEN = Decimal("0.61803398874989484820458683436563811772030917980576")
_SEARCH = (Decimal(-25), Decimal(35), 130)
"""Range of ln(α - 1), and steps: 60 · 0.618^130 < 1e-25, which moves a smooth optimum by < 1e-48."""


def ceil_nano(rho: Decimal) -> int:
    """A cost in whole nano-ρ, rounded up by at least the margin of the computation."""
    with localcontext() as context:
        context.prec = PRECISION
        return int(((rho + MARGIN) * NANO).to_integral_value(ROUND_CEILING))


def floor_nano(rho: Decimal) -> int:
    """A budget in whole nano-ρ, rounded down by at least the margin of the computation."""
    with localcontext() as context:
        context.prec = PRECISION
        return max(0, int(((rho - MARGIN) * NANO).to_integral_value(ROUND_FLOOR)))


@lru_cache(maxsize=512)
def rho_from_epsilon(epsilon: Decimal, delta: Decimal) -> int:
    """The largest nano-ρ whose (ε, δ) conversion stays within ``epsilon`` at ``delta``.

    ε = 1, δ = 1e-8 gives 17,205,318 (ρ = 0.01721).

    Raises:
        ValueError: ``epsilon`` not in (0, 100], or ``delta`` not in [1e-30, 0.5].
    """
    _check_delta(delta)
    if not epsilon.is_finite() or not 0 < epsilon <= 100:
        raise ValueError("epsilon must be in (0, 100]")
    with localcontext() as context:
        context.prec = PRECISION
        best = _maximum(lambda t: _rho_at(t, epsilon, delta))
        return floor_nano(best)


@lru_cache(maxsize=512)
def epsilon_from_rho(rho_nano: int, delta: Decimal) -> Decimal:
    """The smallest multiple of 1e-9 that bounds ε at ``delta`` for a budget of ``rho_nano``.

    Raises:
        ValueError: ``rho_nano`` negative or above 10^12 (ρ = 1000), or ``delta`` not in [1e-30, 0.5].
    """
    _check_delta(delta)
    if not 0 <= rho_nano <= 1000 * NANO:
        raise ValueError("rho_nano must be in [0, 10^12]")
    if rho_nano == 0:
        return Decimal(0)
    with localcontext() as context:
        context.prec = PRECISION
        rho = Decimal(rho_nano) / NANO
        best = -_maximum(lambda t: -_epsilon_at(t, rho, delta))
        return max(Decimal(0), (best + MARGIN).quantize(EPSILON_STEP, rounding=ROUND_CEILING))


def read_epsilon(rho_nano: int, delta: Decimal, *, up: bool) -> str:
    """ε at ``delta`` as people read it, with four decimals at most.

    A ρ that :func:`rho_from_epsilon` has made of such an ε reads as that ε: the cap that a policy calls 2 is
    shown as 2, although its whole nano-ρ are worth 1.99999998. Any other ρ is rounded, costs ``up`` and what
    is left down, so that the figure never promises more than there is.

    Raises:
        ValueError: as :func:`epsilon_from_rho`.
    """
    found = epsilon_from_rho(rho_nano, delta)
    above = found.quantize(READ_STEP, rounding=ROUND_CEILING)
    written = 0 < above <= 100 and rho_from_epsilon(above, delta) == rho_nano
    shown = above if written or up else found.quantize(READ_STEP, rounding=ROUND_FLOOR)
    return format(shown.normalize(), "f")


def _check_delta(delta: Decimal) -> None:
    if not delta.is_finite() or not Decimal("1e-30") <= delta <= Decimal("0.5"):
        raise ValueError("delta must be in [1e-30, 0.5]")


def _slack(above_one: Decimal, delta: Decimal) -> Decimal:
    """(ln δ + ln(α - 1) - α ln(1 - 1/α)) / (α - 1), with ``above_one`` = α - 1."""
    alpha = 1 + above_one
    return (delta.ln() + above_one.ln() - alpha * (above_one / alpha).ln()) / above_one


def _rho_at(t: Decimal, epsilon: Decimal, delta: Decimal) -> Decimal:
    above_one = t.exp()
    return (epsilon + _slack(above_one, delta)) / (1 + above_one)


def _epsilon_at(t: Decimal, rho: Decimal, delta: Decimal) -> Decimal:
    above_one = t.exp()
    return (1 + above_one) * rho - _slack(above_one, delta)


def _maximum(f: Callable[[Decimal], Decimal]) -> Decimal:
    """The best value met by a golden-section search. ln δ is convex in α for fixed ρ and ε, so the set of
    α that certify a given (ρ, ε, δ) is an interval: both functions searched have a single peak."""
    low, high, steps = _SEARCH
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = f(left), f(right)
    best = max(at_left, at_right)
    for _ in range(steps):
        if at_left < at_right:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = f(right)
        else:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = f(left)
        best = max(best, at_left, at_right)
    return best

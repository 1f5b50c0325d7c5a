"""Facts about the discrete Gaussian N_Z(0, σ²) that the accounting needs, each an upper bound.

Sources: Canonne, Kamath, Steinke 2020 ("The Discrete Gaussian for Differential Privacy", CKS) and
Kairouz, Liu, Steinke 2021 ("The Distributed Discrete Gaussian Mechanism for Federated Learning with
Secure Aggregation", KLS). All values are Decimals of 50 digits, the same on every machine, so that all
parties of a query arrive at the same plan.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal, localcontext
from functools import lru_cache

from samklang.privacy.accounting import PRECISION

__all__ = ["DIMENSION_MAX", "SIGMA_FLOOR", "clip_bound", "single_rho", "sum_bound", "sum_of_two_rho", "tail"]

PI = Decimal("3.1415926535897932384626433832795028841971693993751")

SIGMA_FLOOR = 2
"""Least σ of one party's noise: from here on the sum of two parties' noise is as good as one draw."""

DIMENSION_MAX = 1_000_000


def tail(sigma: Decimal, bound: int) -> Decimal:
    """An upper bound of P(|Z| > ``bound``), within 5 % of it where ``bound`` > 5 σ.

    The sum over x > bound is at most a geometric series, since consecutive ratios only shrink; the
    normalising sum is at least σ√(2π), by Poisson summation.
    """
    with localcontext() as context:
        context.prec = PRECISION
        twice = 2 * sigma * sigma
        first = (-(Decimal(bound + 1) ** 2) / twice).exp()
        ratio = (-Decimal(2 * bound + 3) / twice).exp()
        return min(Decimal(1), 2 * first / (1 - ratio) / (sigma * (2 * PI).sqrt()))


@lru_cache(maxsize=256)
def clip_bound(sigma: Decimal, draws: int, probability: Decimal) -> int:
    """The least t such that, by :func:`tail`, any of ``draws`` samples leaves [-t, t] with at most
    ``probability``."""
    low, high = 0, int(sigma) + 1
    while draws * tail(sigma, high) > probability:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if draws * tail(sigma, middle) > probability:
            low = middle
        else:
            high = middle
    return high


def sum_bound(sigma: Decimal, squared_weights: int, probability: Decimal) -> int:
    """The least integer t with P(Σ wᵢ Zᵢ > t) ≤ ``probability`` by the sub-Gaussian bound
    exp(-t² / (2 σ² Σ wᵢ²)).

    Holds for samples clipped symmetrically too: N_Z(0, σ²) is sub-Gaussian with variance proxy σ² (CKS,
    Lemma 22), and for a symmetric Z, E exp(λZ) = E cosh(λZ), which clipping only lowers.
    """
    with localcontext() as context:
        context.prec = PRECISION
        return int(
            (sigma * (-2 * squared_weights * probability.ln()).sqrt()).to_integral_value(ROUND_CEILING)
        )


def single_rho(sigma: Decimal, squared_sensitivity: int) -> Decimal:
    """ρ of one party's noise alone: Δ₂² / (2σ²), exact for integer shifts (CKS, Theorem 14)."""
    with localcontext() as context:
        context.prec = PRECISION
        return Decimal(squared_sensitivity) / (2 * sigma * sigma)


def sum_of_two_rho(
    sigma: Decimal, squared_sensitivity: Decimal | int, dimension: int, *, least: Decimal | None = None
) -> Decimal:
    """ρ of the sum of two independent draws of σ each, on integer vectors of length ``dimension``.

    The sum isn't a discrete Gaussian, but close to one. KLS, Theorem 1 (Proposition 14) with n = 2:
    ½ε²-concentrated DP for ε = Δ₂/(√2 σ) + τ√d, τ = 10 exp(-π²σ²). At σ = 2 that τ is 7e-17.

    With ``least``, coordinate c has a σ of its own, σ_c ≥ ``least`` and σ_c ≥ ``sigma`` · r_c, and the
    sensitivity is that of the vector whose coordinates are divided by r_c. Coordinates are independent, so
    their ρ add up: ½ Σ (Δ_c/(√2 σ_c) + τ_c)², the proposition for d = 1 each. By the triangle inequality in
    R^d the root of the sum is at most (Σ Δ_c²/(2σ_c²))^½ + (Σ τ_c²)^½ ≤ Δ₂/(√2 σ) + τ√d, with τ at ``least``.

    Raises:
        ValueError: a σ below :data:`SIGMA_FLOOR`, or a dimension outside 1..:data:`DIMENSION_MAX`, where
            nobody has checked that the correction stays negligible.
    """
    smallest = sigma if least is None else least
    if smallest < SIGMA_FLOOR or sigma <= 0:
        raise ValueError("each party's sigma must be at least 2")
    if not 1 <= dimension <= DIMENSION_MAX:
        raise ValueError("dimension out of range")
    with localcontext() as context:
        context.prec = PRECISION
        tau = 10 * (-PI * PI * smallest * smallest).exp()
        epsilon = (
            Decimal(squared_sensitivity).sqrt() / (Decimal(2).sqrt() * sigma)
            + tau * Decimal(dimension).sqrt()
        )
        return epsilon * epsilon / 2

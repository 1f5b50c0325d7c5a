"""Costs against computations of another kind: 60 digits by mpmath, sums over distributions, the exact curve.

Nothing here uses the project's formulas: the (ε, δ) of a budget is found by numerical optimisation over the
moments of the privacy loss, the cost of two parties' noise from the law of their sum, term by term.
"""

from __future__ import annotations

import math
from decimal import Decimal

import mpmath as mp
import pytest

from samklang.privacy.accounting import NANO, epsilon_from_rho, rho_from_epsilon
from samklang.privacy.budget import allocate
from samklang.privacy.discrete_gaussian import sum_of_two_rho, tail
from samklang.privacy.noise import OpenDPNoise
from samklang.privacy.sensitivity import Bounds, padding_squared

DELTA = Decimal("1e-8")
DIGITS = 60


def log_delta(rho: mp.mpf, epsilon: mp.mpf) -> mp.mpf:
    """ln δ that ρ-zCDP certifies at ε: over orders, the least bound of E(max(0, 1 - e^(ε - Z))) by moments of
    the privacy loss Z, with the constant found as a maximum.

    For any loss, max(0, 1 - e^(ε - z)) ≤ c e^((α-1)(z - ε)), c = max over y ≥ 0 of (1 - e^-y) e^(-(α-1) y),
    and E e^((α-1) Z) ≤ e^((α-1) α ρ).
    """

    def at(order: mp.mpf) -> mp.mpf:
        # The derivative of ln(1 - e^-y) - (α-1) y vanishes where e^y = α/(α-1).
        y = mp.findroot(lambda y: 1 / mp.expm1(y) - (order - 1), mp.log(order / (order - 1)))
        return mp.log(-mp.expm1(-y)) - (order - 1) * y + (order - 1) * (order * rho - epsilon)

    middle = (epsilon + rho) / (2 * rho)  # where the exponent alone is least
    best = mp.findroot(lambda a: mp.diff(at, a), (middle, middle * mp.mpf("1.01")), solver="secant")
    return at(best)


@pytest.mark.parametrize("epsilon", ["0.25", "0.5", "1", "2", "8"])
def test_budgets_convert_as_an_optimisation_of_60_digits_says(epsilon: str) -> None:
    """The largest whole nano-ρ: this one is within δ, the next is not."""
    with mp.workdps(DIGITS):
        nano = rho_from_epsilon(Decimal(epsilon), DELTA)
        within, beyond = (log_delta(mp.mpf(n) / NANO, mp.mpf(epsilon)) for n in (nano, nano + 1))
        assert within <= mp.log(mp.mpf("1e-8")) < beyond


@pytest.mark.parametrize("nano", [1_210_000, 17_205_318, 63_940_000, 500_000_000])
def test_costs_convert_back_the_same(nano: int) -> None:
    with mp.workdps(DIGITS):
        epsilon = mp.mpf(str(epsilon_from_rho(nano, DELTA)))
        rho = mp.mpf(nano) / NANO
        assert log_delta(rho, epsilon) <= mp.log(mp.mpf("1e-8"))
        assert log_delta(rho, epsilon - mp.mpf("2e-9")) > mp.log(mp.mpf("1e-8"))


@pytest.mark.parametrize("epsilon", ["0.25", "1", "8"])
def test_no_mechanism_of_that_budget_needs_as_much(epsilon: str) -> None:
    """The hockey-stick of the Gaussian with that ρ, from its integral: below δ, and not by orders."""
    with mp.workdps(30):
        mu = mp.sqrt(2 * mp.mpf(rho_from_epsilon(Decimal(epsilon), DELTA)) / NANO)
        e = mp.mpf(epsilon)
        loss = lambda x: mp.npdf(x) - mp.exp(e) * mp.npdf(x, mu)  # noqa: E731
        # Losses above ε are at x < mu/2 - ε/mu.
        edge = mu / 2 - e / mu
        exact = mp.quad(loss, [edge - 40, edge - 10, edge])
        assert mp.mpf("1e-10") < exact <= mp.mpf("1e-8")


def law_of_two(sigma: mp.mpf, reach: int) -> dict[int, mp.mpf]:
    """The law of the sum of two discrete Gaussians, by convolution, on -reach..reach."""
    wide = range(-2 * reach, 2 * reach + 1)
    one = {x: mp.exp(-(mp.mpf(x) ** 2) / (2 * sigma**2)) for x in wide}
    whole = mp.fsum(one.values()) ** 2
    return {
        z: mp.fsum(one[x] * one[z - x] for x in wide if z - x in one) / whole
        for z in range(-reach, reach + 1)
    }


@pytest.mark.parametrize("order", [2, 9])
@pytest.mark.parametrize("sigma", [2, 3])
def test_two_parties_noise_is_as_private_as_proposition_14_says(sigma: int, order: int) -> None:
    """Rényi divergence of the sum and the sum moved by 1, term by term, with more digits than the correction
    has zeros: the bound holds, and it isn't loose."""
    with mp.workdps(DIGITS):
        law = law_of_two(mp.mpf(sigma), 26 * sigma)
        moment = mp.fsum(law[z] ** order * law[z + 1] ** (1 - order) for z in range(-22 * sigma, 22 * sigma))
        divergence = mp.log(moment) / (order - 1)
        claimed = order * mp.mpf(str(sum_of_two_rho(Decimal(sigma), 1, 1)))
        uncorrected = mp.mpf(order) / (4 * mp.mpf(sigma) ** 2)
        assert divergence <= claimed
        assert claimed / divergence < 1 + mp.mpf("1e-12")
        assert mp.almosteq(divergence, uncorrected, mp.mpf("1e-12"))


def test_the_correction_is_the_one_of_the_source() -> None:
    """τ = 10 Σ exp(-2π² σ² k/(k+1)) over k = 1..n-1, for n = 2 one term, and √d of it (their Theorem 1)."""
    with mp.workdps(DIGITS):
        for sigma, squared, dimension in ((2, 2, 1), (2, 2, 1_000_000), (Decimal("5.5"), 2, 200)):
            s = mp.mpf(str(sigma))
            tau = 10 * mp.fsum(mp.exp(-2 * mp.pi**2 * s**2 * k / mp.mpf(k + 1)) for k in range(1, 2))
            whole = mp.sqrt(squared) / (mp.sqrt(2) * s) + tau * mp.sqrt(dimension)
            ours = mp.mpf(str(sum_of_two_rho(Decimal(sigma), squared, dimension)))
            assert mp.almosteq(ours, whole**2 / 2, mp.mpf("1e-45"))


def test_its_limits_are_enforced() -> None:
    for sigma, least in (
        (Decimal("1.999999"), None),
        (Decimal(50), Decimal("1.5")),
        (Decimal(0), Decimal(2)),
    ):
        with pytest.raises(ValueError, match="at least 2"):
            sum_of_two_rho(sigma, 2, 10, least=least)
    with pytest.raises(ValueError, match="dimension"):
        sum_of_two_rho(Decimal(5), 2, 1_000_001)
    plan = allocate(10**12, nodes=3, k_max=3, cells=5, measures=[(Bounds(-1, 1), Bounds(0, 0))])
    assert min(plan.sigma_local, plan.s_pad, *plan.measure_sigma_local[0]) >= 2


@pytest.mark.parametrize("sigma", [2, 7])
def test_tails_against_sums_of_60_digits(sigma: int) -> None:
    with mp.workdps(DIGITS):
        weight = lambda x: mp.exp(-(mp.mpf(x) ** 2) / (2 * mp.mpf(sigma) ** 2))  # noqa: E731
        bound = 8 * sigma
        exact = 2 * mp.fsum(weight(x) for x in range(bound + 1, 40 * sigma))
        exact /= mp.fsum(weight(x) for x in range(-40 * sigma, 40 * sigma + 1))
        ours = mp.mpf(str(tail(Decimal(sigma), bound)))
        assert exact <= ours <= exact * mp.mpf("1.05")


def test_every_part_of_a_plan_costs_what_opendp_says() -> None:
    """OpenDP's own maps, for one draw with the variance of two parties' together: padding by one party,
    counts, a measure with bounds by class (in each class its reach is the sensitivity), the margin."""
    opendp = OpenDPNoise()
    classes = (Bounds(-60, 60), Bounds(-10, 10))
    rho = rho_from_epsilon(Decimal(1), DELTA)
    plan = allocate(rho, nodes=3, k_max=3, cells=200, measures=[classes], margin=(10, [(Bounds(-60, 60),)]))
    assert plan.margin is not None
    padding = opendp.map(plan.s_pad, 9, math.sqrt(padding_squared(3, 3)))
    total = padding
    assert padding * NANO == pytest.approx(plan.rho_padding, abs=1.5)
    for opening in (plan, plan.margin):
        counts = opendp.map(math.sqrt(2) * opening.sigma_local, opening.cells, math.sqrt(2))
        assert counts * NANO == pytest.approx(opening.rho_counts, abs=1.5)
        total += counts
        for of, sigmas, cost in zip(
            opening.measures, opening.measure_sigma_local, opening.rho_measures, strict=True
        ):
            # Who moves takes a contribution from one class's cell to another's: half the cost in each.
            halves = [
                opendp.map(math.sqrt(2) * s, 1, float(b.reach)) for b, s in zip(of, sigmas, strict=True)
            ]
            assert [2 * h * NANO for h in halves] == pytest.approx([cost] * len(of), rel=1e-6)
            total += 2 * max(halves)
    assert total * NANO <= plan.rho_charged + 1
    assert plan.rho_charged <= rho

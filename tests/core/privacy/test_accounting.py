"""Budgets convert as the literature says, and rounding never gives anything away."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_ndtr

from samklang.privacy.accounting import NANO, epsilon_from_rho, read_epsilon, rho_from_epsilon

DELTA = Decimal("1e-8")

epsilons = st.integers(10, 20_000).map(lambda n: Decimal(n) / 1000)
deltas = st.integers(4, 14).map(lambda n: Decimal(10) ** -n)


@pytest.mark.parametrize(
    ("epsilon", "rho"), [("0.25", 0.00121), ("0.5", 0.00458), ("1", 0.01721), ("2", 0.06394)]
)
def test_published_table(epsilon: str, rho: float) -> None:
    assert rho_from_epsilon(Decimal(epsilon), DELTA) / NANO == pytest.approx(rho, abs=5e-6)


@given(epsilons, deltas)
@settings(deadline=None, max_examples=60)
def test_largest_budget_that_stays_within(epsilon: Decimal, delta: Decimal) -> None:
    rho = rho_from_epsilon(epsilon, delta)
    assert epsilon_from_rho(rho, delta) <= epsilon
    assert epsilon_from_rho(rho + 1, delta) > epsilon


@given(st.integers(1, 200_000).map(lambda n: Decimal(n) / 10_000), deltas)
@settings(deadline=None, max_examples=60)
def test_what_a_policy_says_is_read_as_it_says_it(epsilon: Decimal, delta: Decimal) -> None:
    rho = rho_from_epsilon(epsilon, delta)
    if rho > 1_000:  # below, several epsilon of four decimals are one rho
        assert {read_epsilon(rho, delta, up=up) for up in (False, True)} == {format(epsilon.normalize(), "f")}


@given(st.integers(0, 50 * NANO), deltas)
@settings(deadline=None, max_examples=60)
def test_what_is_read_never_promises_too_much(rho_nano: int, delta: Decimal) -> None:
    spent, left = (Decimal(read_epsilon(rho_nano, delta, up=up)) for up in (True, False))
    assert spent >= epsilon_from_rho(rho_nano, delta) >= left - Decimal("1e-4")
    assert spent - left <= Decimal("1e-4")
    # As much as is read to be left can be charged.
    assert not 0 < left <= 100 or rho_from_epsilon(left, delta) <= rho_nano


@given(st.integers(1, 50 * NANO), deltas)
@settings(deadline=None, max_examples=60)
def test_agrees_with_a_float_search_over_the_published_formula(rho_nano: int, delta: Decimal) -> None:
    """Corollary 13 in floats, minimised by another method over another variable."""
    rho, log_delta = rho_nano / NANO, math.log(delta)

    def log_delta_at(u: float, epsilon: float) -> float:
        a = 1 + math.exp(u)
        return (a - 1) * (a * rho - epsilon) - math.log(a - 1) + a * math.log1p(-1 / a)

    def least(epsilon: float) -> float:
        return float(
            minimize_scalar(
                log_delta_at, bounds=(-20, 20), args=(epsilon,), method="bounded", options={"xatol": 1e-10}
            ).fun
        )

    ours = float(epsilon_from_rho(rho_nano, delta))
    if ours > 1e-6:
        assert least(ours * (1 + 1e-6) + 2e-9) <= log_delta + 1e-6
        assert least(max(0.0, ours * (1 - 1e-6) - 2e-9)) >= log_delta - 1e-3


@given(epsilons, deltas)
@settings(deadline=None, max_examples=100)
def test_a_gaussian_of_that_budget_really_is_private(epsilon: Decimal, delta: Decimal) -> None:
    """The exact δ of a Gaussian mechanism (Balle, Wang 2018, Theorem 8) with that ρ is below ours."""
    mu, e = math.sqrt(2 * rho_from_epsilon(epsilon, delta) / NANO), float(epsilon)
    exact = math.exp(log_ndtr(mu / 2 - e / mu)) - math.exp(e + log_ndtr(-mu / 2 - e / mu))
    assert exact <= float(delta)


@given(st.integers(0, NANO), st.integers(0, NANO), deltas)
@settings(deadline=None, max_examples=60)
def test_monotonic(a: int, b: int, delta: Decimal) -> None:
    low, high = sorted((a, b))
    assert epsilon_from_rho(low, delta) <= epsilon_from_rho(high, delta)


def test_same_result_in_another_decimal_context() -> None:
    expected = rho_from_epsilon.__wrapped__(Decimal(1), DELTA)
    with localcontext() as context:
        context.prec = 6
        assert rho_from_epsilon.__wrapped__(Decimal(1), DELTA) == expected == 17_205_318


def test_nothing_costs_nothing() -> None:
    assert epsilon_from_rho(0, DELTA) == 0
    assert rho_from_epsilon(Decimal("1e-6"), DELTA) == 0


@pytest.mark.parametrize(
    ("epsilon", "delta"),
    [("0", "1e-8"), ("-1", "1e-8"), ("NaN", "1e-8"), ("Infinity", "1e-8"), ("101", "1e-8")]
    + [("1", d) for d in ("0", "1", "-1e-8", "NaN", "1e-31")],
)
def test_bad_arguments(epsilon: str, delta: str) -> None:
    with pytest.raises(ValueError, match="must be in"):
        rho_from_epsilon(Decimal(epsilon), Decimal(delta))
    if epsilon == "1":
        with pytest.raises(ValueError, match="must be in"):
            epsilon_from_rho(1, Decimal(delta))


@pytest.mark.parametrize("rho", [-1, 1000 * NANO + 1])
def test_bad_rho(rho: int) -> None:
    with pytest.raises(ValueError, match="rho_nano"):
        epsilon_from_rho(rho, DELTA)

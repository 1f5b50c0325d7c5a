"""Of two rules, the stricter: how each kind of clause of floor, policy and grant is combined."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from samklang.model.durations import hours, mean_days
from samklang.model.floor import Floor
from samklang.model.policy import (
    APPROVAL_ORDER,
    CONSENT_ORDER,
    OVERLAP_ORDER,
    RELEASE_ORDER,
    Approval,
    Budget,
    Consent,
    Differencing,
    Epsilon,
    Retention,
    VariableRule,
)
from samklang.privacy.accounting import EPSILON_STEP, epsilon_from_rho, rho_from_epsilon

__all__ = ["approval", "budget", "consent", "differencing", "retention", "variable"]


def variable(one: VariableRule, other: VariableRule) -> VariableRule:
    """The lower release level, and the bounds that both allow (none, if they don't overlap)."""
    clip = one.clip or other.clip
    if one.clip and other.clip:
        clip = (max(one.clip[0], other.clip[0]), min(one.clip[1], other.clip[1]))
    return VariableRule(release=min(one.release, other.release, key=RELEASE_ORDER.index), clip=clip)


def budget(own: Budget, most: Budget | None) -> Budget:
    """The smaller budget of every period, compared as zCDP budgets and written at ``own``'s δ."""
    if most is None:
        return own
    lifetime = own.lifetime
    if most.lifetime:
        lifetime = _amount(lifetime, own.delta, most.lifetime, most.delta) if lifetime else None
        lifetime = lifetime or _at(most.lifetime, most.delta, own.delta)
    return Budget(
        per_query=_amount(own.per_query, own.delta, most.per_query, most.delta),
        month=_amount(own.month, own.delta, most.month, most.delta),
        year=_amount(own.year, own.delta, most.year, most.delta),
        lifetime=lifetime,
        delta=own.delta,
    )


def _amount(own: Epsilon, delta: Decimal, most: Epsilon, most_delta: Decimal) -> Epsilon:
    if rho_from_epsilon(own.epsilon, delta) <= rho_from_epsilon(most.epsilon, most_delta):
        return own
    return _at(most, most_delta, delta)


def _at(amount: Epsilon, delta: Decimal, wanted: Decimal) -> Epsilon:
    """The same budget written at another δ: the largest ε, in steps of 1e-9, that isn't more."""
    if delta == wanted:
        return amount
    rho = rho_from_epsilon(amount.epsilon, delta)
    epsilon = epsilon_from_rho(rho, wanted)
    while rho_from_epsilon(epsilon, wanted) > rho:
        epsilon -= EPSILON_STEP
    return Epsilon(epsilon=epsilon)


def differencing(own: Differencing, least: Differencing | None) -> Differencing:
    """What lets less pass, and the larger number of citizens."""
    if least is None:
        return own
    return Differencing(
        overlap=max(own.overlap, least.overlap, key=OVERLAP_ORDER.index), least=max(own.least, least.least)
    )


def consent(own: Consent, least: Literal["none", "opt-out", "opt-in"]) -> Consent:
    """The stricter model. Registers are the grant's: with none of the right kind, nobody takes part."""
    if CONSENT_ORDER.index(own.model) >= CONSENT_ORDER.index(least):
        return own
    return own.model_copy(update={"model": least})


def approval(own: Approval, floor: Floor) -> Approval:
    """The stricter mode, the conditions of both, the shorter wait; by the grant's own roles."""
    least = floor.approval
    mode = max(own.mode, least.mode, key=APPROVAL_ORDER.index)
    conditions = tuple(dict.fromkeys((*own.manual_if, *least.manual_if)))
    expires = own.expires if least.expires is None else min(own.expires, least.expires, key=hours)
    return own.model_copy(update={"mode": mode, "manual_if": conditions, "expires": expires})


def retention(own: Retention, longest: Retention | None) -> Retention:
    """The shorter time of each."""
    if longest is None:
        return own
    return Retention(
        release=min(own.release, longest.release, key=mean_days),
        audit=min(own.audit, longest.audit, key=mean_days),
    )

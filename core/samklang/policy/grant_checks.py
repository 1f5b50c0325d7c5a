"""The checks of one grant. A name that isn't found is never an exception to a rule but a no."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from samklang.model.policy import RELEASE_ORDER, WHOLE_POPULATION, Release
from samklang.policy.case import PASSED, Case, Check, Outcome, outcome, texts
from samklang.policy.reasons import Reason
from samklang.policy.request import Use
from samklang.privacy.accounting import rho_from_epsilon

__all__ = ["GRANT_CHECKS", "approval_conditions"]

MANY_CELLS = 200
LARGE_EPSILON, LARGE_DELTA = Decimal(1), Decimal("1e-8")
LARGE = rho_from_epsilon(LARGE_EPSILON, LARGE_DELTA)
"""Nano-ρ above which a query's budget counts as large, whatever δ its ε is written at."""


def who(case: Case) -> Outcome:
    """Organisation and role together must be those of one entry of ``people``."""
    request = case.request
    matching = _people(case)
    if not matching:
        return (case.no("policy-who", "who", role=request.role, organisation=request.organisation),)
    if request.treatment_relation or any(
        case.policy.people[kind].treatment_relation == "not-required" for kind in matching
    ):
        return PASSED
    return (case.no("policy-treatment-relation", "who"),)


def _people(case: Case) -> list[str]:
    request, people = case.request, case.policy.people
    return [
        kind
        for kind in case.grant.who
        if kind in people
        and request.organisation in people[kind].organisations
        and request.role == people[kind].role
    ]


def recipients(case: Case) -> Outcome:
    """The analyst, or an organisation that could have asked. Nobody vouches for other persons."""
    allowed = set() if case.request.called_as_organisation else {case.request.analyst}
    for kind in _people(case):
        allowed.update(case.policy.people[kind].organisations)
    if not case.request.recipients:
        return (case.no("policy-recipient", "who", recipient=""),)
    return outcome(
        case.no("policy-recipient", "who", recipient=r) for r in case.request.recipients if r not in allowed
    )


def family(case: Case) -> Outcome:
    asked, granted = case.request.family, case.grant.purpose.family
    if asked == granted:
        return PASSED
    return (case.no("policy-purpose-family", "purpose", "family", asked=asked, granted=granted),)


def operation(case: Case) -> Outcome:
    if case.request.operation in case.grant.operations:
        return PASSED
    granted = ", ".join(case.grant.operations)
    return (case.no("policy-operation", "operations", operation=case.request.operation, granted=granted),)


def target_group(case: Case) -> Outcome:
    asked = case.request.target_group
    # A codebook's group can't pass for the whole population by being called so.
    if asked != WHOLE_POPULATION and (asked or WHOLE_POPULATION) in case.grant.target_groups:
        return PASSED
    return (
        case.no(
            "policy-target-group",
            "target_groups",
            target_group=asked or WHOLE_POPULATION,
            granted=", ".join(case.grant.target_groups),
        ),
    )


def variables(case: Case) -> Outcome:
    return outcome(
        case.no("policy-variable-not-granted", "variables", name=use.name)
        for use in _once(case.request.uses)
        if use.name not in case.grant.variables
    )


def releases(case: Case) -> Outcome:
    """Alone, a table needs ``local``; ``joint`` is enough if another organisation's data are part of it."""
    needed: Release = "joint" if case.request.partners else "local"
    reasons = []
    for use in _once(case.request.uses):
        rule = case.policy.variables.get(use.name)
        if rule is None:
            params = texts({"name": use.name})
            reasons.append(Reason("policy-variable-closed", ("variables",), case.grant.id, params))
            continue
        bare = case.policy.variables.get(use.bare)
        allowed = min((r.release for r in (rule, bare) if r), key=RELEASE_ORDER.index)
        if RELEASE_ORDER.index(allowed) < RELEASE_ORDER.index(needed):
            place = ("variables", use.name if rule.release == allowed else use.bare, "release")
            params = texts({"name": use.name, "allowed": allowed, "needed": needed})
            reasons.append(Reason("policy-release", place, case.grant.id, params))
    return outcome(reasons)


def clips(case: Case) -> Outcome:
    reasons = []
    for use in _once(case.request.uses):
        rule = case.policy.variables.get(use.name)
        if use.clip is None or rule is None or rule.clip is None:
            continue
        (low, high), (least, most) = use.clip, rule.clip
        if not least <= low <= high <= most:
            params = texts(
                {"name": use.name, "low": low, "high": high, "allowed_low": least, "allowed_high": most}
            )
            reasons.append(Reason("policy-clip", ("variables", use.name, "clip"), case.grant.id, params))
    return outcome(reasons)


def _once(uses: tuple[Use, ...]) -> list[Use]:
    return list({use.name: use for use in uses}.values())


def axes(case: Case) -> Outcome:
    asked, allowed = case.request.axes, case.grant.max_axes
    return PASSED if asked <= allowed else (case.no("policy-axes", "max_axes", axes=asked, allowed=allowed),)


def joint_with(case: Case) -> Outcome:
    rule, partners = case.grant.joint_with, case.request.partners
    reasons = [
        case.no("policy-joint-with", "joint_with", "all_of", missing=name)
        for name in rule.all_of
        if name not in partners
    ]
    if rule.any_of and partners.isdisjoint(rule.any_of):
        missing = " / ".join(rule.any_of)
        reasons.append(case.no("policy-joint-with", "joint_with", "any_of", missing=missing))
    return outcome(reasons)


def per_query(case: Case) -> Outcome:
    """Compared as zCDP budgets, each at its own δ."""
    request, budget = case.request, case.grant.budget
    asked = rho_from_epsilon(request.epsilon, request.delta)
    allowed = rho_from_epsilon(budget.per_query.epsilon, budget.delta)
    if 0 < asked <= allowed:
        return PASSED
    return (
        case.no(
            "policy-epsilon",
            "budget",
            "per_query",
            asked=request.epsilon,
            delta=request.delta,
            allowed=budget.per_query.epsilon,
            allowed_delta=budget.delta,
        ),
    )


def persons(case: Case) -> Outcome:
    """``return``: only for care, with a rule of its own, to one node, and never more persons."""
    request, grant = case.request, case.grant
    if request.operation != "return":
        return PASSED
    there, asked = grant.return_to, request.return_to
    fits = (
        grant.purpose.family == "care"
        and grant.rule is not None
        and grant.rule == request.rule
        and there is not None
        and asked is not None
        and asked.node == there.node
        and asked.max_persons <= there.max_persons
    )
    return PASSED if fits else (case.no("policy-return", "return_to"),)


def approval_conditions(case: Case) -> tuple[str, ...]:
    """What makes a person's approval necessary; what isn't known counts as if it did."""
    request, approval = case.request, case.grant.approval
    if approval.mode != "auto":
        return (f"mode: {approval.mode}",)
    holds: dict[Literal["new-template", "many-cells", "large-budget"], bool] = {
        "new-template": not request.template_known,
        "many-cells": request.cells is None or request.cells > MANY_CELLS,
        "large-budget": rho_from_epsilon(request.epsilon, request.delta) > LARGE,
    }
    return tuple(condition for condition in approval.manual_if if holds[condition])


GRANT_CHECKS: tuple[Check, ...] = (
    who, recipients, family, operation, target_group, variables, releases, clips, axes, joint_with,
    per_query, persons,
)  # fmt: skip

"""Floor, policy and grant combine to the strictest; where the floor holds, its clause is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.policy.policy_documents import CODEBOOK, MANIFEST, POLICY, changed, policy, request, written

from samklang.model.checks import check_manifest, check_policy
from samklang.model.floor import Floor
from samklang.model.policy import Budget
from samklang.model.problems import DocumentErrors
from samklang.policy import decide
from samklang.policy.strictest import budget
from samklang.privacy.accounting import rho_from_epsilon

BUDGET = {"per_query": {"epsilon": "0.5"}, "month": {"epsilon": 1}, "year": {"epsilon": 9}, "delta": "1e-8"}


def test_without_a_floor_the_policy_holds_as_it_is_written() -> None:
    rules = policy()
    assert rules.policy == rules.written
    assert rules.narrowed == ()


@pytest.mark.parametrize(
    ("floor", "code", "clause"),
    [
        ({"max_axes": 2}, "policy-axes", ("floor", "max_axes")),
        ({"budget": BUDGET}, "policy-epsilon", ("floor", "budget", "per_query")),
        (
            {"variables": {"home_care/band": {"release": "match"}}},
            "policy-release",
            ("floor", "variables", "home_care/band", "release"),
        ),
        (
            {"variables": {"home_care": {"release": "never"}}},
            "policy-release",
            ("floor", "variables", "home_care", "release"),
        ),
        (
            {"variables": {"minutes as measure": {"release": "local", "clip": [0, 100]}}},
            "policy-clip",
            ("floor", "variables", "minutes as measure", "clip"),
        ),
        (
            {"prohibitions": [{"id": "x", "why": "agreed", "organisations": ["odense-org"]}]},
            "policy-prohibited",
            ("floor", "prohibitions", 0),
        ),
    ],
)
def test_the_floor_denies_and_is_named(
    floor: dict[str, Any], code: str, clause: tuple[str | int, ...]
) -> None:
    assert decide(policy(), request()).permitted
    decision = decide(policy(floor=floor), request())
    assert [(r.code, r.clause) for r in decision.reasons] == [(code, clause)]


def test_obligations_are_the_strictest_of_all() -> None:
    floor = {
        "min_count": 20,
        "budget": {**BUDGET, "per_query": {"epsilon": 2}, "lifetime": {"epsilon": 3}},
        "retention": {"release": "P18M", "audit": "P9Y"},
    }
    found = decide(policy(floor=floor), request()).granted()
    delta = Decimal("1e-8")
    assert found.min_count == 20
    assert found.caps.month == rho_from_epsilon(Decimal(1), delta)
    assert found.caps.year == rho_from_epsilon(Decimal(4), delta), "the grant's own is the smaller"
    assert found.caps.lifetime == rho_from_epsilon(Decimal(3), delta)
    assert (found.retention.release, found.retention.audit) == ("P18M", "P5Y")


@pytest.mark.parametrize(
    ("least", "outcome"), [({"mode": "two-person"}, "pending"), ({"manual_if": ["new-template"]}, "pending")]
)
def test_the_strictest_approval(least: dict[str, Any], outcome: str) -> None:
    assert decide(policy(floor={"approval": least}), request()).outcome == outcome


def test_a_stricter_consent_model_lets_nobody_in_by_the_wrong_registers() -> None:
    found = decide(policy(floor={"consent": "opt-in"}), request()).granted()
    assert (found.consent.model, found.consent.registers) == ("opt-in", ("objection",))
    strict = MANIFEST.model_copy(update={"floor": Floor.model_validate({"consent": "opt-in"})})
    with pytest.raises(DocumentErrors) as refused:
        check_policy(written(), strict, CODEBOOK)
    assert "document-policy-floor-consent" in {p.code for p in refused.value.problems}


def test_roles_for_what_the_floor_demands() -> None:
    strict = MANIFEST.model_copy(update={"floor": Floor.model_validate({"approval": {"mode": "two-person"}})})
    with pytest.raises(DocumentErrors) as refused:
        check_policy(written(), strict, CODEBOOK)
    assert "document-policy-roles" in {p.code for p in refused.value.problems}


amounts = st.decimals("0.01", "8", places=2)
deltas = st.sampled_from([Decimal("1e-10"), Decimal("1e-8"), Decimal("1e-6")])


@given(amounts, amounts, deltas, deltas)
@settings(deadline=None, max_examples=60)
def test_a_budget_is_never_more_than_either(
    own: Decimal, most: Decimal, delta: Decimal, other: Decimal
) -> None:
    def made(epsilon: Decimal, at: Decimal) -> Budget:
        same = {"epsilon": epsilon}
        return Budget.model_validate({"per_query": same, "month": same, "year": same, "delta": at})

    found = budget(made(own, delta), made(most, other))
    rho = rho_from_epsilon(found.per_query.epsilon, found.delta)
    smallest = min(rho_from_epsilon(own, delta), rho_from_epsilon(most, other))
    assert found.delta == delta
    assert smallest - 200 <= rho <= smallest, "by the rounding of ε to 1e-9 less, never more"


floors = st.fixed_dictionaries(
    {},
    optional={
        "min_count": st.integers(3, 30),
        "max_axes": st.integers(1, 8),
        "variables": st.dictionaries(
            st.sampled_from([*POLICY["variables"], "home_care", "minutes"]),
            st.fixed_dictionaries({"release": st.sampled_from(["never", "match", "joint", "local"])}),
        ),
        "budget": st.just(BUDGET),
        "approval": st.fixed_dictionaries({"mode": st.sampled_from(["auto", "manual"])}),
        "prohibitions": st.just([{"id": "x", "why": "y", "operations": ["score"]}]),
    },
)
RANK = {"deny": 0, "pending": 1, "permit": 2}


@given(floors, st.integers(1, 5), st.sampled_from(["stratify", "score"]), st.sampled_from(["0.4", "1", "2"]))
@settings(deadline=None, max_examples=150)
def test_a_floor_only_ever_narrows(floor: dict[str, Any], axes: int, operation: str, epsilon: str) -> None:
    grants = changed(POLICY, "grants", 0, "operations", to=["stratify", "score"])
    asked = replace(request(), axes=axes, operation=operation, epsilon=Decimal(epsilon))
    free, bound = decide(policy(grants), asked), decide(policy(grants, floor), asked)
    assert RANK[bound.outcome] <= RANK[free.outcome]
    if bound.obligations and free.obligations:
        assert bound.obligations.min_count >= free.obligations.min_count
        assert bound.obligations.caps.month <= free.obligations.caps.month


@pytest.mark.parametrize(
    ("role", "right"),
    [
        ({"party": "odense", "part": "node", "status": "controller"}, True),
        ({"party": "odense", "part": "compute-party", "status": "processor",
          "on_behalf_of": ["ouh-org"], "agreement": "26/1"}, True),
        ({"party": "evaluering", "part": "evaluator", "status": "controller"}, False),
        ({"party": "hub", "part": "coordinator", "status": "processor", "on_behalf_of": ["ouh-org"]}, False),
        ({"party": "hub", "part": "coordinator", "status": "processor", "agreement": "26/1"}, False),
        ({"party": "odense", "part": "compute-party", "status": "processor", "agreement": "26/1"}, False),
        ({"party": "odense", "part": "node", "status": "processor", "agreement": "26/1"}, True),
        ({"party": "odense", "part": "node", "status": "processor"}, False),
        ({"party": "odense", "part": "node", "status": "controller", "on_behalf_of": ["ouh-org"]}, False),
        ({"party": "odense", "part": "node", "status": "joint-controller"}, False),
        ({"party": "gp2", "part": "compute-party", "status": "controller"}, False),
        ({"party": "nobody", "part": "node", "status": "controller"}, False),
    ],
)  # fmt: skip
def test_who_is_what_in_law(role: dict[str, Any], right: bool) -> None:
    keys = {n.id: f"ed25519:{c * 43}=" for n, c in zip(MANIFEST.nodes, "BCDE", strict=True)}
    nodes = [n.model_copy(update={"identity": keys[n.id]}) for n in MANIFEST.nodes]
    document = MANIFEST.model_copy(update={"nodes": tuple(nodes)}).model_dump(by_alias=True)
    manifest = type(MANIFEST).model_validate({**document, "legal_roles": [role]})
    if right:
        check_manifest(manifest)
        return
    with pytest.raises(DocumentErrors):
        check_manifest(manifest)

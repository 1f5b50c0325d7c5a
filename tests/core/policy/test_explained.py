"""What ``policy explain`` permits is permitted, and what it leaves out is denied: in every dimension."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.core.policy.explain_reader import Reading, approved, joined, read
from tests.core.policy.policy_documents import CODEBOOK, MANIFEST, POLICY, policy, request
from tests.core.policy.test_difference import RULES, VARIED, prohibitions, some, uses, written_out

from samklang.model.policy import ReturnTo
from samklang.policy import Caps, Enforced, Request, decide
from samklang.policy.approving import satisfied
from samklang.policy.explaining import explained
from samklang.policy.vocabulary import vocabulary

WORDS = vocabulary("odense", MANIFEST, CODEBOOK)
ORGANISATIONS = ["odense-org", "ouh-org", "gp1-org"]
NAMES = [*WORDS.uses]
PARTNERS = sorted(WORDS.partners)
KEYS = {p: "ed25519:" + c * 43 + "=" for p, c in (("ann", "A"), ("bob", "B"), ("eve", "E"))}

budgets = st.fixed_dictionaries(
    {
        "per_query": st.sampled_from([{"epsilon": "0.5"}, {"epsilon": "1"}, {"epsilon": "3"}]),
        "month": st.just({"epsilon": 3}),
        "year": st.sampled_from([{"epsilon": 3}, {"epsilon": 8}]),
        "lifetime": st.sampled_from([None, {"epsilon": 8}]),
        "delta": st.sampled_from(["1e-8", "1e-6"]),
    }
)
floors = st.fixed_dictionaries(
    {},
    optional={
        "min_count": st.integers(3, 8),
        "secondary_suppression": st.booleans(),
        "max_axes": st.integers(1, 4),
        "variables": st.sampled_from(
            [
                {"age": {"release": "match"}},
                {"age/coarse": {"release": "joint"}},
                {"age/fine": {"release": "never"}, "contacts": {"release": "never"}},
                {"minutes as measure": {"release": "local", "clip": [10, 9000]}},
            ]
        ),
        "budget": budgets,
        "consent": st.sampled_from(["none", "opt-out", "opt-in"]),
        "approval": st.fixed_dictionaries(
            {
                "mode": st.sampled_from(["auto", "auto", "auto", "manual", "two-person"]),
                "manual_if": some(["new-template", "many-cells", "large-budget"]),
                "expires": st.sampled_from([None, "PT9H"]),
            }
        ),
        "retention": st.just({"release": "P6M", "audit": "P2Y"}),
        "differencing": st.just({"overlap": "approve", "least": 9}),
        "prohibitions": st.lists(prohibitions, max_size=1),
    },
)
people = st.fixed_dictionaries(
    {
        "organisations": some(ORGANISATIONS, 1),
        "role": st.sampled_from(["analyst", "analyst", "nurse"]),
        "treatment_relation": st.sampled_from(["required", "not-required", "not-required"]),
    }
)


@st.composite
def policies(draw: st.DrawFn) -> Enforced:
    """Any number of clauses of the small policy varied, under any floor; also what no node would take."""
    varied = {name: draw(VARIED[name]) for name in draw(some(VARIED))}
    document = written_out(varied, draw(st.lists(prohibitions, max_size=2)))
    first = document["grants"][0]
    if draw(st.booleans()):
        document["people"] |= draw(st.dictionaries(st.sampled_from(["kind", "other"]), people))
        first["who"] = draw(some(["analyst", "kind", "other"], 1))
    if draw(st.booleans()):
        first["budget"] = draw(budgets)
    if draw(st.booleans()):
        first["variables"] = draw(some([*NAMES, "gone/band"], 1))
        levels = st.sampled_from(["match", "joint", "local", "local"])
        document["variables"] |= {name: {"release": draw(levels)} for name in draw(some(NAMES))}
    if draw(st.booleans()):
        first["target_groups"] = draw(some(["elderly", "whole-population", "young"], 1))
    if draw(st.booleans()):
        second = copy.deepcopy(draw(st.sampled_from([first, POLICY["grants"][0]])))
        second |= {"id": draw(st.sampled_from(["second", first["id"]])), "max_axes": draw(st.integers(1, 4))}
        document["grants"].append(second)
    roles = draw(st.dictionaries(st.sampled_from([*KEYS]), st.sampled_from(["steward", "doctor", "cook"])))
    document["approvers"] = {person: {"role": role, "key": KEYS[person]} for person, role in roles.items()}
    overlap = draw(st.sampled_from(["refuse", "refuse", "approve", "allow"]))
    document["differencing"] = {"overlap": overlap, "least": draw(st.integers(3, 9))}
    return policy(document, draw(floors))


OTHERWISE: dict[str, st.SearchStrategy[Any]] = {
    "organisation": st.sampled_from([*ORGANISATIONS, "elsewhere"]),
    "role": st.sampled_from(["analyst", "nurse"]),
    "recipients": st.lists(st.sampled_from(["anna", "stranger", *ORGANISATIONS]), unique=True).map(tuple),
    "operation": st.sampled_from(["stratify", "score", "return"]),
    "family": st.sampled_from(["statistical", "care", "quality"]),
    "purpose": st.sampled_from(["plan-care", "second", "third"]),
    "target_group": st.sampled_from(["elderly", None, "young", "whole-population"]),
    "uses": some(NAMES).map(uses),
    "partners": some(PARTNERS).map(frozenset),
    "axes": st.integers(1, 5),
    "epsilon": st.sampled_from([Decimal(e) for e in ("0.5", "1", "1.01", "2", "3")]),
    "delta": st.sampled_from([Decimal("1e-8"), Decimal("1e-6")]),
    "today": st.sampled_from(
        [date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 1), date(2027, 2, 14), date(2027, 2, 15),
         date(2027, 2, 20), date(2027, 2, 21), date(2027, 3, 1), date(2027, 12, 31), date(2028, 1, 1)]
    ),
    "cells": st.sampled_from([None, 200, 201]),
    "template_known": st.booleans(),
    "treatment_relation": st.booleans(),
    "derived_from": st.sampled_from([None, "statistical", "quality", "care"]),
    "rule": st.sampled_from([None, *RULES.values()]),
    "return_to": st.builds(ReturnTo, node=st.sampled_from(["odense", "gp1"]), max_persons=st.integers(1, 3)),
    "called_as_organisation": st.booleans(),
    "node": st.sampled_from(["odense", "ouh"]),
    "unknown": st.sampled_from([(), ("gone/band",), ("young",)]),
}  # fmt: skip


@st.composite
def asked_of(draw: st.DrawFn, facts: dict[str, Any]) -> Request:
    """A request that the facts permit, as far as one can be made by them, with up to two things otherwise."""
    one = draw(st.sampled_from(facts["permissions"]))
    asked = replace(request(), purpose=one["id"], family=one["family"], uses=(), axes=1, partners=frozenset())
    if one["askers"]:
        asker = draw(st.sampled_from(one["askers"]))
        readers = draw(st.lists(st.sampled_from(["anna", *asker["readers"]]), min_size=1, unique=True))
        asked = replace(
            asked,
            organisation=draw(st.sampled_from(asker["organisations"])),
            role=asker["role"],
            treatment_relation=asker["treatment_relation"],
            recipients=tuple(readers),
        )
    if one["operations"]:
        asked = replace(asked, operation=draw(st.sampled_from(one["operations"])))
    group = draw(st.sampled_from([g["name"] for g in one["groups"]] or ["elderly"]))
    partners = {*one["together"], *one["together_any"][:1]}
    if draw(st.booleans()):
        partners |= {*draw(some(PARTNERS))}
    partners &= {*PARTNERS}  # a node's own organisation is never its partner
    names = [use["name"] for use in one["uses"] if partners or use["alone"]]
    asked = replace(
        asked,
        target_group=None if group == "whole-population" else group,
        uses=uses(draw(some(names)) if names else []),
        partners=frozenset(partners),
        axes=draw(st.integers(1, one["answer"]["max_axes"])),
        epsilon=Decimal(one["costs"]["per_query"]),
        delta=Decimal(one["costs"]["delta"]),
        attributed=draw(st.booleans()),
    )
    if to := one["returned"]:
        asked = replace(
            asked, rule=to["rule"], return_to=ReturnTo(node=to["node"], max_persons=to["max_persons"])
        )
    changes = draw(st.lists(st.sampled_from([*OTHERWISE]), max_size=2, unique=True))
    asked = replace(asked, **{name: draw(OTHERWISE[name]) for name in changes})
    if asked.target_group not in (None, *CODEBOOK.target_groups):  # as it is read off a query
        asked = replace(asked, unknown=(*asked.unknown, str(asked.target_group)))
    # What every query about a group has, whatever the facts say of it.
    needed = [
        use for use in uses(sorted(WORDS.groups.get(asked.target_group or "", ()))) if use not in asked.uses
    ]
    return replace(asked, uses=(*asked.uses, *needed))


def facts_of(rules: Enforced, attributed: bool | None = True) -> dict[str, Any]:
    """As they are printed: through JSON."""
    found: dict[str, Any] = json.loads(explained(rules, MANIFEST, CODEBOOK, attributed).model_dump_json())
    return found


def agrees(rules: Enforced, facts: dict[str, Any], asked: Request) -> Reading:
    """Compare what is read with what is decided, and with what that binds the node to."""
    said, decision = read(facts, asked), decide(rules, asked)
    assert said.verdict == decision.outcome, (decision.reasons, asked)
    if decision.obligations is None:
        return said
    one, bound = said.permission, decision.obligations
    assert one is not None
    told, costs = one["answer"], one["costs"]
    assert (told["min_count"], told["subtraction"]) == (bound.min_count, bound.secondary_suppression)
    assert (told["release_kept"], told["audit_kept"]) == (bound.retention.release, bound.retention.audit)
    lifetime = None if costs["lifetime"] is None else Decimal(costs["lifetime"])
    month, year = Decimal(costs["month"]), Decimal(costs["year"])
    caps = Caps.from_epsilon(Decimal(costs["delta"]), month=month, year=year, lifetime=lifetime)
    assert caps == bound.caps
    once = Caps.from_epsilon(Decimal(costs["delta"]), month=Decimal(costs["per_query"]), year=year).month
    assert costs["questions"] == [None if cap is None else cap // once for _, cap in caps.by_period()]
    registers = [] if bound.consent.model == "none" else [*bound.consent.registers]
    assert one["whose"] == {"model": bound.consent.model, "registers": registers}
    assert (one["purpose"], one["legal"]["decision"]) == (bound.purpose, bound.basis.decision)
    assert joined(facts, asked.today) == bound.controllers
    if decision.outcome == "pending":
        (reason,) = decision.reasons
        why = dict(reason.params)["conditions"]
        assert {*why.split(", ")} == said.conditions or (said.conditions == {"always"} and "mode" in why)
        assert one["approves"]["waits"] == bound.approval.expires
        assert one["approves"]["persons"] == (2 if bound.approval.mode == "two-person" else 1)
        enough_people(rules, facts, one, bound.approval.mode, bound.approval.roles)
    if asked.operation == "return":
        assert one["returned"]["max_persons"] == bound.max_persons
    return said


def enough_people(
    rules: Enforced, facts: dict[str, Any], one: dict[str, Any], mode: str, roles: tuple[str, ...]
) -> None:
    everybody = rules.policy.approvers
    for yes in ({*everybody}, {*everybody} - {"ann"}, {*everybody} - {"bob", "eve"}, set()):
        said = [(p, everybody[p].role, everybody[p].key) for p in yes]
        assert approved(facts, one, yes) == satisfied(said, mode, roles)
    assert one["approves"]["enough"] == approved(facts, one, {*everybody})


FAST = settings(deadline=None, max_examples=100, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Without shrinking: documents of this size take minutes to shrink."""


@given(policies(), st.data())
@FAST
def test_what_explain_says_is_what_is_decided(rules: Enforced, data: st.DataObject) -> None:
    known = {attributed: facts_of(rules, attributed) for attributed in (True, False)}
    unknown = facts_of(rules, None)
    for _ in range(4):
        asked = data.draw(asked_of(known[True]))
        said = agrees(rules, known[asked.attributed], asked)
        vaguely = read(unknown, asked).verdict
        assert vaguely == said.verdict or (vaguely == "depends" and unknown["rows"] == "unknown")


def test_most_of_what_is_read_is_permitted() -> None:
    """The property would hold of a reader that denies everything, if that were all it is asked."""
    seen: list[str] = []

    @given(policies(), st.data())
    @settings(deadline=None, max_examples=120, database=None, derandomize=True, phases=[Phase.generate])
    def ask(rules: Enforced, data: st.DataObject) -> None:
        facts = facts_of(rules)
        seen.append(read(facts, data.draw(asked_of(facts))).verdict)

    ask()
    share = {verdict: seen.count(verdict) / len(seen) for verdict in ("permit", "pending", "deny")}
    assert share["permit"] > 0.1, share
    assert share["pending"] > 0.02, share

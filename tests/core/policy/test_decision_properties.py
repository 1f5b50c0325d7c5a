"""What must hold for every policy: grants only add, clauses all matter, an oracle agrees."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.core.policy.policy_documents import POLICY, QUERY, changed, policy, request

from samklang.policy import Decision, Request, decide

Path = tuple[str | int, ...]

GRANTED = POLICY["grants"][0]["variables"]
VARIABLES = [*GRANTED, "contacts/band", "presence of gp"]
_sublist = lambda values: st.lists(st.sampled_from(values), min_size=1, unique=True)  # noqa: E731

grants = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["plan-care", "other"]),
        "who": _sublist(["analyst", "nobody"]),
        "operations": _sublist(["stratify", "score", "return"]),
        "target_groups": _sublist(["elderly", "young", "whole-population"]),
        "variables": st.just(GRANTED) | st.just(VARIABLES) | _sublist(VARIABLES),
        "max_axes": st.integers(1, 4),
        "joint_with": st.sampled_from([{}, {"all_of": ["ouh-org"]}, {"any_of": ["nobody-org"]}]),
        "approval": st.sampled_from([{"mode": "auto"}, {"mode": "manual"}]),
        "purpose": st.sampled_from([{"family": f, "text": "x"} for f in ("statistical", "care")]),
    },
).map(lambda changes: {**copy.deepcopy(POLICY["grants"][0]), **changes})

requests = st.fixed_dictionaries(
    {},
    optional={
        "organisation": st.sampled_from(["odense-org", "ouh-org", "elsewhere"]),
        "role": st.sampled_from(["analyst", "clinician"]),
        "operation": st.sampled_from(["stratify", "score"]),
        "family": st.sampled_from(["statistical", "care"]),
        "purpose": st.sampled_from(["plan-care", "other"]),
        "target_group": st.sampled_from(["elderly", "young", None]),
        "axes": st.integers(1, 5),
        "partners": st.sets(st.sampled_from(["ouh-org", "gp1-org"])).map(frozenset),
        "epsilon": st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(3)]),
    },
).map(lambda changes: replace(request(), **changes))

documents = st.lists(grants, max_size=4).map(lambda g: changed(POLICY, "grants", to=g))
RANK = {"deny": 0, "pending": 1, "permit": 2}


@given(documents, grants, st.integers(0, 4), requests)
@settings(deadline=None, max_examples=300)
def test_adding_a_grant_never_takes_anything_away(
    document: dict[str, Any], extra: dict[str, Any], at: int, asked: Request
) -> None:
    more = copy.deepcopy(document)
    more["grants"].insert(at, extra)
    before, after = decide(policy(document), asked), decide(policy(more), asked)
    assert RANK[after.outcome] >= RANK[before.outcome]


@given(documents, requests)
@settings(deadline=None, max_examples=300)
def test_a_permit_is_one_that_a_plain_reading_permits(document: dict[str, Any], asked: Request) -> None:
    """An independent reading over the parsed YAML: one grant must contain everything."""

    def contains(grant: dict[str, Any]) -> bool:
        return (
            grant["id"] == asked.purpose
            and "analyst" in grant["who"]
            and asked.organisation in ("odense-org", "ouh-org")
            and asked.role == "analyst"
            and asked.operation in grant["operations"]
            and asked.family == grant["purpose"]["family"]
            and (asked.target_group or "whole-population") in grant["target_groups"]
            and {u.name for u in asked.uses} <= {*grant["variables"]}
            and asked.axes <= grant["max_axes"]
            and {*grant["joint_with"].get("all_of", ())} <= asked.partners
            and (
                not grant["joint_with"].get("any_of")
                or not asked.partners.isdisjoint(grant["joint_with"]["any_of"])
            )
            and asked.epsilon <= 2
            and grant["approval"]["mode"] == "auto"
            and not (asked.epsilon > 1 and grant["approval"].get("manual_if"))
        )

    prohibited = (
        asked.organisation == "ouh-org"
        and asked.family == "statistical"
        and asked.operation == "stratify"
        and asked.target_group == "elderly"
    )
    alone = not asked.partners  # some of what is asked for is `joint`
    expected = not prohibited and not alone and any(contains(g) for g in document["grants"])
    assert decide(policy(document), asked).permitted == expected


@given(requests)
@settings(deadline=None, max_examples=50)
def test_no_grants_no_permit(asked: Request) -> None:
    assert decide(policy(changed(POLICY, "grants", to=[])), asked).outcome == "deny"


def test_renaming_anything_the_request_needs_denies() -> None:
    asked = request()
    for use in asked.uses:
        renamed = replace(use, name=use.name + "x")
        uses = tuple(renamed if u == use else u for u in asked.uses)
        assert decide(policy(), replace(asked, uses=uses)).outcome == "deny"
        for place in ("variables", "grants"):
            document = copy.deepcopy(POLICY)
            if place == "variables":
                del document["variables"][use.name]
            else:
                document["grants"][0]["variables"].remove(use.name)
            assert decide(policy(document), asked).outcome == "deny"
    for name in ("organisation", "role", "operation", "purpose", "target_group", "node", "family"):
        assert decide(policy(), replace(asked, **{name: "x"})).outcome == "deny"


def cases() -> list[Request]:
    """Requests that together touch every clause."""
    base = request()
    alone = changed(changed(QUERY, "target_group", to=None), "axes", to=[
        {"variable": "age", "banding": "coarse"},
        {"variable": "age", "banding": "fine"},
        {"variable": "home_care", "banding": "band"},
        {"presence": "kommune"},
    ])  # fmt: skip
    changes: list[dict[str, Any]] = [
        {},
        {"role": "clinician"},
        {"organisation": "gp1-org"},
        {"organisation": "ouh-org"},
        {"organisation": "ouh-org", "uses": ()},
        {"organisation": "ouh-org", "target_group": None},
        {"organisation": "ouh-org", "family": "care"},
        {"organisation": "ouh-org", "operation": "score"},
        {"recipients": ("ouh-org",), "uses": ()},
        {"operation": "score"},
        {"family": "care"},
        {"family": "quality"},
        {"family": "care", "derived_from": "statistical"},
        {"family": "care", "derived_from": "quality"},
        {"family": "quality", "derived_from": "statistical"},
        {"purpose": "other"},
        {"target_group": None},
        {"axes": 4},
        {"partners": frozenset({"gp1-org", "gp2-org"})},
        {"partners": frozenset({"ouh-org", "gp1-org"})},
        {"partners": frozenset({"ouh-org", "gp2-org"})},
        {"epsilon": Decimal("1.5")},
        {"epsilon": Decimal("2.5")},
        {"cells": 500},
        {"today": date(2026, 12, 31)},
        {"today": date(2028, 1, 1)},
        {"today": date(2027, 1, 1)},
        {"today": date(2027, 12, 31)},
        {"node": "ouh"},
    ]
    return [replace(base, **c) for c in changes] + [request(alone)]


OTHER: dict[str, list[Any]] = {
    "release": ["never", "match", "joint", "local"],
    "family": ["statistical", "care", "quality"],
    "from_family": ["statistical", "care", "quality"],
    "to_family": ["statistical", "care", "quality"],
    "model": ["opt-out", "opt-in", "none"],
    "mode": ["auto", "manual", "two-person"],
    "from": ["2027-01-02", "2026-12-31"],
    "until": ["2027-12-30", "2028-01-01"],
    "decision": ["x"],
    "delta": ["1e-9", "1e-7"],
    "audit": ["P1Y"],
}
DESCRIPTIVE = {("controllers",), ("variables", "cpr")}
"""Clauses that no decision depends on: who the controllers are, and the rule for what is never asked."""


def mutants(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every way to change one clause: another value, one element less, another element, or no clause."""
    if any(path[: len(skip)] == skip for skip in DESCRIPTIVE):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from mutants(item, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for i, item in enumerate(value):
            yield path, value[:i] + value[i + 1 :]
            yield from mutants(item, (*path, i))
    elif isinstance(value, list):
        for i in range(len(value)):
            yield path, value[:i] + value[i + 1 :]
    elif isinstance(value, int):
        yield from ((path, value + d) for d in (-1, 1))
    elif path[-1] in OTHER:
        yield from ((path, other) for other in OTHER[path[-1]] if other != value)  # type: ignore[index]
    else:
        yield path, "elsewhere"


def test_no_clause_can_be_changed_unnoticed() -> None:
    """Every mutant that is a valid policy changes the decision on some case."""
    asked = cases()
    without = changed(POLICY, "grants", 0, "min_count", to=None)  # else it hides the default behind it
    unnoticed, tried = [], 0
    for path, value in mutants(POLICY):
        base = without if path == ("defaults", "min_count") else POLICY
        try:
            mutant = policy(changed(base, *path, to=value))
        except ValidationError:
            continue
        tried += 1
        before: list[Decision] = [decide(policy(base), ask) for ask in asked]
        if [decide(mutant, ask) for ask in asked] == before:
            unnoticed.append((path, value))
    assert not unnoticed
    assert tried > 60


@pytest.mark.parametrize("asked", cases())
def test_reasons_never_speak_of_data(asked: Request) -> None:
    """They are a function of documents and the date: the same request gets the same words."""
    assert decide(policy(), asked) == decide(policy(), asked)
    for reason in decide(policy(), asked).reasons:
        assert all(isinstance(value, str) for _, value in reason.params)

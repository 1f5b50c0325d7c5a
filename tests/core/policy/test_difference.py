"""Widened and narrowed are exact: all requests of small vocabularies, decided by both rules and compared."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.core.policy.policy_documents import CODEBOOK, MANIFEST, POLICY, changed, policy, request

from samklang.model.durations import hours, mean_days
from samklang.model.policy import CONSENT_ORDER, ReturnTo
from samklang.policy import Decision, Enforced, Obligations, Request, Use, decide
from samklang.policy.difference import compare
from samklang.policy.difference_text import told
from samklang.policy.vocabulary import vocabulary

WORDS = vocabulary("odense", MANIFEST, CODEBOOK)
RULES = {c: "sha256:" + c * 64 for c in "12"}
USES = ("age/coarse", "home_care/band", "minutes as measure")
PLAIN = {
    **POLICY,
    "prohibitions": [],
    "grants": [{**POLICY["grants"][0], "joint_with": {}, "approval": {"mode": "auto"}, "max_axes": 2}],
}


def some(values: Iterable[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(list(values)), min_size=least, unique=True)


def subsets(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    values = list(values)
    return chain.from_iterable(combinations(values, n) for n in range(len(values) + 1))


def uses(names: Iterable[str]) -> tuple[Use, ...]:
    clip = {"minutes as measure": (0, 3000)}
    bare = {n: n.removesuffix(" as measure").split("/")[0] for n in names}
    return tuple(Use(name, bare[name], ("uses",), clip.get(name)) for name in bare)


FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)
RELEASES = st.sampled_from(["never", "joint", "local"])
VARIED: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "who": st.fixed_dictionaries(
        {
            "organisations": some(["odense-org", "ouh-org"], 1),
            "relation": st.sampled_from(["required", "not-required"]),
        }
    ),
    "family": st.fixed_dictionaries({"family": st.sampled_from(["statistical", "care", "quality"])}),
    "operations": st.fixed_dictionaries(
        {
            "operations": some(["stratify", "score", "return"], 1),
            "rule": st.sampled_from([None, *RULES.values()]),
            "max_persons": st.integers(1, 2),
            "to": st.sampled_from(["odense", "gp1"]),
        }
    ),
    "groups": st.fixed_dictionaries({"target_groups": some(["elderly", "whole-population"], 1)}),
    "uses": st.fixed_dictionaries(
        {
            "variables": some([*USES, "age/fine"]),
            "release": st.lists(RELEASES, min_size=4, max_size=4),
            "clip": st.sampled_from([None, [0, 3000], [0, 9000], [0, 10]]),
            "bare": st.sampled_from([None, "match"]),
        }
    ),
    "partners": st.fixed_dictionaries(
        {"all_of": some(["ouh-org", "gp1-org", "odense-org"]), "any_of": some(["ouh-org", "gp1-org"])}
    ),
    "bounds": st.fixed_dictionaries(
        {"max_axes": st.integers(1, 3), "epsilon": st.sampled_from(["0.5", "1", "2"])}
    ),
    "approval": st.fixed_dictionaries(
        {
            "mode": st.sampled_from(["auto", "auto", "manual", "two-person"]),
            "manual_if": some(["new-template", "many-cells", "large-budget"]),
            "roles": some(["steward", "doctor"]),
            "expires": st.sampled_from(["PT1H", "PT72H"]),
            "epsilon": st.sampled_from(["1", "2"]),
        }
    ),
    "days": st.fixed_dictionaries(
        {
            "from": st.sampled_from(["2027-01-01", "2027-03-01"]),
            "until": st.sampled_from(["2027-02-01", "2027-12-31"]),
        }
    ),
    "controllers": st.fixed_dictionaries(
        {
            "ids": some(["p1", "p2"], 1),
            "joined": st.lists(
                st.tuples(st.sampled_from(["01-01", "02-01", "03-01"]), st.sampled_from(["02-14", "12-31"])),
                min_size=2,
                max_size=2,
            ),
            "until": st.sampled_from(["2027-02-20", "2027-12-31"]),
        }
    ),
    "obligations": st.fixed_dictionaries(
        {
            "min_count": st.integers(5, 7),
            "secondary": st.booleans(),
            "release": st.sampled_from(["P1Y", "P12M", "P2Y"]),
            "month": st.sampled_from([2, 3]),
            "lifetime": st.sampled_from([None, 8, 9]),
            "model": st.sampled_from(["none", "opt-out", "opt-in"]),
            "registers": some(["a", "b"]),
        }
    ),
}
"""By dimension: what two policies may say differently about it."""

ASKED: dict[str, list[dict[str, Any]]] = {
    "who": [
        {"organisation": o, "recipients": r, "treatment_relation": t}
        for o in ("odense-org", "ouh-org")
        for r in (("anna",), ("odense-org",), ("ouh-org",), ("anna", "ouh-org"))
        for t in (False, True)
    ],
    "family": [
        {"family": f, "derived_from": d}
        for f in ("statistical", "care", "quality")
        for d in (None, "statistical", "quality")
    ],
    "operations": [
        *({"operation": o} for o in ("stratify", "score")),
        *(
            {"operation": "return", "rule": r, "return_to": ReturnTo(node=n, max_persons=m)}
            for r in RULES.values()
            for n in ("odense", "gp1")
            for m in (1, 2)
        ),
    ],
    "groups": [{"target_group": g} for g in ("elderly", None)],
    "uses": [
        {"uses": uses(u), "partners": frozenset(p)}
        for u in subsets([*USES, "age/fine"])
        for p in ((), ("gp1-org",))
    ],
    "partners": [{"partners": frozenset(p)} for p in subsets(["ouh-org", "gp1-org", "gp2-org"])],
    "bounds": [{"axes": a, "epsilon": Decimal(e)} for a in (1, 2, 3) for e in ("0.5", "1", "2")],
    "approval": [
        {"cells": c, "template_known": k, "epsilon": Decimal(e)}
        for c in (60, 500)
        for k in (False, True)
        for e in ("1", "2")
    ],
    "days": [{"today": d} for d in (date(2027, 1, 31), date(2027, 2, 15), date(2027, 3, 2))],
    "controllers": [
        {"today": d, "attributed": True}
        for d in (date(2027, m, n) for m, n in ((1, 5), (2, 1), (2, 14), (2, 15), (3, 2)))
    ],
    "obligations": [{}],
}

prohibitions = st.fixed_dictionaries(
    {"id": st.just("stop"), "why": st.just("x")},
    optional={
        "families": some(["statistical", "care"]),
        "from_family": st.sampled_from(["statistical", "quality"]),
        "organisations": some(["odense-org", "ouh-org"], 1),
        "operations": some(["stratify", "score"], 1),
        "target_groups": some(["elderly", "whole-population"], 1),
        "variables": some([*USES, "minutes", "home_care"], 1),
    },
)


def made(varied: dict[str, dict[str, Any]], forbidden: list[dict[str, Any]]) -> Enforced:
    return policy(written_out(varied, forbidden))


def written_out(varied: dict[str, dict[str, Any]], forbidden: list[dict[str, Any]]) -> dict[str, Any]:
    """A policy's document that says what is varied, and nothing else differently than :data:`PLAIN`."""
    document = copy.deepcopy(PLAIN)
    grant, people = document["grants"][0], document["people"]["analyst"]
    document["prohibitions"] = [{**one, "id": f"stop-{n}"} for n, one in enumerate(forbidden)]
    grant["target_groups"] = ["whole-population"]
    if to := varied.get("who"):
        people |= {"organisations": to["organisations"], "treatment_relation": to["relation"]}
    if to := varied.get("family"):
        grant["purpose"] = {"family": to["family"], "text": "x"}
    if to := varied.get("operations"):
        grant |= {
            "operations": to["operations"],
            "rule": to["rule"],
            "purpose": {"family": "care", "text": "x"},
        }
        grant["return_to"] = {"node": to["to"], "max_persons": to["max_persons"]} if to["rule"] else None
    if to := varied.get("groups"):
        grant["target_groups"] = to["target_groups"]
    if to := varied.get("uses"):
        grant["variables"] = to["variables"]
        for name, release in zip([*USES, "age/fine"], to["release"], strict=True):
            document["variables"][name] = {"release": release}
        document["variables"]["minutes as measure"]["clip"] = to["clip"]
        if to["bare"]:
            document["variables"]["home_care"] = {"release": to["bare"]}
    if to := varied.get("partners"):
        grant["joint_with"] = to
    if to := varied.get("bounds"):
        grant["max_axes"] = to["max_axes"]
        grant["budget"]["per_query"] = {"epsilon": to["epsilon"]}
    if to := varied.get("approval"):
        grant["approval"] = {k: v for k, v in to.items() if k != "epsilon"}
        grant["budget"]["per_query"] = {"epsilon": to["epsilon"]}
    if to := varied.get("days"):
        document["policy"]["valid"] = to
    if to := varied.get("controllers"):
        document["policy"]["valid"] = {"from": "2027-01-01", "until": to["until"]}
        document["controllers"] = [
            {**document["controllers"][0], "id": name, "joined": {"from": f"2027-{a}", "until": f"2027-{b}"}}
            for name, (a, b) in zip(sorted(to["ids"]), to["joined"], strict=False)
        ]
    if to := varied.get("obligations"):
        document["defaults"] = {"min_count": to["min_count"], "secondary_suppression": to["secondary"]}
        grant["min_count"] = None
        grant["retention"]["release"] = to["release"]
        grant["budget"] |= {"month": {"epsilon": to["month"]}}
        grant["budget"]["lifetime"] = {"epsilon": to["lifetime"]} if to["lifetime"] else None
        grant["consent"] = {"model": to["model"], "registers": to["registers"]}
    return document


def requests(active: list[str]) -> Iterator[Request]:
    base = replace(request(), axes=1, uses=uses([]), partners=frozenset({"ouh-org"}), target_group=None)
    if "operations" in active:
        base = replace(base, family="care")
    for parts in product(*(ASKED[name] for name in active)):
        # Where partners are varied, every set of them is asked with all uses, and not those of `uses` alone.
        asked = replace(base, **{key: value for part in reversed(parts) for key, value in part.items()})
        if asked.target_group is not None:  # what every query about the group has
            needed = [use for use in uses(["age/fine"]) if use not in asked.uses]
            asked = replace(asked, uses=(*asked.uses, *needed))
        yield asked


def looser(one: Obligations, other: Obligations, waits: bool) -> bool:
    """Whether ``one`` binds less than ``other`` in anything."""
    endless = 10**12
    caps = zip(one.caps.by_period(), other.caps.by_period(), strict=True)
    ranks = CONSENT_ORDER.index(one.consent.model), CONSENT_ORDER.index(other.consent.model)
    mine, theirs = set(one.consent.registers), set(other.consent.registers)
    more = mine - theirs if one.consent.model == "opt-in" else theirs - mine
    approval = waits and (
        (one.approval.mode == "manual" and other.approval.mode == "two-person")
        or bool(set(one.approval.roles) - set(other.approval.roles))
        or hours(one.approval.expires) > hours(other.approval.expires)
    )
    return (
        one.min_count < other.min_count
        or (other.secondary_suppression and not one.secondary_suppression)
        or bool(one.controllers - other.controllers)
        or any((a or endless) > (b or endless) for (_, a), (_, b) in caps)
        or mean_days(one.retention.release) > mean_days(other.retention.release)
        or ranks[0] < ranks[1]
        or (ranks[0] == ranks[1] and one.consent.model != "none" and bool(more))
        or approval
    )


RANK = {"deny": 0, "pending": 1, "permit": 2}


def wider(one: Decision, other: Decision) -> bool:
    if RANK[one.outcome] > RANK[other.outcome]:
        return True
    both = one.obligations, other.obligations
    waits = one.outcome == other.outcome == "pending"
    return both[0] is not None and both[1] is not None and looser(both[0], both[1], waits)


FAST = settings(deadline=None, max_examples=80, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Without shrinking: documents of this size take minutes to shrink."""


def agree(old: Enforced, new: Enforced, asked: list[Request]) -> None:
    difference = compare(old, new, WORDS)
    both = [(decide(old, one), decide(new, one)) for one in asked]
    assert difference.widened == any(wider(now, was) for was, now in both)
    assert difference.narrowed == any(wider(was, now) for was, now in both)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[str], Enforced, Enforced]:
    active = draw(some(VARIED, 1).filter(lambda names: len(names) <= 2))
    if {"days", "controllers"} <= {*active}:
        active = active[:1]
    if {"family", "operations"} <= {*active} or {"bounds", "approval"} <= {*active}:
        active = active[:1]  # both say something about the same clause
    old, new = ({name: draw(VARIED[name]) for name in active} for _ in range(2))
    return sorted(active), made(old, []), made(new, [])


@given(pairs())
@FAST
def test_widened_and_narrowed_are_what_deciding_everything_says(
    found: tuple[list[str], Enforced, Enforced],
) -> None:
    active, old, new = found
    agree(old, new, [*requests(active)])


@given(st.lists(prohibitions, max_size=2), st.lists(prohibitions, max_size=2), st.booleans())
@FAST
def test_prohibitions_too(
    before: list[dict[str, Any]], after: list[dict[str, Any]], statistical: bool
) -> None:
    family = {"family": {"family": "statistical" if statistical else "care"}}
    granted = {**family, "groups": {"target_groups": ["elderly", "whole-population"]}}
    old, new = made(granted, before), made(granted, after)
    base = replace(request(), axes=1, partners=frozenset({"ouh-org"}), family=family["family"]["family"])
    asked = [
        replace(base, organisation=o, recipients=r, derived_from=d, target_group=g, uses=uses(u))
        for o in ("odense-org", "ouh-org")
        for r in (("anna",), ("odense-org",), ("ouh-org",))
        for d in (None, "statistical", "quality", "care")
        for g, needed in (("elderly", ["age/fine"]), (None, []))
        for u in (needed, *([*needed, name] for name in USES))
    ]
    agree(old, new, asked)


@pytest.mark.parametrize(
    ("path", "to", "direction", "what"),
    [
        (("grants", 0, "max_axes"), 4, "widened", "axes"),
        (("grants", 0, "operations"), ["stratify", "score"], "widened", "asked"),
        (("grants", 0, "min_count"), 9, "narrowed", "min_count"),
        (("grants", 0, "joint_with"), {"all_of": ["ouh-org"]}, "widened", "partners"),
        (("grants", 0, "budget", "year"), {"epsilon": 3}, "narrowed", "year"),
        (("variables", "age/coarse", "release"), "never", "narrowed", "uses"),
        (("policy", "valid", "until"), "2028-01-31", "widened", "days"),
        (("prohibitions",), [], "widened", "asked"),
    ],
)
def test_one_change_is_named(path: tuple[str | int, ...], to: Any, direction: str, what: str) -> None:
    base = changed(POLICY, "prohibitions", 0, "variables", to=[])
    found = compare(policy(base), policy(changed(base, *path, to=to)), WORDS)
    assert {(c.direction, c.what) for c in found.changes} == {(direction, what)}
    back = compare(policy(changed(base, *path, to=to)), policy(base), WORDS)
    opposite = {"widened": "narrowed", "narrowed": "widened"}[direction]
    assert {(c.direction, c.what) for c in back.changes} == {(opposite, what)}


KEYS = {name: "ed25519:" + letter * 43 + "=" for name, letter in (("ann", "A"), ("eve", "E"))}
APPROVED = {
    **POLICY,
    "grants": [
        {
            **POLICY["grants"][0],
            "approval": {"mode": "auto", "manual_if": ["many-cells"], "roles": ["steward"]},
        }
    ],
    "approvers": {"ann": {"role": "steward", "key": KEYS["ann"]}},
}


@pytest.mark.parametrize(
    ("path", "to", "directions"),
    [
        (("approvers", "eve"), {"role": "steward", "key": KEYS["eve"]}, {"widened"}),
        (("approvers", "ann", "key"), KEYS["eve"], {"widened", "narrowed"}),
        (("approvers",), {}, {"narrowed"}),
        (("approvers", "eve"), {"role": "janitor", "key": KEYS["eve"]}, set()),
    ],
)
def test_whose_word_counts_is_compared(path: tuple[str | int, ...], to: Any, directions: set[str]) -> None:
    """Another person, or another key in a person's name, may let through what nobody let through before."""
    found = compare(policy(APPROVED), policy(changed(APPROVED, *path, to=to)), WORDS)
    assert {(c.direction, c.what) for c in found.changes} == {(d, "signers") for d in directions}
    for direction in directions:
        for lang in ("en", "da"):
            ((_, sentence),) = told(found, direction, lang)  # type: ignore[arg-type]
            assert ("EEEEEEEE" in sentence) == (path != ("approvers",))


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("variables", "minutes as measure", "clip"), [0, 9000]),  # wider than the codebook's bounds
        (("variables", "age/coarse", "release"), "joint"),  # alone is never permitted
        (("grants", 0, "approval"), {"mode": "auto", "manual_if": ["large-budget", "many-cells"]}),
        (("controllers", 0, "dpia"), "DPIA-2"),
        (("grants", 0, "retention", "release"), "P24M"),
    ],
)
def test_what_is_written_otherwise_and_means_the_same_is_no_change(
    path: tuple[str | int, ...], to: Any
) -> None:
    found = compare(policy(), policy(changed(POLICY, *path, to=to)), WORDS)
    assert not found.widened
    assert not found.narrowed


def test_the_floor_counts() -> None:
    loose, strict = policy(), policy(floor={"max_axes": 1})
    assert compare(loose, strict, WORDS).narrowed
    assert compare(strict, loose, WORDS).widened

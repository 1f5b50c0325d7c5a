"""No input permits what the rules don't: parsers raise named errors alone; Cedar agrees on who may what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.policy.policy_documents import POLICY, QUERY, changed, policy, request

from samklang.errors import SamklangError
from samklang.model.cases import Cases
from samklang.model.loading import loads
from samklang.model.policy import Policy
from samklang.model.query import Draft, Query
from samklang.model.yaml_tree import read_tree
from samklang.policy import Use, decide

MODELS = (Policy, Query, Draft, Cases)
PIECES = st.sampled_from(
    [
        "policy:",
        "grants:",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!python/object ",
        "<<: ",
        "? ",
        "|\n",
        ">\n",
        "'",
        '"',
        "no",
        "yes",
        "on",
        "0101504444",
        "0x1f",
        "1_000",
        "1:30",
        "1e999999999",
        ".inf",
        "null",
        "~",
        "%YAML 1.1\n",
        "---\n",
        "...\n",
        "\t",
        "\x00",
        "\ufeff",
        "\n",
        "  ",
        ": ",
        "id",
        "version",
        "9" * 40,
        "æ",
        "\u202e",
        "#",
        "\\x",
        "@",
        "`",
    ]
)
REFUSED = [
    ("document-alias", "a: &x 1\nb: *x\n"),
    ("document-alias", "a: &x [1]\nb: [*x, *x]\n"),
    ("document-tag", "a: !!python/object/apply:os.system ['true']\n"),
    ("document-tag", "a: !!str 1\n"),
    ("document-duplicate-key", "a: 1\na: 2\n"),
    ("document-directive", "%YAML 1.1\n---\na: 1\n"),
    ("document-directive", "a: 1\n---\nb: 2\n"),
    ("document-number", "cpr: 0101504444\n"),
    ("document-number", "a: 0x1f\n"),
    ("document-number", "a: 12:30:45\n"),
    ("document-number", "a: 99999999999999999999\n"),
    ("document-key", "1: a\n"),
    ("document-key", "[a, b]: c\n"),
    ("document-depth", "a: " + "[" * 40 + "]" * 40 + "\n"),
    ("document-size", "a: '" + "x" * (1 << 20) + "'\n"),
    ("document-empty", ""),
    ("document-yaml", "a: [1\n"),
    ("document-yaml", "a: \x01\n"),
]


@pytest.mark.parametrize(("code", "text"), REFUSED)
def test_yaml_that_readers_understand_differently_is_refused(code: str, text: str) -> None:
    with pytest.raises(SamklangError) as refused:
        read_tree(text.encode(), "p.yaml")
    assert code in {p.code for p in getattr(refused.value, "problems", [refused.value])}


def test_words_that_yaml_1_1_reads_as_truth_values_are_texts() -> None:
    assert read_tree(b"a: no\nb: on\nc: yes\nd: off\n", "p").data == {
        "a": "no",
        "b": "on",
        "c": "yes",
        "d": "off",
    }


def named(source: bytes) -> None:
    for model in MODELS:
        try:
            loads(source, model)
        except SamklangError:
            continue


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
@settings(deadline=60_000, max_examples=150)
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    named(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200))
@settings(deadline=60_000, max_examples=80)
def test_any_bytes_are_read_or_refused_by_name(data: bytes) -> None:
    named(data)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, inner in below for p in places(inner, (*path, key)))]


ODD = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        10**30,
        "",
        "x" * 5000,
        [],
        {},
        [[]],
        {"a": {}},
        "1e-999999999",
        "NaN",
        "*",
        "../..",
        "whole-population",
        "presence of kommune",
        "2027-13-01",
        "sha256:",
        "\u202e",
    ]
)


@given(st.sampled_from([p for p in places(POLICY) if p]), ODD)
@settings(deadline=60_000, max_examples=150)
def test_a_policy_with_one_odd_value_is_refused_by_name_or_decides(path: tuple[Any, ...], odd: Any) -> None:
    source = json.dumps(changed(POLICY, *path, to=odd)).encode()
    try:
        document = loads(source, Policy).document
    except SamklangError:
        return
    decision = decide(policy(document.model_dump(by_alias=True)), request())
    assert decision.outcome in ("permit", "pending", "deny")


@given(st.sampled_from([p for p in places(QUERY) if p]), ODD)
@settings(deadline=60_000, max_examples=100)
def test_a_query_with_one_odd_value_never_gets_more(path: tuple[Any, ...], odd: Any) -> None:
    source = json.dumps(changed(QUERY, *path, to=odd)).encode()
    try:
        query = loads(source, Query).document
        asked = request(query.model_dump(by_alias=True))
    except SamklangError:
        return
    if decide(policy(), asked).permitted:
        granted = POLICY["grants"][0]
        assert {use.name for use in asked.uses} <= {*granted["variables"]}
        assert asked.purpose == "plan-care"
        assert asked.operation == "stratify"
        assert asked.target_group == "elderly"
        assert asked.axes <= 3
        assert asked.epsilon <= 2


ORGANISATIONS = ["odense-org", "ouh-org", "gp1-org"]
OPERATIONS = ["stratify", "score", "pathway"]
VARIABLES = ["age/coarse", "age/fine", "home_care/band", "presence of kommune"]


def cedar(grants: list[dict[str, Any]], forbidden: list[dict[str, Any]]) -> str:
    """The same rules in Cedar: one request there is one use; sets are written out as literals."""

    def has(name: str, values: list[str]) -> str:
        return f"{json.dumps(values)}.contains(context.{name})"

    permits = [
        f"permit(principal, action, resource) when {{ context.purpose == {json.dumps(g['id'])} && "
        f"{has('organisation', g['organisations'])} && {has('operation', g['operations'])} && "
        f"{has('use', g['variables'])} }};"
        for g in grants
    ]
    forbids = [
        f"forbid(principal, action, resource) when {{ {has('organisation', f['organisations'])} && "
        f"{has('use', f['variables'])} }};"
        for f in forbidden
    ]
    return "\n".join(permits + forbids)


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True)


grant = st.fixed_dictionaries(
    {"organisations": some(ORGANISATIONS), "operations": some(OPERATIONS), "variables": some(VARIABLES)}
)
forbids = st.lists(
    st.fixed_dictionaries({"organisations": some(ORGANISATIONS), "variables": some(VARIABLES)}), max_size=2
)


@given(st.lists(grant, max_size=3), forbids, st.data())
@settings(deadline=None, max_examples=60)
def test_cedar_agrees_on_who_purpose_operation_and_variables(
    granted: list[dict[str, Any]], forbidden: list[dict[str, Any]], data: st.DataObject
) -> None:
    """An engine that somebody else wrote: a request is permitted if Cedar allows every one of its uses."""
    named_grants = [{**g, "id": f"grant-{n}"} for n, g in enumerate(granted)]
    document = changed(
        POLICY,
        "grants",
        to=[
            {
                **POLICY["grants"][0],
                "id": g["id"],
                "who": [g["id"]],
                "operations": g["operations"],
                "variables": g["variables"],
                "approval": {"mode": "auto"},
                "joint_with": {},
            }
            for g in named_grants
        ],
    )
    document["people"] = {
        g["id"]: {"organisations": g["organisations"], "role": "analyst"} for g in named_grants
    }
    document["prohibitions"] = [{"id": f"no-{n}", "why": "x", **f} for n, f in enumerate(forbidden)]
    rules, text = policy(document), cedar(named_grants, forbidden)
    for _ in range(4):
        uses = data.draw(some(VARIABLES))
        asked = replace(
            request(),
            organisation=data.draw(st.sampled_from([*ORGANISATIONS, "elsewhere"])),
            purpose=data.draw(st.sampled_from(["grant-0", "grant-1", "plan-care"])),
            operation=data.draw(st.sampled_from(OPERATIONS)),
            uses=tuple(Use(u, u.removeprefix("presence of ").split("/")[0], ()) for u in uses),
        )
        answers = [
            cedarpy.is_authorized(
                {
                    "principal": 'User::"anna"',
                    "action": 'Action::"ask"',
                    "resource": 'Node::"odense"',
                    "context": {
                        "purpose": asked.purpose,
                        "organisation": asked.organisation,
                        "operation": asked.operation,
                        "use": use,
                    },
                },
                text,
                [],
            ).decision
            for use in uses
        ]
        assert decide(rules, asked).permitted == all(a == cedarpy.Decision.Allow for a in answers)

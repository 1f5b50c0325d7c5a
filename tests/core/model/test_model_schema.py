"""The texts and the closed mappings of the JSON Schemas."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from samklang.model.config import CoordinatorAddress, Deadlines, NodeConfig, TableConfig
from samklang.model.manifest import Manifest
from samklang.model.policy import Approval, Retention, VariableRule
from samklang.model.query import Draft, Query
from samklang.model.reference_schema import json_schema
from samklang.model.reference_texts import key_text, model_text, plain


@pytest.mark.parametrize(
    ("model", "field", "text"),
    [
        (Manifest, "memberships_per_sector", "How many nodes of one sector may hold the same citizen."),
        (Deadlines, "absent", "For all nodes of a query to be linked."),
        (Deadlines, "attempt", "For the whole of it."),
        (VariableRule, "clip", "The widest bounds, for a measure."),
        (TableConfig, "null", 'A list: `nulls` are further texts that mean "no value"'),
        (CoordinatorAddress, "address", "`host:port`; port 0 in `listen` takes a free one."),
        (Retention, "release", "An ISO 8601 duration in years, months and days: `P2Y`."),
        (Query, "axes", "What the table is broken down by."),
        (Draft, "nodes", "`nodes` is every node of the sectors in question unless it is given."),
        (Approval, "roles", "Who may approve."),
    ],
)
def test_what_is_said_about_a_key(model: type[BaseModel], field: str, text: str) -> None:
    assert key_text(model, field).startswith(text.removeprefix("A list: "))


def test_docstrings_become_plain_texts() -> None:
    assert plain("One\n    line, ``key`` of :class:`~a.b.C`.\n\n    - item\n    - next") == (
        "One line, `key` of `C`.\n\n- item\n- next"
    )
    assert model_text(Draft).startswith("A question, before it is signed.\n\n`require`")
    assert model_text(type("Bare", (Draft,), {})) == ""


def test_a_path_or_a_list_of_paths() -> None:
    files = Draft202012Validator(json_schema(NodeConfig, "x")["$defs"]["TableConfig"]["properties"]["file"])
    for good in ("a.csv", ["a.csv", "b/*.csv"]):
        assert files.is_valid(good)
    for bad in ([], 1, [1], None, {"file": "a"}):
        assert not files.is_valid(bad)


def test_levels_may_be_danish_in_an_editor_too() -> None:
    schema = Draft202012Validator(json_schema(Draft, "x")["properties"]["require"])
    assert schema.is_valid({"alder": ["65-79", "2+", "Søndersø", "é"]})
    assert not schema.is_valid({"alder": ["two words"]})
    assert not schema.is_valid({"Alder": ["a"]})


def test_what_is_filled_in_may_be_left_out_and_nothing_else() -> None:
    whole, part = json_schema(Draft, "x"), json_schema(Draft, "x", filled_in={"Draft": ["codebook"]})
    assert {*whole["required"]} - {*part["required"]} == {"codebook"}
    only = json_schema(NodeConfig, "x", only={"tables"})
    assert only["properties"].keys() == {"tables"}
    assert only["required"] == ["tables"]
    assert only["$defs"].keys() == {"TableConfig", "ControllerFiles", "ControllerColumn"}

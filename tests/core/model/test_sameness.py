"""Which queries are the same question: nothing that changes the answer is left out of the core."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785

from samklang.model.query import Query
from samklang.model.sameness import LEFT_OUT, core, core_bytes, core_digest

INPUTS = ("a", "b")
BODY: dict[str, Any] = {
    "title": {"en": "T", "da": "T"},
    "federation": "test",
    "codebook": "sha256:" + "0" * 64,
    "operation": "stratify",
    "purpose": {"family": "statistical", "id": "planning", "text": "Why"},
    "period": {"from": "2025-01-01", "until": "2026-01-01", "as_of": "2025-12-31"},
    "target_group": "old",
    "filter": [
        {"variable": "age", "banding": "ten", "levels": ["60-69", "70-79"]},
        {"variable": "area", "banding": "two", "levels": ["north"]},
    ],
    "axes": [{"variable": "area", "banding": "two"}, {"presence": "gp"}],
    "measures": [{"variable": "price", "as": "sum"}, {"variable": "price", "as": "count"}],
    "require": {"area": ["north", "south"]},
    "privacy": {"epsilon": "1", "delta": "1e-8"},
    "nodes": ["a", "b"],
    "analyst": {"id": "anna", "organisation": "org"},
    "recipients": ["anna"],
    "nonce": "0" * 32,
    "not_after": datetime(2026, 1, 1, tzinfo=UTC).isoformat(),
    "max_attempts": 3,
}


def query(**changes: Any) -> Query:
    return Query.model_validate_json(json.dumps(BODY | changes))


def digest(**changes: Any) -> str:
    return core_digest(query(**changes), INPUTS)


SAME: list[dict[str, Any]] = [
    {"title": {"en": "Another", "da": "En anden"}},
    {"purpose": BODY["purpose"] | {"text": "Other words"}},
    {"nonce": "f" * 32},
    {"not_after": datetime(2026, 2, 1, tzinfo=UTC).isoformat()},
    {"max_attempts": 1},
    {"analyst": {"id": "bo", "organisation": "other"}, "recipients": ["bo", "cy"]},
    {"filter": BODY["filter"][::-1]},
    {"filter": [BODY["filter"][0] | {"levels": ["70-79", "60-69", "70-79"]}, *BODY["filter"][1:]]},
    {"filter": [*BODY["filter"], BODY["filter"][0]]},
    {"require": {"area": ["south", "north", "south"]}},
    {"privacy": {"epsilon": "1.000", "delta": "0.00000001"}},
    {"nodes": None},
    {"nodes": ["b", "a"]},
]


@pytest.mark.parametrize("changes", SAME, ids=[next(iter(c)) for c in SAME])
def test_who_asks_when_and_in_which_words_makes_no_other_question(changes: dict[str, Any]) -> None:
    assert digest(**changes) == digest()


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    children: Any = value.items() if isinstance(value, dict) else ()
    children = enumerate(value) if isinstance(value, list) else children
    found = False
    for key, child in children:
        found = True
        yield from _leaves(child, (*path, key))
    if not found:
        yield path


def test_every_part_of_a_query_is_in_the_core_or_on_the_list() -> None:
    """A field that somebody adds to the query belongs to the question until it is put on the list."""
    whole = json.loads(rfc8785.dumps(core(query(), INPUTS)))
    dumped = query().model_dump(mode="json", by_alias=True)
    for path in _leaves(dumped):
        left_out = any(path[: len(out)] == out for out in LEFT_OUT)
        here: Any = whole
        present = True
        for key in path:
            try:
                here = here[key]
            except (KeyError, IndexError):
                present = False
                break
        assert present != left_out, path


OTHER: list[dict[str, Any]] = [
    {"federation": "other"},
    {"codebook": "sha256:" + "1" * 64},
    {"purpose": BODY["purpose"] | {"family": "quality"}},
    {"purpose": BODY["purpose"] | {"id": "other"}},
    *({"period": BODY["period"] | {key: "2025-02-01"}} for key in ("from", "until", "as_of")),
    {"target_group": None},
    {"filter": BODY["filter"][:1]},
    {"filter": [BODY["filter"][0] | {"levels": ["60-69"]}, BODY["filter"][1]]},
    {"axes": BODY["axes"][:1]},
    {"axes": BODY["axes"][::-1]},
    {"axes": [{"variable": "area", "banding": "ten"}, BODY["axes"][1]]},
    {"measures": BODY["measures"][:1]},
    {"measures": []},
    {"require": {}},
    {"require": {"area": ["north"]}},
    {"privacy": {"epsilon": "0.5", "delta": "1e-8"}},
    {"privacy": {"epsilon": "1", "delta": "1e-9"}},
]


def test_whatever_changes_the_answer_is_another_question() -> None:
    digests = [digest(**changes) for changes in OTHER] + [digest(), core_digest(query(), ("a", "c"))]
    assert len(set(digests)) == len(digests)


def test_the_core_is_canonical_and_names_nobody() -> None:
    data = core_bytes(query(), INPUTS)
    assert rfc8785.dumps(json.loads(data)) == data
    assert b"anna" not in data
    assert b"Why" not in data

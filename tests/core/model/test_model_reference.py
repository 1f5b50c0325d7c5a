"""The reference of keys in docs/documents.md is what the models say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.core.model.test_model_sql import TABLES

from samklang.model.config import NodeConfig
from samklang.model.policy import Policy
from samklang.model.reference import DOCUMENTS, fill, section, sql_section
from samklang.model.shape import keys_of
from samklang.model.sql import parse

FILE = Path(__file__).parents[3] / "docs" / "documents.md"


def test_the_file_is_up_to_date() -> None:
    text = FILE.read_text(encoding="utf-8")
    if fill(text) != text:
        pytest.fail("run: python -m samklang.model.reference docs/documents.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_key_of_a_document_has_a_row(name: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section(DOCUMENTS[name]), re.M)
    assert set(keys_of(DOCUMENTS[name])) <= set(rows)


def test_rows_say_what_is_written() -> None:
    assert "| `until` | date | **required** |" in section(Policy)
    assert "| `release` | `never` or `match` or `joint` or `local` | **required** |" in section(Policy)
    assert "| `nulls` | list of text | empty |" in section(NodeConfig)
    assert "| `memory_mb` | whole number (≥ 128) | `1024` |" in section(NodeConfig)


CALLS = {
    "cast": "cast(points AS BIGINT)",
    "date_diff": "date_diff('day', born, $as_of)",
    "date_trunc": "date_trunc('week', born)",
    "extract": "extract(year FROM born)",
    "make_date": "make_date(2020, 1, 1)",
    "count": "count(*)",
}
TEXTS = {"left", "right", "substring", "lower", "upper", "trim", "length", "starts_with"}
PAIRS = {"nullif", "greatest", "least", "coalesce"}


def test_every_function_named_is_accepted() -> None:
    names = re.findall(r"`(\w+)`", sql_section().splitlines()[0])
    assert len(names) > 30
    for name in names:
        if name in CALLS:
            call = CALLS[name]
        elif name in ("row_number", "rank", "dense_rank"):
            call = f"{name}() OVER (PARTITION BY cpr ORDER BY born)"
        elif name in ("lag", "lead"):
            call = f"{name}(points) OVER (PARTITION BY cpr ORDER BY born)"
        elif name in ("left", "right", "starts_with"):
            call = f"{name}(area, {2 if name != 'starts_with' else chr(39) + 'x' + chr(39)})"
        elif name == "substring":
            call = "substring(area, 1, 2)"
        elif name in TEXTS:
            call = f"{name}(area)"
        elif name in PAIRS:
            call = f"{name}(points, 0)"
        elif name in ("year", "month", "day"):
            call = f"{name}(born)"
        elif name.startswith("bool_") or name == "count_if":
            call = f"{name}(points > 1)"
        else:
            call = f"{name}(points)"
        parse(f"SELECT cpr, {call} AS value FROM citizen GROUP BY cpr", TABLES)

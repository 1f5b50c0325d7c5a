"""The specification of the release names every key that a release has, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.coordinator.test_release import TWO_AXES, released, three_axes

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "spec" / "release.md").read_text(encoding="utf-8")


def keys(value: Any, free: tuple[str, ...] = ("levels", "label", "unit")) -> set[str]:
    """All keys in a document but those of free choice: axes, measures, languages."""
    if isinstance(value, list):
        return set().union(*(keys(item) for item in value), set())
    if not isinstance(value, dict):
        return set()
    found = {key for key in value if key not in ("price", "change")}
    for key, inner in value.items():
        if key not in free:
            found |= keys(inner)
    return found


def documents() -> list[dict[str, Any]]:
    just = released([500, 500], [[0, 0], [400, 400]])["threshold"]
    change: dict[str, Any] = {"measures": [{"variable": "change"}]}
    return [
        released([500, 3], [[123456, 999], [400, 2]]),
        released([500, just], [[0, 0], [400, 3]]),
        released([just, 600], [[40, -9000]], **change),
        released([400, 300, 2, 60, 90, 500, 80, 70], [], {"n0": {"secondary_suppression": True}}, **TWO_AXES),
        three_axes({0: 3, 7: 70}),
    ]


def test_every_key_and_every_word_is_specified() -> None:
    named = set(re.findall(r"`([\w-]+)`", TEXT))
    elsewhere = {"id", "family", "from", "until", "as_of", "digest", "axis", "levels"}
    for document in documents():
        assert keys(document) - named - elsewhere == set()
        for cell in document["cells"]:
            assert cell.get("reason", "secondary") in named
            assert cell.get("count_basis", "noise") in named


def test_the_table_has_exactly_the_documents_keys() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", TEXT.split("## A cell")[0], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    document = documents()[0]
    assert named == {*document}

"""The specification says what the code does: its computed parts, its names, its vectors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.core.protocol.vectors import document, example, make

from samklang.privacy import budget
from samklang.protocol import cells, encodings, linking, margins, messages, sealing, streams

TEXT = document.SPECIFICATION.read_text()
ROOT = Path(__file__).parents[3]


def test_computed_parts_are_up_to_date() -> None:
    assert document.updated(TEXT) == TEXT, "python -m tests.core.protocol.vectors.document"


def test_a_stale_part_would_be_noticed() -> None:
    stale = TEXT.replace("| `shuffle1/2` | B | A |", "| `shuffle1/2` | C | A |")
    assert stale != TEXT
    assert document.updated(stale) == TEXT
    with pytest.raises(ValueError, match="messages"):
        document.updated(TEXT.replace("<!-- messages:end -->", ""))


def test_example_ends_in_the_plain_join() -> None:
    released = example.Example().released()
    assert {cell: n for cell, (n, _) in released.items() if n} == dict(example.joint())
    minutes = sum(at["kommune"][1] for at in example.CITIZENS.values() if "kommune" in at)
    assert sum(total for _, total in released.values()) == minutes


def test_every_label_in_use_is_specified() -> None:
    """Stages named in the source as labels of derivations stand in the text."""
    source = "\n".join(p.read_text() for p in (ROOT / "core/samklang/protocol").rglob("*.py"))
    used = {s.removeprefix("{table.prefix}") for s in re.findall(r'Label\([^"()]*f?"([^"]+)"', source)}
    assert {"seal", "link/confirm", "rows/share", "tables/rotation", "release/mask"} <= used
    for stage in used:
        assert f"`{stage.replace('{stage}', 'SHUFFLE')}`" in TEXT, stage


def test_constants_are_those_of_the_code() -> None:
    for name, value in {
        "version": messages.VERSION,
        "MAX_LEVELS": encodings.MAX_LEVELS,
        "MAX_MODULUS": encodings.MAX_MODULUS,
        "INVALID": encodings.INVALID,
        "MAX_OPENED": cells.MAX_OPENED,
        "MAX_COMBINATIONS": cells.MAX_COMBINATIONS,
        "MAX_ROWS": linking.MAX_ROWS,
        "PIECE": streams.PIECE,
        "OVERHEAD": sealing.OVERHEAD,
        "PARTIES": budget.PARTIES,
        "EPSILON_CEILING": budget.EPSILON_CEILING,
        "LEAST_MERGED": margins.LEAST_MERGED,
    }.items():
        assert f"| {name} | `{value}` |" in TEXT, name


def test_vector_files_are_listed() -> None:
    for name in [*make.FILES, "program", "hpke"]:
        assert f"`{name}.json`" in TEXT
        assert (make.HERE / f"{name}.json").exists()

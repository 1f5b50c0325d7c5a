"""The threat model names tests that exist, and every test that shows a limit is named in it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
REFERENCE = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def exists(path: Path, name: str) -> bool:
    return path.is_file() and f"\ndef {name}(" in path.read_text(encoding="utf-8")


def test_every_referenced_test_exists() -> None:
    references = REFERENCE.findall(TEXT)
    assert len(references) > 40
    assert [f"{path}::{name}" for path, name in references if not exists(ROOT / "tests" / path, name)] == []


def test_nothing_that_looks_like_a_reference_escapes_the_pattern() -> None:
    assert TEXT.count("::test_") == len(REFERENCE.findall(TEXT))


def test_every_claim_has_a_test() -> None:
    """In the tables with a column "shown by", each row but the general ones about the relay and failing."""
    without = [
        line
        for line in TEXT.splitlines()
        if re.match(r"\| (\*\*)?\w", line) and line.rstrip().endswith("| |") and "::" not in line
    ]
    allowed = ("changes, cuts, moves", "stops the attempt", "announces up to")
    assert [line for line in without if not any(a in line for a in allowed)] == []


def test_every_limit_that_a_test_shows_is_named() -> None:
    shown = {
        (str(path.relative_to(ROOT / "tests")), name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_limit_\w+)\(", path.read_text(encoding="utf-8"), re.M)
    }
    assert shown
    assert shown <= set(REFERENCE.findall(TEXT))

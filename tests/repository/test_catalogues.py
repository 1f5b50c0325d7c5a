"""The gettext catalogues: compiled as they stand, and what is wrong with one is noticed."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL: dict[str, Any] = runpy.run_path(str(ROOT / "cli/catalogues.py"))
SOURCES = sorted(path for part in TOOL["PARTS"] for path in (ROOT / part).rglob("*.po"))

HEAD = 'msgid ""\nmsgstr ""\n"Language: da\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_is_compiled_and_nothing_is_wrong_with_it(source: Path) -> None:
    data, wrong = TOOL["compiled"](source)
    assert not wrong
    assert source.with_suffix(".mo").read_bytes() == data


def test_there_is_one_for_every_part_that_speaks() -> None:
    assert {source.stem for source in SOURCES} == {"samklang", "policy", "approvals"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('msgid "a {x}"\nmsgstr "b {x}"\n', []),
        ('msgid "a {x}"\nmsgstr "b"\n', ["other fields: a {x}"]),
        ('msgid "a"\nmsgstr ""\n', ["no Danish: a"]),
        ('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', ['stands twice: "a"']),
    ],
)
def test_a_wrong_text_is_noticed(tmp_path: Path, text: str, wrong: list[str]) -> None:
    source = tmp_path / "x.po"
    source.write_text(f"{HEAD}\n{text}")
    assert TOOL["compiled"](source)[1] == wrong

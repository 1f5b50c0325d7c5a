"""What the demonstration says has the reader's own decimal sign, and lines that fit."""

from __future__ import annotations

import sys

import pytest

from samklang.cli.demo.distance import Distance
from samklang.cli.demo.words import Words
from samklang.cli.output import wrapped
from samklang.errors import Language

FOUND = Distance(
    shown=1200, cells=1500, citizens=3693, in_shown=3600, typical=1.26, largest=1234, relative=0.0153,
    covered=0.951, hidden_largest=26,
)  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "has"),
    [
        ("en", ("3,693 citizens", "1,200 of 1,500", "97%", "1.3", "1,234", "1.5%", "2.5 s")),
        ("da", ("3.693 borgere", "1.200 af 1.500", "97 %", "1,3", "1.234", "1,5 %", "2,5 s")),
    ],
)
def test_numbers_are_written_as_the_reader_writes_them(lang: Language, has: tuple[str, ...]) -> None:
    text = " ".join(Words(lang).distance(FOUND, 2.54).split())
    for part in has:
        assert part in text


def test_lines_fit_where_there_is_no_terminal() -> None:
    said = Words("da").distance(FOUND, 2.54)
    assert max(map(len, said.split("\n"))) <= 100
    assert said.count("\n") >= 2


def test_a_terminal_s_width_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    lines = wrapped("ord " * 60 + "x" * 70).split("\n")
    assert max(map(len, lines[:-1])) <= 60
    assert lines[-1] == "x" * 70, "a word stays whole"

"""What stands around the demonstration's tables is said once, and only where it is so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samklang.cli.demo.distance import Distance
from samklang.cli.demo.words import Words
from samklang.errors import Language

FULL = """Need      65 to 79  80 and over
-------------------------------
0 points  6,814 ±27    2,035 ±27"""
FOUND = Distance(
    cells=8, shown=8, citizens=900, in_shown=900, typical=9.0, largest=20, covered=0.95, relative=0.01,
    hidden_largest=0,
)  # fmt: skip


@pytest.mark.parametrize(("lang", "word"), [("en", "not shown"), ("da", "vises ikke")])
def test_a_dot_is_explained_where_there_is_one(lang: Language, word: str) -> None:
    words = Words(lang)
    assert word not in words.counts({"threshold": 37}, FULL)
    hidden = words.counts({"threshold": 37}, FULL.replace("6,814 ±27", "        ·"))
    assert word in hidden
    assert "37" in hidden
    # A label may have such a sign in it.
    assert word not in words.counts({"threshold": 37}, FULL.replace("0 points", "0·1 point"))


def test_a_unit_that_the_label_has_isnt_said_again() -> None:
    assert Words("en").mean("Home care, minutes a week", "minutes a week") == (
        "mean of Home care, minutes a week ± 95 %"
    )
    assert Words("da").mean("Sengedage", "dage") == "gennemsnit af Sengedage ± 95 %"
    assert Words("da").mean("Ophold", "dage") == "gennemsnit af Ophold (dage) ± 95 %"


@pytest.mark.parametrize(
    ("lang", "some", "none"),
    [
        ("en", "the largest cell left out has 12.", "no cell with anybody in it was left out."),
        ("da", "den største udeladte celle har 12.", "ingen celle med nogen i er udeladt."),
    ],
)
def test_what_was_left_out_is_named_if_something_was(lang: Language, some: str, none: str) -> None:
    said = Words(lang).distance(FOUND, 1.0)
    assert none in said
    assert " 0." not in said
    assert some in Words(lang).distance(replace(FOUND, shown=7, hidden_largest=12), 1.0)

"""Durations are said in words, and nothing else is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.model.durations import in_words


@pytest.mark.parametrize(
    ("duration", "english", "danish"),
    [
        ("P2Y", "2 years", "2 år"),
        ("P1Y6M", "1 year and 6 months", "1 år og 6 måneder"),
        ("P1Y1M1D", "1 year, 1 month and 1 day", "1 år, 1 måned og 1 dag"),
        ("PT72H", "72 hours", "72 timer"),
        ("PT1H", "1 hour", "1 time"),
    ],
)
def test_as_people_say_it(duration: str, english: str, danish: str) -> None:
    assert (in_words(duration, "en"), in_words(duration, "da")) == (english, danish)


@given(st.lists(st.integers(0, 999), min_size=3, max_size=3), st.sampled_from(["en", "da"]))
def test_every_number_is_said_once(numbers: list[int], lang: str) -> None:
    duration = "P" + "".join(f"{n}{unit}" for n, unit in zip(numbers, "YMD", strict=True))
    said = in_words(duration, lang)  # type: ignore[arg-type]
    assert [int(n) for n in re.findall(r"\d+", said)] == numbers


@pytest.mark.parametrize("text", ["", "P", "PT", "2Y", "P2W", "P-1Y", "P2Y ", "P1.5Y"])
def test_nothing_else_is_one(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        in_words(text, "en")

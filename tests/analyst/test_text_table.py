"""Tables for a terminal: whatever words and width are, nothing is lost, nothing wider than it must be."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from samklang.analyst.text_table import estimate, lay_out

words = st.text(alphabet="abcdefghij", min_size=1, max_size=9)
labels = st.lists(words, min_size=1, max_size=5).map(" ".join)
figures = st.sampled_from(["", "1,516 ±18", "46 (24 to 64)", "·"])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]], int]:
    left, right = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    header = draw(st.lists(labels, min_size=left + right, max_size=left + right))
    row = st.tuples(*[labels] * left, *[figures] * right).map(list)
    return header, draw(st.lists(row, min_size=1, max_size=5)), left


def least(header: list[str], rows: list[list[str]], left: int) -> int:
    """Columns without which a word or a figure would be broken."""

    def longest(texts: list[str]) -> int:
        return max(len(word) for text in texts for word in text.split(" "))

    columns = [*zip(header, *rows, strict=True)]
    names = [longest([*column]) for column in columns[:left]]
    widest = max(max(longest([column[0]]), *map(len, column[1:])) for column in columns[left:])
    return sum(names) + 2 * left + widest


@given(tables(), st.integers(1, 120))
def test_no_line_is_wider_than_the_terminal_unless_a_word_or_figure_is(
    table: tuple[list[str], list[list[str]], int], width: int
) -> None:
    shown = lay_out(*table, width)
    assert max(map(len, shown.splitlines())) <= max(width, least(*table))


@given(tables(), st.integers(1, 120))
def test_every_word_and_figure_is_there(table: tuple[list[str], list[list[str]], int], width: int) -> None:
    header, rows, left = table
    shown = lay_out(*table, width)
    parts = shown.split("\n\n")
    found = sorted(re.findall(r"[^\s-]+", shown))
    again = [word for line in [header, *rows] for text in line[:left] for word in text.split()]
    once = [word for line in [header, *rows] for text in line[left:] for word in text.split()]
    assert found == sorted([*again * len(parts), *once])


@given(tables())
def test_what_fits_is_one_line_each(table: tuple[list[str], list[list[str]], int]) -> None:
    assert len(lay_out(*table, 1000).splitlines()) == 2 + len(table[1])


def test_figures_have_as_many_digits_as_their_interval_leaves() -> None:
    assert estimate(1516, 1498, 1534, "en") == "1,516 ±18"
    assert estimate(1516, 1498, 1534, "da") == "1.516 ±18"
    assert estimate(46, 24, 64, "en") == "46 (24 to 64)"
    assert estimate(46, 24, 64, "da") == "46 (24 til 64)"
    assert estimate(0.679, 0.395, 0.963, "en") == "0.68 ±0.28"
    assert estimate(9.04, 2.7, 15.4, "da") == "9,0 ±6,4"
    assert estimate(158.3, 142.1, 174.2, "en") == "158 ±16"
    assert estimate(0.426, 0.418, 0.434, "en", digits=1) == "0.4 ±0.0"
    assert estimate(float("nan"), 0, 1, "en") == ""


@given(st.floats(-1e6, 1e6), st.floats(0, 1e4), st.floats(0, 1e4))
def test_an_interval_is_told_as_wide_as_it_is(value: float, below: float, above: float) -> None:
    """To within a tenth of its half, which is what may be rounded away to write ±, and the last digit."""
    low, high = value - below, value + above
    told = estimate(value, low, high, "en").replace(",", "")
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", told)]
    ends = (numbers[0] - numbers[1], numbers[0] + numbers[1]) if "±" in told else tuple(numbers[1:])
    coarse = 0.1 * max(below, above) + 1.01
    assert abs(ends[0] - low) <= coarse
    assert abs(ends[1] - high) <= coarse

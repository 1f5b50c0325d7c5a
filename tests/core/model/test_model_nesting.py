"""Which bandings merge the levels of which: by hand, and against every value there is."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.model.codebook import Banding, Category, Total
from samklang.model.nesting import merged_levels

LABEL = {"en": "x", "da": "x"}


def banding(other: str | None = None, **levels: Any) -> Banding:
    """A level is a list of values, a pair of ends, or None (of ``other`` alone)."""
    made: list[dict[str, Any]] = []
    for name, what in levels.items():
        level: dict[str, Any] = {"id": name, "label": LABEL}
        if isinstance(what, list):
            level["values"] = what
        elif what is not None:
            level |= {"from": what[0], "until": what[1]}
        made.append(level)
    return Banding.model_validate({"levels": made, "other": other})


def variable(kind: type[Category] | type[Total], **bandings: Banding) -> Any:
    base: dict[str, Any] = {"label": LABEL, "bandings": bandings}
    if kind is Category:
        return Category.model_validate(base | {"kind": "category", "sector": "s", "sql": "x"})
    return Total.model_validate(base | {"kind": "total", "sql": {"s": "x"}, "clip": 9})


ONE_BY_ONE = banding(a=(0, 1), b=(1, 2), c=(2, 5), d=(5, None))
WORDS = banding(red=["red", "pink"], blue=["blue"], rest=None, other="rest")


@pytest.mark.parametrize(
    ("fine", "coarse", "expected"),
    [
        (ONE_BY_ONE, banding(low=(0, 2), high=(2, None)), {"a": "low", "b": "low", "c": "high", "d": "high"}),
        (
            ONE_BY_ONE,
            banding(low=(None, 5), high=None, other="high"),
            dict.fromkeys("abc", "low") | {"d": "high"},
        ),
        (ONE_BY_ONE, banding(low=(0, 3), high=(3, None)), None),
        (ONE_BY_ONE, banding(low=(0, 2), high=(2, 9)), None),
        (ONE_BY_ONE, ONE_BY_ONE, {x: x for x in "abcd"}),
        (
            WORDS,
            banding(warm=["red", "pink"], cold=None, other="cold"),
            {"red": "warm", "blue": "cold", "rest": "cold"},
        ),
        (WORDS, banding(warm=["red"], cold=None, other="cold"), None),
        (WORDS, banding(all=None, other="all"), dict.fromkeys(("red", "blue", "rest"), "all")),
        # What the fine banding leaves over would partly be green.
        (WORDS, banding(warm=["red", "pink", "blue"], green=["green"], cold=None, other="cold"), None),
        (WORDS, banding(warm=["red", "pink"], cold=["blue"]), None),
        (banding(few=[1, 2], more=(3, 9)), banding(some=(1, 9)), {"few": "some", "more": "some"}),
        (banding(few=(1, 3)), banding(one=[1], two=[2]), None),
        (banding(few=(1, 3)), banding(both=[1, 2]), {"few": "both"}),
    ],
)
def test_by_hand(fine: Banding, coarse: Banding, expected: dict[str, str] | None) -> None:
    assert merged_levels(variable(Category, f=fine, c=coarse), fine, coarse) == expected


def test_below_nothing_there_is_no_total() -> None:
    fine, coarse = banding(none=(None, 1), some=(1, None)), banding(none=(0, 1), some=(1, None))
    assert merged_levels(variable(Total, f=fine, c=coarse), fine, coarse) == {"none": "none", "some": "some"}
    assert merged_levels(variable(Category, f=fine, c=coarse), fine, coarse) is None


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 12), unique=True, min_size=1, max_size=4),
    st.booleans(),
)
def test_ranges_against_every_value(fine_edges: list[int], coarse_edges: list[int], rest: bool) -> None:
    def made(edges: list[int]) -> Banding:
        ends = [*sorted(edges), 14]
        levels = {f"l{i}": (low, high) for i, (low, high) in enumerate(pairwise(ends))}
        return banding("rest" if rest else None, **levels, **({"rest": None} if rest else {}))

    fine, coarse = made(fine_edges), made(coarse_edges)

    def level(of: Banding, value: int) -> str | None:
        for one in of.levels:
            if one.from_ is not None and one.until is not None and one.from_ <= value < one.until:
                return one.id
        return of.other

    images: dict[str, set[str | None]] = {one.id: set() for one in fine.levels}
    for value in range(-2, 17):
        found = level(fine, value)
        if found is not None:
            images[found].add(level(coarse, value))
    expected = {name: next(iter(found)) for name, found in images.items() if len(found) == 1}
    whole = len(expected) == len(images) and None not in expected.values()
    got = merged_levels(variable(Category, f=fine, c=coarse), fine, coarse)
    assert got == (expected if whole else None)

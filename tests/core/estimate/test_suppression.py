"""Complementary suppression: nothing hidden is determined, checked by exact elimination."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from samklang.estimate.suppression import complementary, determined

Flags = NDArray[np.bool_]


def solvable(hidden: Flags, margins: list[NDArray[np.int64]]) -> set[int]:
    """Cells that the linear system determines, by exact Gauss-Jordan elimination over the rationals."""
    places = np.flatnonzero(hidden).tolist()
    rows = []
    for margin in margins:
        for group in np.unique(margin[margin >= 0]).tolist():
            rows.append([Fraction(int(margin[place] == group)) for place in places])
    pivot_row = 0
    pivots = []
    for column in range(len(places)):
        found = next((r for r in range(pivot_row, len(rows)) if rows[r][column]), None)
        if found is None:
            continue
        rows[pivot_row], rows[found] = rows[found], rows[pivot_row]
        rows[pivot_row] = [x / rows[pivot_row][column] for x in rows[pivot_row]]
        for r in range(len(rows)):
            if r != pivot_row and rows[r][column]:
                rows[r] = [x - rows[r][column] * y for x, y in zip(rows[r], rows[pivot_row], strict=True)]
        pivots.append(column)
        pivot_row += 1
    return {
        places[column] for row, column in zip(rows, pivots, strict=False) if sum(x != 0 for x in row) == 1
    }


@st.composite
def released(draw: st.DrawFn) -> tuple[Flags, list[NDArray[np.int64]], NDArray[np.float64]]:
    """A table of one to three axes with holes, its one-axis margins, and a coarse one."""
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    grid = np.indices(shape).reshape(len(shape), -1)
    there = np.array(draw(st.lists(st.booleans(), min_size=grid.shape[1], max_size=grid.shape[1])), bool)
    there[0] = True
    grid = grid[:, there]
    margins = [axis.astype(np.int64) for axis in grid]
    if draw(st.booleans()):
        margins.append(np.zeros(grid.shape[1], np.int64))
    if draw(st.booleans()):
        size = grid.shape[1]
        margins.append(np.array(draw(st.lists(st.integers(-1, 3), min_size=size, max_size=size)), np.int64))
    hidden = np.array(draw(st.lists(st.booleans(), min_size=grid.shape[1], max_size=grid.shape[1])), bool)
    weight = np.array(
        draw(st.lists(st.integers(-20, 400), min_size=grid.shape[1], max_size=grid.shape[1])), np.float64
    )
    return hidden, margins, weight


@given(case=released())
@settings(max_examples=300, deadline=None)
def test_no_hidden_cell_is_determined_by_what_is_shown(
    case: tuple[Flags, list[NDArray[np.int64]], NDArray[np.float64]],
) -> None:
    hidden, margins, weight = case
    found = complementary(hidden, margins, weight)
    assert not (found.cells & hidden).any()
    left = []
    for margin, closed in zip(margins, found.groups, strict=True):
        shown = margin.copy()
        shown[np.isin(margin, np.flatnonzero(closed))] = -1
        left.append(shown)
    assert solvable(hidden | found.cells, left) == set()
    again = complementary(hidden, margins, weight)
    assert np.array_equal(again.cells, found.cells), "the same table is always suppressed alike"
    if not hidden.any():
        assert not found.cells.any()


@given(case=released())
@settings(max_examples=200, deadline=None)
def test_what_is_determined_is_found_as_elimination_finds_it(
    case: tuple[Flags, list[NDArray[np.int64]], NDArray[np.float64]],
) -> None:
    hidden, margins, _ = case
    assert set(np.flatnonzero(determined(hidden, margins)).tolist()) == solvable(hidden, margins)


def test_the_least_cell_goes_and_no_more_than_needed() -> None:
    """A row of four with one hidden cell: the least of the others joins it, the rest stays."""
    hidden = np.array([True, False, False, False])
    row = np.zeros(4, np.int64)
    found = complementary(hidden, [row], np.array([3.0, 500, 40, 90]))
    assert found.cells.tolist() == [False, False, True, False]
    assert not found.groups[0].any()


def test_a_rectangle_is_needed_where_rows_and_columns_are_shown() -> None:
    rows, columns = np.repeat([0, 1, 2], 3), np.tile([0, 1, 2], 3)
    hidden = np.zeros(9, bool)
    hidden[0] = True
    found = complementary(hidden, [rows, columns], np.arange(9.0))
    assert found.cells.sum() == 3
    assert not determined(hidden | found.cells, [rows, columns]).any()


def test_a_margin_of_one_cell_is_not_shown() -> None:
    """Nothing else can be hidden beside it: the margin itself would be the cell."""
    found = complementary(np.array([True, False]), [np.array([0, 1])], np.array([3.0, 80]))
    assert not found.cells.any()
    assert found.groups[0].tolist() == [True, False]

"""The padding bound is confirmed by going through all neighbours, for every observer."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from samklang.privacy.sensitivity import MOVING_SQUARED, Bounds, padding_squared, staying_squared

Matrix = NDArray[np.float64]


def subsets(nodes: int, k_max: int) -> Iterator[frozenset[int]]:
    for size in range(k_max + 1):
        yield from (frozenset(c) for c in combinations(range(nodes), size))


def view_change(before: frozenset[int], after: frozenset[int], nodes: int, k_max: int) -> Matrix:
    """Change of (rows of every node, groups of 1, 2, ... k_max) when a citizen's nodes change."""
    change = np.zeros(nodes + k_max)
    for where, sign in ((before, -1), (after, 1)):
        change[list(where)] += sign
        if where:
            change[nodes + len(where) - 1] += sign
    return change


def noise_matrix(
    nodes: int, k_max: int, parties: tuple[int, ...], observer: int | None, fixed: bool
) -> Matrix:
    """What one unit of each honest draw adds to the view; one column per draw, the observer's left out.

    With ``fixed``, single rows make a compute party's padding up to a public number; without it, its
    groups add to its row count.
    """
    columns = []
    for node in range(nodes):
        if node != observer:
            column = np.zeros(nodes + k_max)
            column[[node, nodes]] = 1
            columns.append(column)
    for party in parties:
        for rows in range(2, k_max + 1):
            if party == observer:
                continue
            column = np.zeros(nodes + k_max)
            column[nodes + rows - 1] = 1
            if fixed:
                column[nodes] = -rows
            elif party < nodes:
                column[party] = rows
            columns.append(column)
    return np.array(columns).T


def worst(nodes: int, k_max: int, parties: tuple[int, ...], observer: int | None, fixed: bool) -> float:
    """Largest squared length of the shortest (real) shift of the noise that hides a change of the view.

    Over the reals this is the Mahalanobis length for Gaussian noise: no proof can give less.
    """
    noise = noise_matrix(nodes, k_max, parties, observer, fixed)
    inverse = np.linalg.pinv(noise)
    longest = 0.0
    for before in subsets(nodes, k_max):
        for after in subsets(nodes, k_max):
            if observer is not None and (observer in before) != (observer in after):
                continue  # it knows its own records
            change = view_change(before, after, nodes, k_max)
            shift = inverse @ change
            assert noise @ shift == pytest.approx(change), "noise must be able to hide every neighbour"
            longest = max(longest, float(shift @ shift))
    return longest


@pytest.mark.parametrize(
    ("nodes", "k_max"), [(2, 1), (2, 2), (3, 2), (3, 3), (4, 2), (5, 2), (5, 3), (5, 4), (5, 5), (6, 3)]
)
def test_bound_holds_for_every_observer(nodes: int, k_max: int) -> None:
    parties = (0, 1, 2)  # with two nodes, party 2 is the coordinator: groups, but no rows of its own
    bound = padding_squared(nodes, k_max)
    for observer in (None, 0, 1, 2):
        assert worst(nodes, k_max, parties, observer, fixed=True) <= bound + 1e-9


@pytest.mark.parametrize(("nodes", "k_max"), [(2, 2), (3, 3), (5, 3), (5, 2)])
def test_integer_shift_that_the_bound_rests_on_gives_the_same_view(nodes: int, k_max: int) -> None:
    """Discrete noise needs whole shifts: F_i for every node that changed, one honest G per multiplicity."""
    parties = (0, 1, 2)
    noise = noise_matrix(nodes, k_max, parties, None, fixed=True)
    longest = 0
    for before in subsets(nodes, k_max):
        for after in subsets(nodes, k_max):
            shift = np.zeros(noise.shape[1], dtype=np.int64)
            for where, sign in ((before, -1), (after, 1)):
                shift[list(where)] += sign
                if len(where) >= 2:
                    shift[nodes + len(where) - 2] += sign  # party 0's group of that size
            assert (noise @ shift == view_change(before, after, nodes, k_max)).all()
            longest = max(longest, int(shift @ shift))
    assert longest == padding_squared(nodes, k_max)


def test_without_a_fixed_number_the_bound_would_be_broken() -> None:
    """The reason for the public total: else rows of a compute party give its groups away."""
    assert worst(6, 5, (0, 1, 2), 0, fixed=False) > padding_squared(6, 5) + 1
    assert worst(6, 5, (0, 1, 2), 0, fixed=True) <= padding_squared(6, 5)


def test_moving_between_many_nodes_is_covered() -> None:
    """A citizen may leave k_max nodes and enter k_max others: more than k_max + 2."""
    assert padding_squared(50, 6) == 13
    assert padding_squared(2, 2) == 3
    assert padding_squared(3, 9) == padding_squared(3, 3) == 4


@pytest.mark.parametrize(
    ("bounds", "reach", "spread"),
    [
        (Bounds(0, 10), 10, 10),
        (Bounds(-10, 10), 10, 20),
        (Bounds(3, 10), 10, 10),
        (Bounds(-4, 10, suppliers=2), 20, 28),
        (Bounds(0, 1), 1, 1),
        (Bounds(-7, -2), 7, 7),
        (Bounds(0, 0), 0, 0),
    ],
)
def test_bounds_of_a_measure(bounds: Bounds, reach: int, spread: int) -> None:
    assert (bounds.reach, bounds.spread) == (reach, spread)
    values = [0, *range(bounds.low, bounds.high + 1)]
    s = bounds.suppliers
    assert max(abs(a * s - b * s) for a in values for b in values) == spread
    assert max(abs(a * s) for a in values) == reach


@given(
    st.lists(
        st.builds(Bounds, st.integers(-9, 9), st.integers(9, 12), st.integers(1, 3)), min_size=1, max_size=4
    )
)
def test_moving_between_cells_of_different_bounds_is_covered(classes: list[Bounds]) -> None:
    """By enumeration of everything that a citizen can do to sums in units of their cell's reach."""
    ends = [{0} | {end * k for end in (b.low, b.high) for k in range(1, b.suppliers + 1)} for b in classes]
    scaled = [[Fraction(x, b.reach) for x in of] for b, of in zip(classes, ends, strict=True)]
    moves = max(x * x + y * y for one, other in product(scaled, repeat=2) for x, y in product(one, other))
    stays = max((x - y) ** 2 for of in scaled for x, y in product(of, repeat=2))
    assert moves == MOVING_SQUARED
    assert stays == staying_squared(classes)
    assert 1 <= stays <= 4


@pytest.mark.parametrize("arguments", [(5, 3, 1), (0, 5, 0), (0, 1 << 48, 1), (0, 1 << 47, 2)])
def test_bad_bounds(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="bounds"):
        Bounds(*arguments)

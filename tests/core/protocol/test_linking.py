"""Grouping equal tags: the partition, its canonical form, and what the holders' check refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.protocol.linking import Grouping, check, group, sum_groups


def tags_of(citizens: list[int]) -> np.ndarray:
    rng = np.random.default_rng(7)
    table = rng.integers(0, 2**64, (2, 1000), np.uint64)
    return np.ascontiguousarray(table[:, citizens])


def plain(citizens: list[int], largest: int) -> tuple[list[int], list[int]]:
    """(sizes, order) with dictionaries."""
    found: dict[int, list[int]] = {}
    for position, citizen in enumerate(citizens):
        found.setdefault(citizen, []).append(position)
    groups = sorted(found.values(), key=lambda g: (len(g), g[0]))
    sizes = [sum(len(g) == j for g in groups) for j in range(1, largest + 1)]
    return sizes, [p for g in groups for p in g]


@given(st.lists(st.integers(0, 30), max_size=80))
def test_group_is_the_partition_in_canonical_form(citizens: list[int]) -> None:
    largest = max([citizens.count(c) for c in citizens], default=1)
    grouping = group(tags_of(citizens), largest)
    sizes, order = plain(citizens, largest)
    assert grouping.sizes.tolist() == sizes
    assert grouping.order.tolist() == order
    check(grouping, len(citizens), largest)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(0, 2**32))
def test_form_depends_on_the_partition_alone(citizens: list[int], seed: int) -> None:
    """Other tags for the same citizens give the same bytes, so the order can't tell a tag's rank."""
    renamed = np.random.default_rng(seed).permutation(1000)
    first = group(tags_of(citizens), len(citizens))
    second = group(tags_of([int(renamed[c]) for c in citizens]), len(citizens))
    assert first.order.tolist() == second.order.tolist()
    assert first.digest(b"t") == second.digest(b"t")


def test_equal_first_halves_are_told_apart() -> None:
    tag = np.array([[5, 5, 5, 5], [1, 2, 1, 2]], np.uint64)
    assert group(tag, 4).order.tolist() == [0, 2, 1, 3]


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(1, 4))
def test_tags_that_occur_too_often_are_cut_and_nothing_is_lost(citizens: list[int], largest: int) -> None:
    """Each citizen's rows in groups of the largest size and one of the rest; never a refusal."""
    grouping = group(tags_of(citizens), largest)
    check(grouping, len(citizens), largest)
    expected: list[int] = []
    for citizen in set(citizens):
        whole, rest = divmod(citizens.count(citizen), largest)
        expected += [largest] * whole + [rest] * (rest > 0)
    assert grouping.sizes.tolist() == [expected.count(j) for j in range(1, largest + 1)]
    at = 0
    for j, count in enumerate(grouping.sizes.tolist(), start=1):
        for _ in range(count):
            members = grouping.order[at : at + j].tolist()
            assert len({citizens[m] for m in members}) == 1
            at += j


@given(st.lists(st.integers(0, 9), max_size=40), st.sampled_from([np.uint16, np.uint64]))
def test_sums_are_those_of_the_groups(citizens: list[int], dtype: type[np.unsignedinteger]) -> None:
    largest = max([citizens.count(c) for c in citizens], default=1)
    grouping = group(tags_of(citizens), largest)
    column = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, len(citizens), dtype, endpoint=True)
    sizes, order = plain(citizens, largest)
    expected, at = [], 0
    for j, count in enumerate(sizes, start=1):
        for _ in range(count):
            expected.append(sum(int(column[p]) for p in order[at : at + j]) % (np.iinfo(dtype).max + 1))
            at += j
    assert sum_groups(column, grouping).tolist() == expected


BAD = {
    "a row twice": ([2, 1], [0, 1, 2, 2]),
    "a position beyond": ([2, 1], [0, 1, 2, 4]),
    "sizes too small": ([1, 1], [0, 1, 2, 3]),
    "sizes too large": ([4, 1], [0, 1, 2, 3]),
    "negative size": ([6, -1], [0, 1, 2, 3]),
    "groups out of order": ([2, 1], [1, 0, 2, 3]),
    "members out of order": ([2, 1], [0, 1, 3, 2]),
    "order too short": ([2, 1], [0, 1, 2]),
    "another largest": ([2, 1, 0], [0, 1, 2, 3]),
}


@pytest.mark.parametrize("name", BAD)
def test_check_refuses(name: str) -> None:
    sizes, order = BAD[name]
    with pytest.raises(SamklangError) as caught:
        check(Grouping(np.array(sizes), np.array(order, np.uint32)), 4, 2)
    assert caught.value.code == "protocol-grouping"


def test_check_takes_the_canonical_one_and_none() -> None:
    check(Grouping(np.array([2, 1]), np.array([0, 1, 2, 3], np.uint32)), 4, 2)
    check(Grouping(np.array([0, 0]), np.empty(0, np.uint32)), 0, 2)

"""Grouping where tags agree in part: in their top bits, in one half, or in all, however many there are."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.protocol.linking import check, group

# Few values per part, so that tags often differ in one part alone and stand in turns.
tags = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)


def plain(rows: list[tuple[int, int]], largest: int) -> tuple[list[int], list[int]]:
    """(sizes, order) by a dictionary and a sort."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for position, tag in enumerate(rows):
        found[tag].append(position)
    groups = [g[i : i + largest] for g in found.values() for i in range(0, len(g), largest)]
    groups.sort(key=lambda g: (len(g), g[0]))
    sizes = [sum(len(g) == j for g in groups) for j in range(1, largest + 1)]
    return sizes, [position for g in groups for position in g]


@given(tags, st.integers(1, 6))
def test_the_canonical_grouping_by_all_128_bits(drawn: list[tuple[int, int, int]], largest: int) -> None:
    rows = [((top << 62) + low, other) for top, low, other in drawn]
    tag = np.array(rows, np.uint64).T.copy()
    found = group(tag, largest)
    assert (found.sizes.tolist(), found.order.tolist()) == plain(rows, largest)
    assert tag.T.tolist() == [list(row) for row in rows]
    check(found, len(rows), largest)


@pytest.mark.parametrize("agreeing", [0, 30, 50, 64])
def test_many_rows_with_equal_top_bits(agreeing: int) -> None:
    rng = np.random.default_rng(agreeing)
    pool = rng.integers(0, 2**64, (2, 20_000), np.uint64)
    if agreeing == 64:
        pool[0] = 1
    else:
        pool[0] >>= np.uint64(agreeing)
    tag = np.ascontiguousarray(pool[:, rng.integers(0, pool.shape[1], 50_000)])
    found = group(tag, 5)
    rows = [(int(a), int(b)) for a, b in tag.T]
    assert (found.sizes.tolist(), found.order.tolist()) == plain(rows, 5)

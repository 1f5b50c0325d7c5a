"""Every encoding against the plain meaning of its axis, over everything that honest nodes can send."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.protocol import encodings as enc


def decode(encoding: enc.Encoding, words: list[int], j: int) -> str:
    """The name of the level that a group's summed word stands for."""
    total = sum(words) % (1 << 16)
    level = int(encoding.levels(j)[total % encoding.modulus(j)])
    return "INVALID" if level == enc.INVALID else encoding.names[level]


def one(values: int, valid: bool = True) -> tuple[np.ndarray, np.ndarray]:
    return np.array([values]), np.array([valid])


def plain_band(value: int, bands: list[tuple[int | None, int | None]], names: list[str]) -> str | None:
    for (low, high), name in zip(bands, names, strict=True):
        if (low is None or value >= low) and (high is None or value < high):
            return name
    return None


@pytest.mark.parametrize("levels", [1, 2, 3, 7])
@pytest.mark.parametrize("nodes", [2, 3, 5])
def test_category_is_its_level_alone_and_a_conflict_together(levels: int, nodes: int) -> None:
    names = (enc.ABSENT, *(f"l{i}" for i in range(levels)), enc.MISSING, enc.CONFLICT)
    encoding = enc.Category(names, nodes)
    present = [(i, True) for i in range(levels)] + [(0, False)]
    for j in range(1, nodes + 2):
        for holders in range(min(nodes, j) + 1):
            for said in itertools.combinations_with_replacement(present, holders):
                words = [int(encoding.word(*one(*value))[0]) for value in said]
                if holders == 0:
                    expected = enc.ABSENT
                elif holders == 1:
                    expected = f"l{said[0][0]}" if said[0][1] else enc.MISSING
                else:
                    expected = enc.CONFLICT
                assert decode(encoding, words, j) == expected


totals = st.fixed_dictionaries(
    {
        "nodes": st.integers(2, 4),
        "per_row": st.integers(1, 2),
        "allowed": st.integers(1, 4),
        "clip": st.integers(1, 5),
        "missing": st.booleans(),
        "cut": st.integers(1, 4),
        "open_start": st.booleans(),
    }
)


@given(totals)
def test_total_is_the_banded_sum_of_all_holders(given_total: dict[str, int]) -> None:
    nodes, allowed = given_total["nodes"], min(given_total["allowed"], given_total["nodes"])
    clip, missing, cut = given_total["clip"], bool(given_total["missing"]), given_total["cut"]
    bands: list[tuple[int | None, int | None]] = [
        (0 if given_total["open_start"] else 1, cut + 1),
        (cut + 1, None),
    ]
    names = [enc.ABSENT, "few", "many", enc.MISSING] + ([enc.CONFLICT] if nodes > allowed else [])
    encoding = enc.Total(
        tuple(names),
        nodes=nodes,
        per_row=given_total["per_row"],
        allowed=allowed,
        clip=clip,
        bands=tuple(bands),
        other=-1,
        missing=missing,
    )
    said_by_one = [(v, True) for v in range(clip + 3)] + ([(0, False)] if missing else [])
    for j in range(1, nodes + 1):
        for holders in range(min(nodes, j * given_total["per_row"]) + 1):
            for said in itertools.combinations_with_replacement(said_by_one, holders):
                words = [int(encoding.word(*one(*value))[0]) for value in said]
                valued = [min(v, clip) for v, ok in said if ok]
                if holders == 0:
                    expected: str | None = enc.ABSENT
                elif holders > allowed:
                    expected = enc.CONFLICT
                elif not valued:
                    expected = enc.MISSING
                else:
                    expected = plain_band(sum(valued), bands, ["few", "many"]) or enc.MISSING
                assert decode(encoding, words, j) == expected, (said, j)


@pytest.mark.parametrize("span", [1, 3, 6])
@pytest.mark.parametrize(
    ("starts", "ends", "both"), [(1, 1, 0), (1, 1, 1), (1, 2, 0), (1, 3, 1), (2, 2, 0), (3, 1, 0), (2, 3, 2)]
)
def test_interval_is_the_difference_of_one_start_and_one_end(
    span: int, starts: int, ends: int, both: int
) -> None:
    bands: list[tuple[int | None, int | None]] = [(None, 0), (0, 2), (2, None)]
    labels = ["before", "soon", "later"]
    crowded = max(starts, ends) > 1
    names = (enc.ABSENT, enc.START_ONLY, enc.END_ONLY, *labels, *([enc.CONFLICT] if crowded else []))
    encoding = enc.Interval(
        names, start_nodes=starts, end_nodes=ends, both_nodes=both, span=span, bands=tuple(bands), other=-1
    )
    for s, e in itertools.product(range(starts + 1), range(ends + 1)):
        # The fewest rows that can carry so many events.
        fewest = max(s + e - min(both, s, e), s, e, 1)
        for j in {fewest, starts + ends}:
            for first in itertools.combinations_with_replacement(range(span + 1), s):
                for last in itertools.combinations_with_replacement(range(span + 1), e):
                    words = [int(encoding.start_word(*one(u))[0]) for u in first]
                    words += [int(encoding.end_word(*one(u))[0]) for u in last]
                    if max(s, e) > 1:
                        expected: str | None = enc.CONFLICT
                    elif (s, e) == (1, 1):
                        expected = plain_band(last[0] - first[0], bands, labels)
                    else:
                        expected = {(0, 0): enc.ABSENT, (1, 0): enc.START_ONLY, (0, 1): enc.END_ONLY}[s, e]
                    assert decode(encoding, words, j) == expected, (first, last, j)


@pytest.mark.parametrize("at_least", [1, 2, 3])
def test_membership_counts_sectors_not_nodes(at_least: int) -> None:
    nodes = (2, 1, 3)
    encoding = enc.Membership(nodes, per_row=3, at_least=at_least)
    weights = encoding.weights()
    for yes in itertools.product(*(range(n + 1) for n in nodes)):
        words = [w for w, n in zip(weights, yes, strict=True) for _ in range(n)]
        expected = enc.IN if sum(n > 0 for n in yes) >= at_least else enc.OUT
        assert decode(encoding, words, 6) == expected


def test_presence_is_absent_only_at_nobody() -> None:
    encoding = enc.Presence(3)
    assert [decode(encoding, [1] * p, 3) for p in range(4)] == [enc.ABSENT, *[enc.PRESENT] * 3]


def test_what_honest_nodes_cannot_send_is_invalid() -> None:
    names = (enc.ABSENT, "a", "b", "c", enc.MISSING, enc.CONFLICT)
    table = enc.Category(names, 2).levels(2)
    assert table[0] == 0
    assert set(table[1:4]) == {enc.INVALID}  # below any level's code
    assert len(table) == 16
    assert table[15] == enc.INVALID  # above two of the largest
    assert {int(x) for x in enc.Category(names, 2).levels(1)[8:]} <= {enc.INVALID}


@given(st.integers(1, 4096))
def test_modulus_is_a_power_of_two_above_the_word(word: int) -> None:
    m = enc.modulus(word)
    assert m > word
    assert m & (m - 1) == 0
    assert m == 2 or m // 2 <= word


def test_a_year_in_weeks_at_single_nodes_fits_512() -> None:
    encoding = enc.Interval(("A", "S", "E", "x"), 1, 1, 0, span=53, bands=((None, None),), other=-1)
    assert encoding.modulus(2) == 512

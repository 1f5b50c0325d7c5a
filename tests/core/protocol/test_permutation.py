"""The order of pseudorandom keys: against a plain sort, where top bits are equal, where whole keys are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.protocol.permutation import order_of, permutation, runs_of_top_bits
from samklang.protocol.prg import Label

# Few different top and low bits, so that keys agree in the one, in the other, or in both.
keys = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 40)).map(lambda k: (k[0] << 60) + k[1]), max_size=60
)


def plain(words: list[int]) -> list[int] | None:
    return None if len(set(words)) < len(words) else sorted(range(len(words)), key=words.__getitem__)


@given(keys)
def test_sorts_by_the_whole_key_or_says_that_two_are_equal(words: list[int]) -> None:
    given_keys = np.array(words, np.uint64)
    order = order_of(given_keys)
    assert (None if order is None else order.tolist()) == plain(words)
    assert given_keys.tolist() == words


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60, unique=True))
def test_different_keys_always_have_an_order(words: list[int]) -> None:
    order = order_of(np.array(words, np.uint64))
    assert order is not None
    assert order.tolist() == plain(words)


@given(keys)
def test_runs_of_equal_top_bits_keep_their_positions_in_order(words: list[int]) -> None:
    order, same = runs_of_top_bits(np.array(words, np.uint64))
    bits = max(len(words) - 1, 0).bit_length()
    top = [w >> bits for w in words]
    assert order.tolist() == sorted(range(len(words)), key=top.__getitem__)
    ordered = [top[i] for i in order.tolist()]
    assert same.tolist() == [i for i in range(len(words) - 1) if ordered[i] == ordered[i + 1]]


@pytest.mark.parametrize("n", [200_000, 2**20 + 1])
def test_many_uniform_keys(n: int) -> None:
    words = np.random.default_rng(n).integers(0, 2**64, n, np.uint64)
    # One pair that only the last bit tells apart, with the larger one first.
    words[7] = words[n - 3] | np.uint64(1)
    words[n - 3] &= ~np.uint64(1)
    order = order_of(words)
    assert order is not None
    assert np.array_equal(order, np.argsort(words, kind="stable"))
    words[7] = words[n - 3]
    assert order_of(words) is None


def test_is_a_permutation_whatever_the_length() -> None:
    for n in (0, 1, 2, 3, 1000):
        order = permutation(b"k" * 32, Label(1, "test"), n)
        assert sorted(order.tolist()) == list(range(n))

"""Sources and sinks over arrays, cut anywhere."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.protocol.actions import Sink
from samklang.protocol.streams import ArraysSink, ArraysSource, BytesSink, LookupSink


def pour(data: bytes, cuts: list[int], sink: Sink) -> None:
    edges = sorted({0, len(data), *(c for c in cuts if c <= len(data))})
    for start, stop in itertools.pairwise(edges):
        sink.write(memoryview(data)[start:stop])
    sink.close()


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=5), st.lists(st.integers(0, 200)))
def test_arrays_arrive_as_they_left_wherever_the_stream_is_cut(
    columns: list[tuple[int, bool]], cuts: list[int]
) -> None:
    rng = np.random.default_rng(3)
    sent = [rng.integers(0, 2**16, n).astype(np.uint64 if wide else np.uint16) for n, wide in columns]
    source = ArraysSource(sent)
    data = b"".join(bytes(p) for p in source.pieces())
    assert len(data) == source.nbytes
    got = [np.empty_like(c) for c in sent]
    pour(data, cuts, ArraysSink(got))
    assert all(np.array_equal(a, b) for a, b in zip(sent, got, strict=True))


@pytest.mark.parametrize("length", [7, 9])
def test_too_much_and_too_little_are_refused(length: int) -> None:
    for sink in (ArraysSink([np.empty(1, np.uint64)]), BytesSink(8)):
        with pytest.raises(SamklangError) as caught:
            pour(bytes(length), [], sink)
        assert caught.value.code == "protocol-length"


def test_at_most_takes_less_but_not_more() -> None:
    sink = BytesSink(8, at_most=True)
    pour(b"abc", [], sink)
    assert bytes(sink.data) == b"abc"
    with pytest.raises(SamklangError):
        pour(bytes(9), [], BytesSink(8, at_most=True))


@given(st.binary(min_size=1, max_size=300), st.data(), st.lists(st.integers(0, 300)))
def test_lookups_read_the_byte_at_each_position(data: bytes, draw: st.DataObject, cuts: list[int]) -> None:
    index = sorted(draw.draw(st.sets(st.integers(0, len(data) - 1))))
    out = np.zeros(len(index), np.uint8)
    pour(data, cuts, LookupSink(len(data), np.array(index, np.int64), out))
    assert out.tolist() == [data[i] for i in index]

"""Chunks are written as protobuf writes them and read however protobuf may have written them."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.protocol.sealing import OVERHEAD
from samklang.transport.frames import LARGEST, ChunkWriter, read_address, read_chunk
from samklang.v1 import nodes_pb2 as v1

lengths = st.one_of(
    st.integers(OVERHEAD, 300), st.sampled_from([16_383, 16_384, 65_535, LARGEST - 1, LARGEST])
)


@given(length=lengths, last=st.booleans(), seed=st.integers(0, 255))
def test_frames_are_protobuf(length: int, last: bool, seed: int) -> None:
    writer = ChunkWriter()
    data = bytes([seed, 10, 16, 1]) * (length // 4 + 1)
    writer.room[:length] = data[:length]
    frame = writer.frame(length, last)
    assert frame == v1.Chunk(data=data[:length], last=last).SerializeToString()
    got, got_last = read_chunk(frame, "tags")
    assert bytes(got) == data[:length]
    assert got_last == last


def test_a_writer_is_reused_without_traces() -> None:
    writer = ChunkWriter()
    for length in (200, 20, 70_000, 16):
        writer.room[:length] = b"\x11" * length
        data, last = read_chunk(writer.frame(length, length == 20), "tags")
        assert (bytes(data), last) == (b"\x11" * length, length == 20)


def test_other_encodings_of_the_same_chunk_are_read() -> None:
    data = b"x" * 40
    reversed_fields = b"\x10\x01" + b"\x0a\x28" + data
    padded_length = b"\x0a\xa8\x00" + data
    explicit_false = b"\x0a\x28" + data + b"\x10\x00"
    for frame, last in ((reversed_fields, True), (padded_length, False), (explicit_false, False)):
        got, got_last = read_chunk(frame, "tags")
        assert (bytes(got), got_last) == (data, last)


@given(st.binary(max_size=64))
def test_anything_else_is_refused_by_name(frame: bytes) -> None:
    try:
        parsed = v1.Chunk.FromString(frame)
        valid = len(parsed.data) >= OVERHEAD and not parsed.HasField("address")
    except DecodeError:
        valid = False
    if valid:
        data, last = read_chunk(frame, "tags")
        assert (bytes(data), last) == (parsed.data, parsed.last)
    else:
        with pytest.raises(SamklangError) as caught:
            read_chunk(frame, "tags")
        assert caught.value.code == "transport-message"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (v1.Chunk(data=b"x" * (LARGEST + 1)).SerializeToString(), "transport-message"),
        (v1.Chunk(data=b"x" * (LARGEST + 100)).SerializeToString(), "transport-too-large"),
        (v1.Chunk(data=b"x" * 15).SerializeToString(), "transport-message"),
        (v1.Chunk(last=True).SerializeToString(), "transport-message"),
        (b"", "transport-message"),
        (v1.Chunk(data=b"x" * 20, address=v1.Address(stage="s")).SerializeToString(), "transport-message"),
    ],
)
def test_bad_chunks(frame: bytes, code: str) -> None:
    with pytest.raises(SamklangError) as caught:
        read_chunk(frame, "tags")
    assert caught.value.code == code


def test_a_push_begins_with_its_address_alone() -> None:
    address = v1.Address(sender="a", recipient="b", stage="tags")
    assert read_address(v1.Chunk(address=address).SerializeToString()) == address
    for chunk in (
        v1.Chunk(data=b"x" * 20),
        v1.Chunk(address=address, data=b"x"),
        v1.Chunk(address=address, last=True),
    ):
        with pytest.raises(SamklangError) as caught:
            read_address(chunk.SerializeToString())
        assert caught.value.code == "transport-message"
    with pytest.raises(SamklangError):
        read_address(b"\xff\xff")

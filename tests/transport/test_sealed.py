"""Sealed messages arrive as they were sent, whatever their shape; one changed bit and they don't."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.transport.memory_wire import Alter, Net

from samklang.errors import SamklangError
from samklang.protocol.actions import Sink, Source
from samklang.protocol.sealing import Opener, Sealer
from samklang.protocol.streams import PIECE, ArraysSink, ArraysSource, BytesSink, BytesSource, ComputedSource
from samklang.transport.sealed import receive_bulk, receive_small, send_bulk, send_small, slices
from samklang.transport.wire import CONTROL

KEY, BOUND = bytes(range(32)), {"transcript": b"t", "attempt": 1, "sender": "a", "recipient": "b"}

sizes = st.lists(
    st.one_of(st.integers(0, 50), st.sampled_from([PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 3])), max_size=6
)


def pieces_of(lengths: list[int]) -> tuple[bytes, Source]:
    data = np.arange(sum(lengths), dtype=np.uint32).astype(np.uint8).tobytes()

    def make() -> Iterator[memoryview]:
        # One buffer, used again: a piece is gone when the next one is made.
        buffer = bytearray(max(lengths, default=0))
        at = 0
        for length in lengths:
            buffer[:length] = data[at : at + length]
            at += length
            yield memoryview(buffer)[:length]

    return data, ComputedSource(len(data), make)


@settings(max_examples=60)
@given(sizes)
def test_slices_are_full_but_for_the_last(lengths: list[int]) -> None:
    data, source = pieces_of(lengths)
    got = [(bytes(piece), last) for piece, last in slices(source)]
    assert b"".join(piece for piece, _ in got) == data
    assert [last for _, last in got] == [False] * (len(got) - 1) + [True]
    assert all(len(piece) == PIECE for piece, _ in got[:-1])
    assert len(got) == max(1, -(-len(data) // PIECE))


@pytest.mark.parametrize("claimed", [0, 5, PIECE, 2 * PIECE])
@pytest.mark.parametrize("given_", [1, 6, PIECE + 1])
def test_a_source_that_misjudges_its_length_is_caught(claimed: int, given_: int) -> None:
    source = ComputedSource(claimed, lambda: iter([memoryview(bytes(given_))]))
    with pytest.raises(SamklangError) as caught:
        list(slices(source))
    assert caught.value.code == "protocol-length"


def transfer(source: Source, sink: Sink, *, bulk: bool, alter: Alter | None = None) -> None:
    """Send and receive side by side; raises what the receiver raised."""

    async def both() -> None:
        net = Net(alter) if alter else Net()
        sender, receiver = net.wire("a"), net.wire("b")
        with ThreadPoolExecutor(2) as pool:
            sealer, opener = Sealer(KEY, stage="s", **BOUND), Opener(KEY, stage="s", **BOUND)  # type: ignore[arg-type]
            send, receive = (send_bulk, receive_bulk) if bulk else (send_small, receive_small)
            sending = asyncio.create_task(send(sender, "b", "s", source, sealer, pool))
            taking = asyncio.create_task(receive(receiver, "a", "s", sink, opener, pool))
            done, waiting = await asyncio.wait(
                {sending, taking}, timeout=20, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            for task in done:
                task.result()
            assert not waiting

    asyncio.run(both())


@settings(max_examples=25)
@given(sizes, st.booleans())
def test_what_is_sent_arrives(lengths: list[int], bulk: bool) -> None:
    if not bulk:
        lengths = [min(length, 1000) for length in lengths]
    data, source = pieces_of(lengths)
    sink = BytesSink(len(data))
    transfer(source, sink, bulk=bulk)
    assert bytes(sink.data) == data


def test_arrays_arrive_in_arrays() -> None:
    rng = np.random.default_rng(1)
    sent: list[NDArray[np.generic]] = [
        rng.integers(0, 2**63, 300_001, dtype=np.uint64),
        rng.integers(0, 2**16, 7, dtype=np.uint16),
    ]
    got: list[NDArray[np.generic]] = [np.zeros_like(array) for array in sent]
    transfer(ArraysSource(sent), ArraysSink(got), bulk=True)
    for a, b in zip(sent, got, strict=True):
        np.testing.assert_array_equal(a, b)


LONG = bytes(3 * PIECE + 100)


@pytest.mark.parametrize("bulk", [True, False])
@pytest.mark.parametrize("place", [8, 40, -30, -3])
def test_a_changed_bit_is_noticed(bulk: bool, place: int) -> None:
    def flip(sender: str, stage: str, number: int, data: bytes) -> bytes:
        changed = bytearray(data)
        if not bulk or number == 2:
            changed[place] ^= 1
        return bytes(changed)

    data = LONG if bulk else bytes(200)
    with pytest.raises(SamklangError) as caught:
        transfer(BytesSource(data), BytesSink(len(data)), bulk=bulk, alter=flip)
    assert caught.value.code == "protocol-sealed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda n, d, held: None if n == 1 else d, "protocol-sealed"),
        (lambda n, d, held: None if n == 3 else d, "transport-truncated"),
        (lambda n, d, held: None, "transport-truncated"),
        (lambda n, d, held: held.setdefault(0, d), "protocol-sealed"),
        (lambda n, d, held: d + b"\x10\x01" if n == 0 else d, "protocol-sealed"),
        (lambda n, d, held: d[:-2] if n == 3 else d, "protocol-sealed"),
        (lambda n, d, held: b"broken" if n == 2 else d, "transport-cut"),
        (lambda n, d, held: b"nonsense" if n == 2 else d, "transport-message"),
        (lambda n, d, held: bytes(2 * PIECE) if n == 2 else d, "transport-too-large"),
    ],
)
def test_chunks_dropped_swapped_repeated_marked_last_or_broken(change: object, code: str) -> None:
    held: dict[int, bytes] = {}

    def alter(sender: str, stage: str, number: int, data: bytes) -> bytes | None:
        return change(number, data, held)  # type: ignore[operator, no-any-return]

    with pytest.raises(SamklangError) as caught:
        transfer(BytesSource(LONG), BytesSink(len(LONG)), bulk=True, alter=alter)
    assert caught.value.code == code


@pytest.mark.parametrize("expected", [0, 10, len(LONG) - 1, len(LONG) + 1])
def test_another_length_than_expected_is_refused(expected: int) -> None:
    with pytest.raises(SamklangError) as caught:
        transfer(BytesSource(LONG), BytesSink(expected), bulk=True)
    assert caught.value.code == "protocol-length"


def test_a_small_message_has_a_limit() -> None:
    with pytest.raises(SamklangError) as caught:
        transfer(BytesSource(bytes(CONTROL + 1)), BytesSink(CONTROL + 1), bulk=False)
    assert caught.value.code == "transport-too-large"

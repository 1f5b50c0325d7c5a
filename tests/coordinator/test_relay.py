"""The relay pairs, holds little, accepts once, and tears down by name."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable

import pytest

from samklang.coordinator.relay import DEPTH, Relay, Stream
from samklang.errors import SamklangError
from samklang.protocol.messages import STAGES
from samklang.transport.addresses import AttemptId, Route

ATTEMPT = AttemptId("q", 1)
ROUTE = Route(ATTEMPT, "a", "b", "tags")


def relay() -> Relay:
    made = Relay()
    made.open(ATTEMPT, ["a", "b", "hub"])
    return made


async def refused(work: Awaitable[object]) -> str:
    with pytest.raises(SamklangError) as caught:
        async with asyncio.timeout(5):
            await work
    return caught.value.code


def code(function: object, *arguments: object) -> str:
    with pytest.raises(SamklangError) as caught:
        function(*arguments)  # type: ignore[operator]
    return caught.value.code


async def drain(stream: Stream) -> list[bytes]:
    frames = []
    while (frame := await stream.get()) is not None:
        frames.append(frame)
    return frames


def test_nobody_opens_more_streams_than_there_are_stages() -> None:
    """Each holds some MiB until its recipient takes them: with names of its own making, a party could have
    as many as it likes."""

    async def scene() -> None:
        hub = relay()
        stages = [f"made-up-{number}" for number in range(len(STAGES))]
        for stage in stages:
            hub.sender(Route(ATTEMPT, "a", "b", stage))
            hub.small(Route(ATTEMPT, "a", "b", stage))
        assert code(hub.sender, Route(ATTEMPT, "a", "b", "one-more")) == "transport-message"
        assert code(hub.recipient, Route(ATTEMPT, "a", "b", "one-more")) == "transport-message"
        assert code(hub.small, Route(ATTEMPT, "a", "b", "one-more")) == "transport-message"
        hub.recipient(Route(ATTEMPT, "a", "b", stages[0]))
        hub.sender(Route(ATTEMPT, "b", "a", "tags"))  # others have their own

    asyncio.run(scene())


@pytest.mark.parametrize("first", ["sender", "recipient"])
def test_either_side_may_come_first(first: str) -> None:
    async def scene() -> None:
        hub = relay()
        frames = [bytes([i]) * 10 for i in range(3 * DEPTH)]

        async def send() -> None:
            stream = hub.sender(ROUTE)
            for frame in frames:
                await stream.put(frame)
            await stream.end()

        async def receive() -> list[bytes]:
            return await drain(hub.recipient(ROUTE))

        order = [send, receive] if first == "sender" else [receive, send]
        tasks = []
        for step in order:
            tasks.append(asyncio.create_task(step()))
            await asyncio.sleep(0.01)
        results = await asyncio.gather(*tasks)
        assert frames in results
        assert hub.close(ATTEMPT, SamklangError("transport-lost")) == 10 * len(frames)

    asyncio.run(scene())


def test_a_sender_waits_when_the_stream_is_full_and_until_all_is_taken() -> None:
    async def scene() -> None:
        hub = relay()
        stream = hub.sender(ROUTE)
        for _ in range(DEPTH):
            await stream.put(b"x")
        waiting = asyncio.create_task(stream.put(b"y"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        other = hub.recipient(ROUTE)
        assert await other.get() == b"x"
        await waiting
        ending = asyncio.create_task(stream.end())
        await asyncio.sleep(0.01)
        assert not ending.done()
        assert await drain(other) == [b"x"] * (DEPTH - 1) + [b"y"]
        await ending

    asyncio.run(scene())


def test_every_route_is_used_once_by_each_side() -> None:
    async def scene() -> None:
        hub = relay()
        hub.sender(ROUTE)
        hub.recipient(ROUTE)
        assert code(hub.sender, ROUTE) == "transport-replayed"
        assert code(hub.recipient, ROUTE) == "transport-replayed"
        hub.small(ROUTE)
        assert code(hub.small, ROUTE) == "transport-replayed"
        hub.sender(Route(ATTEMPT, "b", "a", "tags"))
        stream = hub.sender(Route(ATTEMPT, "a", "b", "rows/share"))
        stream.fail()
        assert code(hub.sender, Route(ATTEMPT, "a", "b", "rows/share")) == "transport-replayed"

    asyncio.run(scene())


def test_only_parties_of_a_running_attempt_get_in() -> None:
    async def scene() -> None:
        hub = relay()
        assert code(hub.sender, Route(AttemptId("q", 2), "a", "b", "tags")) == "transport-no-attempt"
        assert code(hub.sender, Route(ATTEMPT, "a", "z", "tags")) == "transport-unknown-party"
        assert code(hub.recipient, Route(ATTEMPT, "z", "b", "tags")) == "transport-unknown-party"
        hub.close(ATTEMPT, SamklangError("transport-lost"))
        assert code(hub.small, ROUTE) == "transport-no-attempt"

    asyncio.run(scene())


def test_who_breaks_off_is_felt_by_the_other_side() -> None:
    async def scene() -> None:
        hub = relay()
        stream, other = hub.sender(ROUTE), hub.recipient(ROUTE)
        waiting = asyncio.create_task(other.get())
        await asyncio.sleep(0)
        stream.fail()
        assert await refused(waiting) == "transport-cut"
        assert await refused(other.get()) == "transport-cut"
        assert await refused(stream.put(b"x")) == "transport-cut"
        assert await refused(stream.end()) == "transport-cut"

    asyncio.run(scene())


def test_closing_an_attempt_tells_all_why_and_keeps_nothing() -> None:
    async def scene() -> None:
        hub = relay()
        stream = hub.sender(ROUTE)
        for _ in range(DEPTH):
            await stream.put(bytes(1000))
        full = asyncio.create_task(stream.put(b"x"))
        empty = asyncio.create_task(hub.recipient(Route(ATTEMPT, "b", "a", "tags")).get())
        await asyncio.sleep(0)
        hub.close(ATTEMPT, SamklangError("coordinator-node-lost", node="c"))
        assert await refused(full) == "coordinator-node-lost"
        assert await refused(empty) == "coordinator-node-lost"
        assert not hub._streams
        assert not hub._parties
        assert not hub._small
        gc.collect()
        assert not stream._frames

    asyncio.run(scene())


def test_a_message_that_has_arrived_cannot_fail_afterwards() -> None:
    async def scene() -> None:
        hub = relay()
        stream, other = hub.sender(ROUTE), hub.recipient(ROUTE)
        await stream.put(b"x")
        ending = asyncio.create_task(stream.end())
        assert await drain(other) == [b"x"]
        await ending
        stream.fail()
        await stream.end()

    asyncio.run(scene())

"""Wires between parties in one event loop: what is sent is what arrives, or what a test makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from samklang.errors import SamklangError
from samklang.transport.wire import Mailbox

Alter = Callable[[str, str, int, bytes], bytes | None]
"""(sender, stage, number, bytes) → what arrives instead; None drops it."""


class Net:
    """The network of some parties."""

    def __init__(self, alter: Alter = lambda sender, stage, number, data: data) -> None:
        self.alter = alter
        self.boxes: dict[str, Mailbox] = {}
        self.streams: dict[tuple[str, str, str], asyncio.Queue[bytes | None]] = {}

    def wire(self, me: str) -> MemoryWire:
        self.boxes[me] = Mailbox(me)
        return MemoryWire(me, self)

    def stream(self, sender: str, recipient: str, stage: str) -> asyncio.Queue[bytes | None]:
        return self.streams.setdefault((sender, recipient, stage), asyncio.Queue(2))


class MemoryWire:
    """See :class:`samklang.transport.wire.Wire`."""

    def __init__(self, me: str, net: Net) -> None:
        self._me, self._net = me, net

    async def send(self, to: str, stage: str, payload: bytes) -> None:
        altered = self._net.alter(self._me, stage, 0, payload)
        if altered is not None:
            self._net.boxes[to].deliver(self._me, stage, altered)

    async def receive(self, sender: str, stage: str) -> bytes:
        return await self._net.boxes[self._me].take(sender, stage)

    async def push(self, to: str, stage: str, frames: AsyncIterator[bytes]) -> None:
        queue = self._net.stream(self._me, to, stage)
        number = 0
        async for frame in frames:
            altered = self._net.alter(self._me, stage, number, frame)
            number += 1
            if altered is not None:
                await queue.put(altered)
        await queue.put(None)

    async def pull(self, sender: str, stage: str) -> AsyncGenerator[bytes, None]:
        queue = self._net.stream(sender, self._me, stage)
        while (frame := await queue.get()) is not None:
            if frame == b"broken":
                raise SamklangError("transport-cut", stage=stage, sender=sender, recipient=self._me)
            yield frame

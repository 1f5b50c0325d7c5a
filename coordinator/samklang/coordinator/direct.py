"""The coordinator's own wire: straight into its relay and its links, without a network in between."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from samklang.coordinator.links import Links
from samklang.coordinator.relay import Relay
from samklang.errors import SamklangError
from samklang.transport.addresses import AttemptId, Route
from samklang.transport.wire import CONTROL, Mailbox
from samklang.v1 import nodes_pb2 as v1


class DirectWire:
    """See :class:`samklang.transport.wire.Wire`; ``mailbox`` takes what nodes say to the coordinator."""

    def __init__(self, me: str, attempt: AttemptId, relay: Relay, links: Links) -> None:
        self._me = me
        self._attempt = attempt
        self._relay = relay
        self._links = links
        self.mailbox = Mailbox(me)

    async def send(self, to: str, stage: str, payload: bytes) -> None:
        if len(payload) > CONTROL:
            raise SamklangError("transport-too-large", stage=stage, limit=CONTROL)
        route = Route(self._attempt, self._me, to, stage)
        self._relay.small(route)
        control = v1.Control(address=route.to_wire(), payload=payload)
        self._links.say(to, v1.LinkResponse(control=control))

    async def receive(self, sender: str, stage: str) -> bytes:
        return await self.mailbox.take(sender, stage)

    async def push(self, to: str, stage: str, frames: AsyncIterator[bytes]) -> None:
        stream = self._relay.sender(Route(self._attempt, self._me, to, stage))
        try:
            async for frame in frames:
                await stream.put(frame)
            await stream.end()
        except BaseException:
            stream.fail()
            raise

    async def pull(self, sender: str, stage: str) -> AsyncGenerator[bytes, None]:
        stream = self._relay.recipient(Route(self._attempt, sender, self._me, stage))
        try:
            while (frame := await stream.get()) is not None:
                yield frame
        except BaseException:
            stream.fail()
            raise

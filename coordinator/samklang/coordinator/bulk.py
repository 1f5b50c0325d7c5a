"""The services behind Push and Pull: a node's stream into the relay, and out of it to the other node.

Chunks pass through as the bytes that came in; only the first one of a push is read, for its address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from samklang.coordinator.relay import Relay
from samklang.errors import SamklangError
from samklang.transport.addresses import Route
from samklang.transport.frames import LARGEST, LARGEST_FRAME, read_address
from samklang.transport.peer import peer_of
from samklang.v1 import nodes_pb2 as v1


class Bulk:
    """Both services; requests of :meth:`push` and answers of :meth:`pull` are encoded chunks."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def push(self, frames: AsyncIterator[bytes], context: Any) -> v1.PushResponse:
        """See ``Nodes.Push``."""
        first = await anext(frames, None)
        if first is None:
            raise SamklangError("transport-message", problem="a push without an address")
        route = Route.from_wire(read_address(first))
        route.check_speaker(peer_of(context).name)
        stream = self._relay.sender(route)
        try:
            async for frame in frames:
                if len(frame) > LARGEST_FRAME:
                    raise SamklangError("transport-too-large", stage=route.stage, limit=LARGEST)
                await stream.put(frame)
            if context.cancelled():
                raise route.cut()
            await stream.end()
        except BaseException:
            stream.fail()
            raise
        return v1.PushResponse()

    async def pull(self, request: v1.PullRequest, context: Any) -> None:
        """See ``Nodes.Pull``."""
        route = Route.from_wire(request.address)
        route.check_listener(peer_of(context).name)
        stream = self._relay.recipient(route)
        try:
            while (frame := await stream.get()) is not None:
                await context.write(frame)
        except BaseException:
            stream.fail()
            raise

"""A node's wire: small messages on its link, bulk messages in calls of their own on a second connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from samklang.transport import tls as _tls  # noqa: F401  (first: see there)

import grpc  # isort: skip
import grpc.aio  # isort: skip

from samklang.errors import SamklangError
from samklang.transport.addresses import AttemptId, Route
from samklang.transport.status import from_metadata
from samklang.transport.wire import CONTROL, Mailbox
from samklang.v1 import nodes_pb2 as v1

PUSH, PULL = "/samklang.v1.Nodes/Push", "/samklang.v1.Nodes/Pull"


class NodeWire:
    """See :class:`samklang.transport.wire.Wire`.

    Args:
        me: this node.
        attempt: the attempt all messages belong to.
        bulk: channel for Push and Pull.
        say: puts a message on the link.
    """

    def __init__(
        self,
        me: str,
        attempt: AttemptId,
        bulk: grpc.aio.Channel,
        say: Callable[[v1.LinkRequest], None],
    ) -> None:
        self._me = me
        self._attempt = attempt
        self._say = say
        # Chunks are encoded and read by samklang.transport.frames: bytes go in and out as they are.
        self._push: Any = bulk.stream_unary(PUSH, None, v1.PushResponse.FromString)
        self._pull: Any = bulk.unary_stream(PULL, v1.PullRequest.SerializeToString, None)
        self.mailbox = Mailbox(me)

    async def send(self, to: str, stage: str, payload: bytes) -> None:
        if len(payload) > CONTROL:
            raise SamklangError("transport-too-large", stage=stage, limit=CONTROL)
        address = Route(self._attempt, self._me, to, stage).to_wire()
        self._say(v1.LinkRequest(control=v1.Control(address=address, payload=payload)))

    async def receive(self, sender: str, stage: str) -> bytes:
        return await self.mailbox.take(sender, stage)

    async def push(self, to: str, stage: str, frames: AsyncIterator[bytes]) -> None:
        route = Route(self._attempt, self._me, to, stage)
        call = self._push()
        try:
            await call.write(v1.Chunk(address=route.to_wire()).SerializeToString())
            async for frame in frames:
                await call.write(frame)
            await call.done_writing()
            await call
        except grpc.aio.AioRpcError as error:
            raise _named(error, route) from None
        except (grpc.aio.UsageError, asyncio.InvalidStateError):
            # A write on a call that has ended already: its status says why.
            raise await _ended(call, route) from None
        finally:
            call.cancel()

    async def pull(self, sender: str, stage: str) -> AsyncGenerator[bytes, None]:
        route = Route(self._attempt, sender, self._me, stage)
        call = self._pull(v1.PullRequest(address=route.to_wire()))
        try:
            async for frame in call:
                yield frame
        except grpc.aio.AioRpcError as error:
            raise _named(error, route) from None
        finally:
            call.cancel()


def _named(error: grpc.aio.AioRpcError, route: Route) -> SamklangError:
    """What the relay says; or, if it said nothing, that the stream was cut."""
    return from_metadata(error.trailing_metadata()) or route.cut(f"{error.code()}: {error.details()}")


async def _ended(call: Any, route: Route) -> SamklangError:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return _named(error, route)
    return route.cut("a push was answered before it was sent")

"""The server interceptor around every RPC: who is calling, may they, and a named error if it fails.

An RPC reaches its service only if the caller's certificate allows it (:mod:`.authorisation`), and what a
service says over time reaches its caller only as long as that is so: TLS looks at a certificate's dates when
a connection is made, and a connection may outlast them. What the service raises becomes a status with the
public texts; the private diagnosis goes to the log.

Nothing that somebody sends is parsed before it is known that they may send it, and what can't be parsed is
refused like anything else.
"""

from __future__ import annotations

import inspect
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from samklang.errors import SamklangError
from samklang.transport.authorisation import INVITED, authorise
from samklang.transport.log import Log
from samklang.transport.peer import Peer, peer_of
from samklang.transport.revocation import Revoked
from samklang.transport.status import named, status_code, to_metadata

AT_ONCE = 150
"""More than an analyst may have queries to watch; each call may hold a message of some MiB."""

log = Log(__name__)

_KINDS = {
    (False, False): "unary_unary",
    (False, True): "unary_stream",
    (True, False): "stream_unary",
    (True, True): "stream_stream",
}


class Guard(grpc.aio.ServerInterceptor):
    """Checks every call to a process of ``federation``.

    Args:
        me: its name in errors.
        revoked: certificates that don't count.
        invited: callers have no certificate; they may call what the table lets the invited call.
        further: checks of a caller who has passed the table; raises to refuse.
        at_once: calls of one caller, but for a node's, that are being answered at the same time.
    """

    def __init__(
        self,
        federation: str,
        me: str,
        revoked: Revoked | None = None,
        *,
        invited: bool = False,
        further: Callable[[Peer], None] = lambda _: None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._federation = federation
        self._me = me
        self._revoked = revoked or Revoked()
        self._invited = invited
        self._further = further
        self._at_once = at_once
        self._calls: Counter[str] = Counter()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        streaming = bool(handler.request_streaming)
        kind = _KINDS[streaming, bool(handler.response_streaming)]
        read = _reader(handler.request_deserializer, streaming)
        serve = self._wrap(str(handler_call_details.method), getattr(handler, kind), read)
        rebuild = getattr(grpc, f"{kind}_rpc_method_handler")
        return rebuild(serve, None, handler.response_serializer)

    def _wrap(
        self, method: str, serve: Callable[[Any, Any], Any], read: Callable[[Any], Any]
    ) -> Callable[[Any, Any], Any]:
        if inspect.isasyncgenfunction(serve):

            async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
                try:
                    with self._counted(self._admit(method, context)):
                        async for answer in serve(read(request), context):
                            self._admit(method, context)
                            yield answer
                except Exception as error:
                    await self._refuse(method, context, error)

            return stream

        async def call(request: Any, context: Any) -> Any:
            try:
                with self._counted(self._admit(method, context)):
                    return await serve(read(request), context)
            except Exception as error:
                await self._refuse(method, context, error)

        return call

    @contextmanager
    def _counted(self, peer: Peer) -> Iterator[None]:
        """One more call of ``peer`` while the block runs; raises ``transport-busy``."""
        caller = str(peer)
        if peer.kind != "node" and self._calls[caller] >= self._at_once:
            raise SamklangError("transport-busy", limit=self._at_once)
        self._calls[caller] += 1
        try:
            yield
        finally:
            self._calls[caller] -= 1
            if not self._calls[caller]:
                del self._calls[caller]

    def _admit(self, method: str, context: Any) -> Peer:
        peer = Peer(self._federation, INVITED, "", "", inf) if self._invited else peer_of(context)
        if time.time() > peer.not_after:
            raise SamklangError("transport-certificate-expired", name=peer.name, until="just now")
        self._revoked.check(peer)
        authorise(method, peer, self._federation)
        self._further(peer)
        return peer

    async def _refuse(self, method: str, context: Any, error: Exception) -> None:
        if isinstance(error, grpc.aio.AbortError | grpc.aio.BaseError):
            raise error
        refusal = named(error, self._me)
        if isinstance(error, SamklangError):
            log.info(
                "call refused", method=method, peer=_peer(context), code=error.code, private=error.private
            )
        else:
            log.error("call failed", error, method=method, peer=_peer(context))
        await context.abort(status_code(refusal), refusal.code, trailing_metadata=to_metadata(refusal))


def _reader(parse: Callable[[bytes], Any] | None, streaming: bool) -> Callable[[Any], Any]:
    """From the bytes of a request, or the iterator of them, to what the service takes."""
    if parse is None:
        return lambda request: request

    def one(data: bytes) -> Any:
        try:
            return parse(data)
        except DecodeError:
            raise SamklangError("transport-message", problem="not a message of this call") from None

    async def many(frames: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for frame in frames:
            yield one(frame)

    return many if streaming else one


def _peer(context: Any) -> str:
    try:
        return str(peer_of(context))
    except SamklangError:
        return "?"

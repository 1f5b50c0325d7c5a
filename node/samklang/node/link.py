"""The node's link to the coordinator: dialled out, kept alive, dialled again when it breaks.

The node needs no open port. When the link breaks, everything that was going on over it has failed; what
follows begins anew. A refusal that trying again can't change ends the node with its name.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.metadata import version
from typing import Any

from samklang.transport import tls as _tls  # noqa: F401  (first: see there)

import grpc  # isort: skip
import grpc.aio  # isort: skip

from samklang.errors import SamklangError
from samklang.transport.diagnose import diagnose
from samklang.transport.link import HEARTBEAT_SECONDS, PROTOCOL_VERSION, SILENCE_SECONDS
from samklang.transport.log import Log
from samklang.transport.options import open_channel
from samklang.transport.status import from_rpc_error
from samklang.transport.tls import TlsFiles
from samklang.v1 import nodes_pb2 as v1

LINK = "/samklang.v1.Nodes/Link"
BACKOFF_SECONDS = (0.2, 5.0)

FINAL = frozenset(
    {
        "identity-certificate",
        "transport-not-authorised",
        "transport-other-federation",
        "transport-unknown-party",
        "transport-certificate-missing",
        "transport-certificate-expired",
        "transport-certificate-revoked",
        "transport-certificate-foreign",
        "transport-tls-untrusted",
        "coordinator-node-documents",
        "coordinator-node-version",
        "coordinator-replaced",
        "audit-rolled-back",
    }
)
"""Refusals that the same node will meet again, whenever it tries."""

log = Log(__name__)


class Connection:
    """A link that stands: messages out by :meth:`say`, messages in through ``handle``.

    ``bulk`` is a channel of its own, so that heartbeats never queue behind megabytes.
    """

    def __init__(self, call: Any, bulk: grpc.aio.Channel) -> None:
        self._call = call
        self._said: asyncio.Queue[v1.LinkRequest] = asyncio.Queue()
        self.bulk = bulk

    def say(self, message: v1.LinkRequest) -> None:
        self._said.put_nowait(message)

    async def write(self) -> None:
        """Say what there is to say, and something every second."""
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    message = await self._said.get()
            except TimeoutError:
                message = v1.LinkRequest(heartbeat=v1.Heartbeat())
            await self._call.write(message)

    async def read(self, handle: Callable[[v1.LinkResponse], None]) -> None:
        """Hand on what comes in, until the link breaks."""
        while True:
            handle(await self.next())

    async def next(self) -> v1.LinkResponse:
        """The next message; raises ``transport-lost`` after too long a silence."""
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                message = await self._call.read()
        except TimeoutError:
            raise SamklangError("transport-lost", private="silence") from None
        if message is grpc.aio.EOF:
            await self._call
            raise SamklangError("transport-lost", private="the coordinator ended the link")
        return message  # type: ignore[no-any-return]


class Link:
    """Keeps a connection to ``address`` and serves it.

    Args:
        address: host:port of the coordinator.
        files: the node's TLS files.
        manifest: digest of the pinned manifest.
        codebook: digest of the pinned codebook.
        linked: called with each connection that is welcome; returns the handler of its messages.
        unlinked: awaited when a connection has ended, with the reason.
        compare: what the coordinator has seen of the own audit log last; run in a thread, raises to refuse.
    """

    def __init__(
        self,
        address: str,
        files: TlsFiles,
        manifest: str,
        codebook: str,
        linked: Callable[[Connection], Callable[[v1.LinkResponse], None]],
        unlinked: Callable[[SamklangError], Awaitable[None]],
        compare: Callable[[bytes], None] | None = None,
    ) -> None:
        self._address = address
        self._files = files
        self._hello = v1.Hello(
            protocol_version=PROTOCOL_VERSION,
            software_version=version("samklang"),
            manifest_digest=manifest,
            codebook_digest=codebook,
            process=secrets.token_bytes(16),
        )
        self._linked = linked
        self._unlinked = unlinked
        self._compare = compare
        self._stood = False
        self._stands = False

    @property
    def stands(self) -> bool:
        """Whether there is a welcome connection now."""
        return self._stands

    async def run(self) -> None:
        """Link, serve, link again; ends only by being cancelled or by a refusal in :data:`FINAL`."""
        wait, most = BACKOFF_SECONDS
        while True:
            self._stood = False
            error = await self._once()
            if error.code in FINAL:
                raise error
            if self._stood:
                wait = BACKOFF_SECONDS[0]
            log.warning("not linked", code=error.code, what=error.what, private=error.private)
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))  # noqa: S311
            wait = min(wait * 2, most)

    async def _once(self) -> SamklangError:
        """One connection, from dialling to its end; returns why it ended."""
        control = open_channel(self._address, self._files)
        bulk = open_channel(self._address, self._files)
        call: Any = control.stream_stream(
            LINK, v1.LinkRequest.SerializeToString, v1.LinkResponse.FromString
        )()
        try:
            return await self._talk(call, bulk)
        finally:
            call.cancel()
            await control.close()
            await bulk.close()

    async def _talk(self, call: Any, bulk: grpc.aio.Channel) -> SamklangError:
        connection = Connection(call, bulk)
        try:
            self._hello.dial += 1
            await call.write(v1.LinkRequest(hello=self._hello))
            first = await connection.next()
            if first.WhichOneof("message") != "welcome":
                raise SamklangError("transport-message", problem="no welcome")
            if self._compare and first.welcome.newest_checkpoint:
                await asyncio.to_thread(self._compare, first.welcome.newest_checkpoint)
        except (grpc.RpcError, asyncio.InvalidStateError, SamklangError) as problem:
            return await self._explain(call, problem)
        self._stood = self._stands = True
        log.info("linked", coordinator=self._address)
        handle = self._linked(connection)
        tasks = [asyncio.create_task(connection.read(handle)), asyncio.create_task(connection.write())]
        error = SamklangError("transport-lost")
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done() and (failure := task.exception()):
                    error = await self._explain(call, failure)
                    break
        finally:
            self._stands = False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            # The coordinator hears of it before attempts are wound up here, which may take a while.
            call.cancel()
            await self._unlinked(error)
        return error

    async def _explain(self, call: Any, problem: BaseException) -> SamklangError:
        """The named reason why the link doesn't stand."""
        if isinstance(problem, SamklangError):
            return problem
        if not isinstance(problem, grpc.RpcError):
            with suppress(asyncio.CancelledError):
                try:
                    await call
                except grpc.RpcError as status:
                    problem = status
        if not isinstance(problem, grpc.RpcError):
            return SamklangError("transport-lost", private=type(problem).__name__)
        error = from_rpc_error(problem, self._address)
        if error.code == "transport-unreachable":
            if self._stood:
                return SamklangError("transport-lost", private=error.private)
            return await asyncio.to_thread(diagnose, self._address, self._files) or error
        return error

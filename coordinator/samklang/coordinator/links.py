"""The nodes that are there: one link each, on which a node and the coordinator say small things.

A link ends when its call ends, when nothing has been heard on it for a few seconds, when its certificate
runs out, or when the same node opens another. Everything on it is handed to the attempt it belongs to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Protocol

from samklang.coordinator.relay import Relay
from samklang.errors import SamklangError
from samklang.transport.addresses import AttemptId, Route
from samklang.transport.link import HEARTBEAT_SECONDS, PROTOCOL_VERSION, SILENCE_SECONDS
from samklang.transport.log import Log
from samklang.transport.peer import Peer, peer_of
from samklang.transport.revocation import Revoked
from samklang.transport.wire import CONTROL
from samklang.v1 import nodes_pb2 as v1

_QUEUED = 2000

log = Log(__name__)


class Conduct(Protocol):
    """An attempt, as far as links are concerned."""

    def heard(self, node: str, message: v1.LinkRequest) -> None: ...

    def control(self, route: Route, payload: bytes) -> None: ...

    def lost(self, node: str) -> None: ...

    def failed(self, error: SamklangError) -> None: ...


class Link:
    """One node's link: what is to be said to it, and whether it stands."""

    def __init__(self, node: str, hello: v1.Hello) -> None:
        self.node = node
        self._hello = hello
        self._said: asyncio.Queue[v1.LinkResponse] = asyncio.Queue(_QUEUED)
        self.closed: asyncio.Future[SamklangError] = asyncio.get_running_loop().create_future()

    def say(self, message: v1.LinkResponse) -> None:
        """Put a message on the way. A node that doesn't listen loses its link."""
        try:
            self._said.put_nowait(message)
        except asyncio.QueueFull:
            self.close(SamklangError("coordinator-node-lost", node=self.node))

    def yield_to(self, other: Link) -> None:
        """``other`` is a link of the same node: let it stand instead of this one.

        Raises:
            SamklangError: ``transport-lost``: the node's process has dialled this one later, and has given
                ``other`` up already, though it was heard of only now.
        """
        mine, new = self._hello, other._hello
        if mine.process != new.process:
            self.close(SamklangError("coordinator-replaced", node=self.node))
        elif mine.dial < new.dial:
            self.close(SamklangError("transport-lost"))
        else:
            raise SamklangError("transport-lost")

    def close(self, error: SamklangError) -> None:
        if not self.closed.done():
            self.closed.set_result(error)

    async def write(self, context: Any) -> None:
        """Say what there is to say, and something every second."""
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    message = await self._said.get()
            except TimeoutError:
                message = v1.LinkResponse(heartbeat=v1.Heartbeat())
            await context.write(message)


class Links:
    """All links, the service behind ``Nodes.Link``, and the attempts they serve.

    Args:
        nodes: names of the manifest's nodes.
        manifest: digest of the manifest all must work from.
        codebook: digest of the codebook.
        relay: where control messages are checked against the attempt's parties.
        revoked: certificates that don't count.
        newest: the newest checkpoint of a node's audit log that was cosigned; a node is told at its welcome.
    """

    def __init__(
        self,
        nodes: Iterable[str],
        manifest: str,
        codebook: str,
        relay: Relay,
        revoked: Revoked | None = None,
        newest: Callable[[str], Awaitable[bytes]] | None = None,
    ) -> None:
        self._revoked = revoked or Revoked()
        self._newest = newest
        self._nodes = frozenset(nodes)
        self._documents = (manifest, codebook)
        self._relay = relay
        self._links: dict[str, Link] = {}
        self._conducts: dict[AttemptId, Conduct] = {}
        self._plan_heard: Callable[[str, v1.PlanAnswer], None] = lambda node, answer: None
        self._audit_heard: Callable[[str, v1.AuditAnswer], None] = lambda node, answer: None
        self._decided_heard: Callable[[str, str], None] = lambda node, query: None
        self._arrived = asyncio.Event()

    def join(self, attempt: AttemptId, conduct: Conduct) -> None:
        """Hand what is said about ``attempt`` to ``conduct``."""
        self._conducts[attempt] = conduct

    def on_plan(self, heard: Callable[[str, v1.PlanAnswer], None]) -> None:
        """Hand what nodes say about plans to ``heard``."""
        self._plan_heard = heard

    def on_audit(self, heard: Callable[[str, v1.AuditAnswer], None]) -> None:
        """Hand what nodes say about audit logs to ``heard``."""
        self._audit_heard = heard

    async def arrival(self, node: str) -> None:
        """Wait until ``node`` is linked, however long."""
        while self.absent([node]):
            self._arrived.clear()
            await self._arrived.wait()

    def on_decided(self, heard: Callable[[str, str], None]) -> None:
        """Hand on which query a node wants to be offered again: (node, query)."""
        self._decided_heard = heard

    def leave(self, attempt: AttemptId) -> None:
        self._conducts.pop(attempt, None)

    def absent(self, nodes: Iterable[str]) -> list[str]:
        """Those of ``nodes`` that have no link now."""
        return [node for node in nodes if node not in self._links]

    async def wait_for(self, nodes: Iterable[str], seconds: float) -> None:
        """Wait until all of ``nodes`` are linked. Raises ``coordinator-node-absent``."""
        wanted = list(nodes)
        try:
            async with asyncio.timeout(seconds):
                while self.absent(wanted):
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise SamklangError(
                "coordinator-node-absent", seconds=round(seconds), nodes=", ".join(self.absent(wanted))
            ) from None

    def say(self, node: str, message: v1.LinkResponse) -> None:
        """Say something to ``node``, if it is there; if not, its attempts hear of that by themselves."""
        if link := self._links.get(node):
            link.say(message)

    async def link(self, requests: AsyncIterator[v1.LinkRequest], context: Any) -> None:
        """See ``Nodes.Link``."""
        peer = peer_of(context)
        hello = await self._welcome(peer, requests)
        newest = await self._newest(peer.name) if self._newest else b""
        link = Link(peer.name, hello)
        if old := self._links.get(peer.name):
            old.yield_to(link)
            self._gone(old)
        self._links[peer.name] = link
        heartbeat = int(HEARTBEAT_SECONDS * 1000)
        welcome = v1.Welcome(heartbeat_ms=heartbeat, newest_checkpoint=newest)
        link.say(v1.LinkResponse(welcome=welcome))
        log.info("node linked", node=peer.name, certificate=peer.fingerprint)
        self._arrived.set()
        reading = asyncio.create_task(self._read(peer, link, requests))
        writing = asyncio.create_task(link.write(context))
        try:
            ends: list[asyncio.Future[Any]] = [reading, writing, link.closed]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if link.closed.done():
                raise link.closed.result()
            for task in (reading, writing):
                if task.done():
                    task.result()
        finally:
            reading.cancel()
            writing.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)
            self._gone(link)

    async def _welcome(self, peer: Peer, requests: AsyncIterator[v1.LinkRequest]) -> v1.Hello:
        if peer.name not in self._nodes:
            raise SamklangError("transport-unknown-party", name=peer.name)
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                first = await anext(requests, None)
        except TimeoutError:
            raise SamklangError("transport-message", problem="no hello") from None
        if first is None or first.WhichOneof("message") != "hello":
            raise SamklangError("transport-message", problem="a link must begin with hello")
        hello = first.hello
        if hello.protocol_version != PROTOCOL_VERSION:
            raise SamklangError(
                "coordinator-node-version",
                node=peer.name,
                theirs=hello.protocol_version,
                ours=PROTOCOL_VERSION,
            )
        if (hello.manifest_digest, hello.codebook_digest) != self._documents:
            raise SamklangError("coordinator-node-documents", node=peer.name)
        return hello

    async def _read(self, peer: Peer, link: Link, requests: AsyncIterator[v1.LinkRequest]) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    message = await anext(requests, None)
            except TimeoutError:
                raise SamklangError("coordinator-node-lost", node=link.node) from None
            if message is None:
                return
            self._revoked.check(peer)
            if time.time() > peer.not_after:
                raise SamklangError("transport-certificate-expired", name=peer.name, until="just now")
            self._heard(link.node, message)

    def _heard(self, node: str, message: v1.LinkRequest) -> None:
        kind = message.WhichOneof("message")
        if kind is None or kind == "heartbeat":
            return
        if kind == "hello":
            raise SamklangError("transport-message", problem="hello is said once")
        if kind == "control":
            self._control(node, message.control)
            return
        if kind == "plan":
            self._plan_heard(node, message.plan)
            return
        if kind == "audit":
            self._audit_heard(node, message.audit)
            return
        if kind == "decided":
            self._decided_heard(node, message.decided.query_id)
            return
        attempt = AttemptId.from_wire(getattr(message, kind).attempt)
        if conduct := self._conducts.get(attempt):
            conduct.heard(node, message)

    def _control(self, node: str, control: v1.Control) -> None:
        route = Route.from_wire(control.address)
        route.check_speaker(node)
        if len(control.payload) > CONTROL:
            raise SamklangError("transport-too-large", stage=route.stage, limit=CONTROL)
        conduct = self._conducts.get(route.attempt)
        if conduct is None:
            return
        try:
            self._relay.small(route)
        except SamklangError as error:
            conduct.failed(error)
            return
        if route.recipient in self._nodes:
            self.say(route.recipient, v1.LinkResponse(control=control))
        else:
            conduct.control(route, control.payload)

    def _gone(self, link: Link) -> None:
        if self._links.get(link.node) is not link:
            return
        del self._links[link.node]
        log.info("node gone", node=link.node)
        for conduct in list(self._conducts.values()):
            conduct.lost(link.node)

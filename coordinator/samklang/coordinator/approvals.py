"""Queries that wait for people at nodes: whose turn it is, until when, and what ends the waiting.

Nothing is computed meanwhile and no slot is taken. A node says when the query should be offered again; what
it says early, while its own answer is still being written down, counts as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from samklang.coordinator.links import Links
from samklang.coordinator.states import Awaited, Record
from samklang.errors import SamklangError
from samklang.transport.addresses import AttemptId
from samklang.transport.status import to_reason
from samklang.v1 import nodes_pb2 as v1

BETWEEN_SECONDS = 0.5
"""A query isn't offered more often than this, whatever nodes say."""


class Approvals:
    """What nodes have said about the queries that are alive."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._said: dict[str, set[str]] = {}
        self._heard = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        links.on_decided(self._on_decided)

    @contextmanager
    def listening(self, query: str) -> Iterator[None]:
        """Keep what is said about ``query`` while the block runs."""
        self._said[query] = set()
        try:
            yield
        finally:
            del self._said[query]

    def offering(self, query: str) -> None:
        """``query`` is offered now: what was said before is answered by that."""
        self._said[query].clear()

    async def decided(self, record: Record, nodes: Iterable[str]) -> None:
        """Wait until one of the nodes that are awaited has decided and all ``nodes`` are linked.

        Raises:
            SamklangError: ``coordinator-approval-expired``; ``coordinator-node-absent`` if it is decided,
                but a node stays away until the end.
        """
        until = min([record.not_after_us, *(awaited.until_us for awaited in record.awaiting)])
        awaited = {awaited.node for awaited in record.awaiting}
        said = self._said[record.id]
        try:
            async with asyncio.timeout(_left(until)):
                async with self._heard:
                    await self._heard.wait_for(lambda: bool(said & awaited))
        except TimeoutError:
            raise SamklangError(
                "coordinator-approval-expired",
                nodes=", ".join(sorted(awaited)),
                until=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(until / 1e6)),
            ) from None
        await asyncio.sleep(BETWEEN_SECONDS)
        await self._links.wait_for(nodes, _left(until))

    def over(self, record: Record, error: SamklangError) -> None:
        """Tell those who are still awaited that nobody waits for them any more."""
        attempt = AttemptId(record.id, record.attempt).to_wire()
        for awaited in record.awaiting:
            abort = v1.Abort(attempt=attempt, reason=to_reason(error))
            self._links.say(awaited.node, v1.LinkResponse(abort=abort))

    def _on_decided(self, node: str, query: str) -> None:
        if query not in self._said:
            return
        self._said[query].add(node)
        task = asyncio.create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self._heard:
            self._heard.notify_all()


def shortened(awaiting: Iterable[Awaited], not_after_us: int) -> tuple[Awaited, ...]:
    """No approval helps a query that has expired itself."""
    return tuple(Awaited(a.node, min(a.until_us, not_after_us)) for a in awaiting)


def _left(until_us: int) -> float:
    return max(0.0, (until_us - time.time_ns() // 1000) / 1e6)

"""Conducts one attempt: offers it to the nodes, gathers their answers, and sees it through to its end.

Every party fails for itself and says why; the first real reason ends the attempt for all. A broken stream
is no real reason: it is held back for a moment, since whoever broke it is about to say what happened.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

from samklang.coordinator.answers import Stored
from samklang.coordinator.direct import DirectWire
from samklang.coordinator.links import Links
from samklang.coordinator.receipts import Receipts
from samklang.coordinator.relay import Relay
from samklang.coordinator.states import Awaited, Reason
from samklang.errors import SamklangError
from samklang.transport.addresses import AttemptId, Route
from samklang.transport.contract import Deadlines
from samklang.transport.log import Log
from samklang.transport.participation import Participation
from samklang.transport.runner import Runner
from samklang.transport.status import from_reason, named, to_reason
from samklang.transport.wire import SECONDARY
from samklang.transport.workers import run_in
from samklang.v1 import nodes_pb2 as v1

GRACE_SECONDS = 5.0
FAREWELL_SECONDS = 10.0
MOST_REASONS = 50

log = Log(__name__)


class Denied(Exception):
    """Nodes refuse to take part: their reasons."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(f"{r.node}: {r.code}" for r in reasons))
        self.reasons = tuple(reasons)


class Awaits(Exception):
    """Nobody refuses, but people at some nodes have still to approve.

    Attributes:
        reasons: why, by those nodes.
        awaiting: those nodes, with until when each waits.
    """

    def __init__(self, reasons: Sequence[Reason], awaiting: Sequence[Awaited]) -> None:
        super().__init__(", ".join(waits.node for waits in awaiting))
        self.reasons = tuple(reasons)
        self.awaiting = tuple(awaiting)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all attempts share."""

    me: str
    relay: Relay
    links: Links
    receipts: Receipts
    pool: Executor
    deadlines: Deadlines
    authorise_seconds: float
    attempt_seconds: float


class Conduct:
    """One attempt of one query; see :meth:`run`.

    Args:
        attempt: which.
        bundle: the signed query as it was handed in.
        nodes: the nodes that take part, in the manifest's order.
        participation: the coordinator's own part.
        around: what all attempts share.
        progress: called with each stage that a party has finished, and by whom.
        find: looks for the answer in the store, when everybody has accepted.
    """

    def __init__(
        self,
        attempt: AttemptId,
        bundle: bytes,
        nodes: Sequence[str],
        participation: Participation,
        around: Surroundings,
        progress: Callable[[str, str], None],
        find: Callable[[Mapping[str, bytes]], Awaitable[Stored | None]],
    ) -> None:
        self._find = find
        self._attempt = attempt
        self._bundle = bundle
        self._nodes = tuple(nodes)
        self._participation = participation
        self._around = around
        self._progress = progress
        self._wire = DirectWire(around.me, attempt, around.relay, around.links)
        self._failure: asyncio.Future[SamklangError] = asyncio.get_running_loop().create_future()
        self._answers: dict[str, bytes | list[Reason]] = {}
        self._pending: dict[str, tuple[list[Reason], Awaited]] = {}
        self._stored_only: dict[str, list[Reason]] = {}
        self._finished: set[str] = set()
        self._changed = asyncio.Event()
        self._began = time.monotonic()

    async def run(self, started: Callable[[], None]) -> Any:
        """Run the attempt; returns what the coordinator's role hands over, or the :class:`Stored` answer.

        ``started`` is called when all have accepted and rows are about to leave.

        Raises:
            Denied: nodes refuse.
            Awaits: nodes wait for people; nothing has left anybody, and the attempt may be run again.
            SamklangError: why the attempt failed.
        """
        around = self._around
        around.relay.open(self._attempt, [*self._nodes, around.me])
        around.links.join(self._attempt, self)
        wire_attempt = self._attempt.to_wire()
        error: SamklangError = SamklangError("coordinator-stopping")
        last = v1.LinkResponse(finished=v1.Finished(attempt=wire_attempt))
        try:
            result = await self._guarded(started)
            await self._farewell()
            return result
        except SamklangError as failure:
            error = failure
            last = v1.LinkResponse(abort=v1.Abort(attempt=wire_attempt, reason=to_reason(error)))
            raise
        except Denied as denied:
            reason = denied.reasons[0].to_wire()
            error = from_reason(reason)
            last = v1.LinkResponse(abort=v1.Abort(attempt=wire_attempt, reason=reason))
            raise
        except Awaits as waits:
            nodes = ", ".join(waiting.node for waiting in waits.awaiting)
            error = SamklangError("coordinator-awaiting-approval", nodes=nodes)
            last = v1.LinkResponse(abort=v1.Abort(attempt=wire_attempt, reason=to_reason(error)))
            raise
        except asyncio.CancelledError:
            last = v1.LinkResponse(abort=v1.Abort(attempt=wire_attempt, reason=to_reason(error)))
            raise
        finally:
            around.links.leave(self._attempt)
            self._wire.mailbox.fail(error)
            relayed = around.relay.close(self._attempt, error)
            self._say_all(last)
            log.info("attempt over", **self._fields(), relayed_bytes=relayed)

    async def _guarded(self, started: Callable[[], None]) -> Any:
        """The attempt beside its deadline and the failures that nodes report."""
        seconds = self._around.attempt_seconds
        work = asyncio.create_task(self._steps(started))
        ends: list[asyncio.Future[Any]] = [work, self._failure]
        try:
            done, _ = await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                raise SamklangError("coordinator-attempt-deadline", seconds=round(seconds))
            if self._failure.done():
                raise self._failure.result()
            return work.result()
        except SamklangError as error:
            # The own role's broken streams may have the same cause as what a node is about to report.
            if error.code in SECONDARY:
                await asyncio.wait([self._failure], timeout=GRACE_SECONDS)
                if self._failure.done():
                    raise self._failure.result() from None
            raise
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _steps(self, started: Callable[[], None]) -> Any:
        around = self._around
        offer = v1.Offer(attempt=self._attempt.to_wire(), bundle=self._bundle)
        for node in around.links.absent(self._nodes):
            raise SamklangError("coordinator-node-lost", node=node)
        self._say_all(v1.LinkResponse(offer=offer))
        acceptances = await self._gather()
        acceptances[around.me] = self._participation.acceptance
        if stored := await self._find(acceptances):
            return await self._serve(stored, acceptances)
        if self._stored_only:
            # Somebody's budget is empty, and the answer isn't there: nobody is charged for finding that out.
            raise Denied([reason for node in self._nodes for reason in self._stored_only.get(node, ())])
        started()
        log.info("attempt begins", **self._fields())
        seconds = round(around.deadlines.default)
        begin = v1.Begin(attempt=self._attempt.to_wire(), acceptances=acceptances, stage_seconds=seconds)
        self._say_all(v1.LinkResponse(begin=begin))
        try:
            role = await run_in(around.pool, partial(self._participation.begin, acceptances))
        except Exception as error:
            raise named(error, around.me) from error
        runner = Runner(
            role,
            me=around.me,
            wire=self._wire,
            pool=around.pool,
            durable=self._participation.durable,
            deadlines=around.deadlines,
            progress=lambda stage: self._passed(around.me, stage),
        )
        return await runner.run()

    async def _serve(self, stored: Stored, acceptances: Mapping[str, bytes]) -> Stored:
        """Nothing is computed; every node notes which answer it has to be."""
        log.info("answer in the store", **self._fields(), computed=stored.query)
        self._say_all(
            v1.LinkResponse(serve=v1.Serve(attempt=self._attempt.to_wire(), acceptances=acceptances))
        )
        seconds = self._around.deadlines.default
        try:
            async with asyncio.timeout(seconds):
                while not self._finished >= set(self._nodes):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            silent = ", ".join(node for node in self._nodes if node not in self._finished)
            raise SamklangError("coordinator-node-silent", seconds=round(seconds), nodes=silent) from None
        return stored

    async def _gather(self) -> dict[str, bytes]:
        """The nodes' acceptances."""
        seconds = self._around.authorise_seconds
        try:
            async with asyncio.timeout(seconds):
                while len(self._answers) + len(self._pending) < len(self._nodes):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            if not any(isinstance(answer, list) for answer in self._answers.values()):
                heard = self._answers.keys() | self._pending.keys()
                silent = ", ".join(node for node in self._nodes if node not in heard)
                raise SamklangError("coordinator-node-silent", seconds=round(seconds), nodes=silent) from None
        answers = {node: self._answers[node] for node in self._nodes if node in self._answers}
        if refused := [
            reason for answer in answers.values() if isinstance(answer, list) for reason in answer
        ]:
            raise Denied(refused)
        if waiting := [self._pending[node] for node in self._nodes if node in self._pending]:
            raise Awaits([r for reasons, _ in waiting for r in reasons], [awaited for _, awaited in waiting])
        return {node: answer for node, answer in answers.items() if isinstance(answer, bytes)}

    async def _farewell(self) -> None:
        """Give the nodes a moment to finish; the release doesn't depend on them any more."""
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                while self._finished < set(self._nodes) and not self._failure.done():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            late = sorted(set(self._nodes) - self._finished)
            log.warning("nodes did not finish", **self._fields(), nodes=late)

    def heard(self, node: str, message: v1.LinkRequest) -> None:
        """What a node says about this attempt."""
        if node not in self._nodes:
            return
        match message.WhichOneof("message"):
            case "accept" | "refuse" | "pending" if self._answered(node):
                pass
            case "accept":
                self._answers[node] = message.accept.acceptance
                if only := message.accept.stored_only[:MOST_REASONS]:
                    self._stored_only[node] = [Reason.from_wire(reason, node) for reason in only]
            case "pending":
                reasons = [
                    Reason.from_wire(reason, node) for reason in message.pending.reasons[:MOST_REASONS]
                ]
                self._pending[node] = (reasons, Awaited(node, message.pending.expires_at_us))
            case "refuse":
                reasons = [Reason.from_wire(reason, node) for reason in message.refuse.reasons]
                unsaid = to_reason(SamklangError("transport-internal", party=node))
                self._answers[node] = reasons or [Reason.from_wire(unsaid, node)]
            case "progress":
                self._passed(node, message.progress.stage)
            case "abort":
                reason = message.abort.reason
                reason.node = node
                self.failed(from_reason(reason))
            case "finished":
                self._finished.add(node)
        self._changed.set()

    def _answered(self, node: str) -> bool:
        return node in self._answers or node in self._pending

    def control(self, route: Route, payload: bytes) -> None:
        """A message to the coordinator's own role."""
        try:
            self._wire.mailbox.deliver(route.sender, route.stage, payload)
        except SamklangError as error:
            self.failed(error)

    def lost(self, node: str) -> None:
        """A node's link is gone."""
        if node in self._nodes and node not in self._finished:
            self.failed(SamklangError("coordinator-node-lost", node=node))

    def failed(self, error: SamklangError) -> None:
        """Note a failure: the first real reason counts."""
        log.info("failure reported", **self._fields(), code=error.code, node=getattr(error, "node", ""))
        if error.code in SECONDARY:
            asyncio.get_running_loop().call_later(GRACE_SECONDS, self._fail, error)
        else:
            self._fail(error)

    def _fail(self, error: SamklangError) -> None:
        if not self._failure.done():
            self._failure.set_result(error)
        self._changed.set()

    def _passed(self, party: str, stage: str) -> None:
        log.info("stage", **self._fields(), party=party, stage=stage)
        self._progress(party, stage)

    def _say_all(self, message: v1.LinkResponse) -> None:
        for node in self._nodes:
            self._around.links.say(node, message)

    def _fields(self) -> dict[str, Any]:
        seconds = round(time.monotonic() - self._began, 3)
        return {"query": self._attempt.query, "attempt": self._attempt.number, "seconds": seconds}

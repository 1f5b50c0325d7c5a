"""The node at work: takes offers, decides by itself, and runs its part of each attempt to an end.

Nothing the coordinator says is believed: an offer is a signed query that the node verifies itself, and an
attempt's other messages are sealed or signed by the parties. Everything that goes wrong is reported by
name and ends this node's part of the attempt; the node goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from functools import partial
from typing import Any, Protocol

from samklang.errors import SamklangError
from samklang.node.link import Connection
from samklang.node.wire import NodeWire
from samklang.transport.addresses import AttemptId, Route
from samklang.transport.contract import Deadlines
from samklang.transport.log import Log
from samklang.transport.participation import Awaiting, Participation, Refusal
from samklang.transport.runner import Runner
from samklang.transport.status import from_reason, named, to_reason
from samklang.transport.wire import SECONDARY
from samklang.transport.workers import run_in
from samklang.v1 import federation_pb2 as f1
from samklang.v1 import nodes_pb2 as v1

BEGIN_SECONDS = 900.0

Participate = Callable[[bytes, AttemptId], Participation]
"""(bundle, attempt) → this node's part; raises :class:`Refusal`. Runs in a thread."""

Plan = Callable[[bytes], f1.NodePlan]
"""(bundle signed as a plan) → what this node would say; never raises. Runs in a thread."""

PLANS_AT_ONCE = 4
LOOK_SECONDS = 1.0
"""How often the file of approvals is looked at, while somebody waits."""
AWAITING = "coordinator-awaiting-approval"
"""With this, the coordinator ends an attempt that it will offer again."""


class Approvals(Protocol):
    """What the daemon needs of :class:`samklang.node.approvals.gate.Gate`; runs in threads."""

    def changed(self) -> bool:
        """Whether anything was entered since this was asked last."""
        ...

    def decided(self) -> list[str]:
        """Queries that the coordinator should offer again."""
        ...

    def over(self, called: str, code: str) -> None:
        """The coordinator says that a query has ended."""
        ...


Audit = Callable[[v1.AuditQuestion], v1.AuditAnswer]
"""A question about audit logs → its answer; never raises. Runs in a thread."""

AUDITS_AT_ONCE = 64

log = Log(__name__)


class Daemon:
    """All attempts of one node.

    Args:
        me: this node.
        participate: decides about offers.
        pool: threads for everything that computes.
        ready: called at every welcome.
        plan: answers what it would say to a query; without it, plans stay unanswered.
        audit: answers about audit logs; without it, there is no receipt and no result.
        approvals: where people decide; see :meth:`watch_approvals`.
    """

    def __init__(
        self,
        me: str,
        participate: Participate,
        pool: Executor,
        ready: Callable[[], None],
        plan: Plan | None = None,
        audit: Audit | None = None,
        approvals: Approvals | None = None,
    ) -> None:
        self._me = me
        self._approvals = approvals
        self._connection: Connection | None = None
        self._participate = participate
        self._plan = plan
        self._audit = audit
        self._audits = 0
        self._audit_turn = asyncio.Lock()
        self._beside: set[asyncio.Task[None]] = set()
        self._plans = 0
        self._pool = pool
        self._ready = ready
        self._parts: dict[AttemptId, Part] = {}

    def linked(self, connection: Connection) -> Callable[[v1.LinkResponse], None]:
        """Serve a new connection."""
        self._ready()
        self._connection = connection
        if self._approvals:
            self._spawn(self._say_decided())
        return partial(self._hear, connection)

    async def unlinked(self, error: SamklangError) -> None:
        """The connection has gone: nothing that went over it goes on."""
        self._connection = None
        parts = list(self._parts.values())
        for part in parts:
            part.abort(error if error.code in SECONDARY else SamklangError("transport-lost"))
        await asyncio.gather(*(part.task for part in parts), return_exceptions=True)

    def _hear(self, connection: Connection, message: v1.LinkResponse) -> None:
        kind = message.WhichOneof("message")
        if kind in (None, "heartbeat", "welcome"):
            return
        if kind == "control":
            route = Route.from_wire(message.control.address)
            if part := self._parts.get(route.attempt):
                part.control(route, message.control.payload)
            return
        if kind == "plan":
            self._answer_plan(message.plan, connection)
            return
        if kind == "audit":
            self._answer_audit(message.audit, connection)
            return
        attempt = AttemptId.from_wire(getattr(message, str(kind)).attempt)
        part = self._parts.get(attempt)
        if kind == "offer" and (part is None or part.aborted):
            self._take_part(attempt, message.offer.bundle, connection, part)
        elif kind == "begin" and part:
            part.begin(message.begin)
        elif kind == "serve" and part:
            part.begin(message.serve)
        elif kind == "abort":
            error = from_reason(message.abort.reason)
            if part:
                part.abort(error)
            if self._approvals and error.code != AWAITING:
                self._spawn(run_in(self._pool, partial(self._approvals.over, attempt.query, error.code)))

    def _take_part(
        self, attempt: AttemptId, bundle: bytes, connection: Connection, before: Part | None
    ) -> None:
        """Start a part; one of the same attempt that was called off may still be winding up."""
        part = Part(self._me, attempt, connection, self._pool)
        self._parts[attempt] = part

        async def run() -> None:
            if before is not None:
                await asyncio.wait([before.task])
            await part.run(partial(self._participate, bundle, attempt))

        def done(_: object) -> None:
            if self._parts.get(attempt) is part:
                del self._parts[attempt]

        part.task = asyncio.create_task(run())
        part.task.add_done_callback(done)

    async def watch_approvals(self) -> None:
        """Say when people have decided, until this is cancelled."""
        assert self._approvals is not None, "there is something to watch"
        changed = False
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                changed = await run_in(self._pool, self._approvals.changed) or changed
                if changed:
                    await self._say_decided()
                    changed = False
            except SamklangError as error:
                log.error("approvals can't be read", error)

    async def _say_decided(self) -> None:
        """Tell the coordinator which queries to offer again; what it doesn't wait for, it overlooks."""
        assert self._approvals is not None, "asked for by the callers"
        decided = await run_in(self._pool, self._approvals.decided)
        for query in decided:
            if self._connection:
                self._connection.say(v1.LinkRequest(decided=v1.Decided(query_id=query)))

    def _answer_plan(self, question: v1.PlanQuestion, connection: Connection) -> None:
        """Answer beside everything else; more questions at once than are sensible stay unanswered."""
        if self._plan is None or self._plans >= PLANS_AT_ONCE:
            return
        self._plans += 1
        plan = partial(self._plan, question.bundle)

        async def answer() -> None:
            try:
                found = await run_in(self._pool, plan)
            finally:
                self._plans -= 1
            connection.say(v1.LinkRequest(plan=v1.PlanAnswer(id=question.id, plan=found)))
            log.info("planned", decision=f1.NodeDecision.Name(found.decision), grant=found.grant)

        self._spawn(answer())

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do ``work`` beside everything else; what goes wrong with it is logged."""

        async def run() -> None:
            try:
                await work
            except Exception as problem:
                log.error("failed beside the attempts", problem)

        task = asyncio.create_task(run())
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def _answer_audit(self, question: v1.AuditQuestion, connection: Connection) -> None:
        """Answer beside everything else, in the order of the questions: a witness must not see an older
        checkpoint after a newer one. One that stays unanswered is asked again."""
        if self._audit is None or self._audits >= AUDITS_AT_ONCE:
            return
        self._audits += 1
        audit = partial(self._audit, question)

        async def answer() -> None:
            try:
                async with self._audit_turn:
                    answered = await run_in(self._pool, audit)
            finally:
                self._audits -= 1
            connection.say(v1.LinkRequest(audit=answered))

        self._spawn(answer())


class Part:
    """This node's part of one attempt, from the offer to its end."""

    task: asyncio.Task[None]

    def __init__(self, me: str, attempt: AttemptId, connection: Connection, pool: Executor) -> None:
        loop = asyncio.get_running_loop()
        self._me = me
        self._attempt = attempt
        self._connection = connection
        self._pool = pool
        self._wire = NodeWire(me, attempt, connection.bulk, connection.say)
        self._begun: asyncio.Future[v1.Begin | v1.Serve] = loop.create_future()
        self._runner: Runner | None = None
        self._aborted: SamklangError | None = None

    async def run(self, participate: Callable[[], Participation]) -> None:
        """Decide, answer, wait for the others, run."""
        log.info("offered", **self._fields())
        participation: Participation | None = None
        try:
            participation = await self._answer(participate)
            if participation is None:
                return
            async with asyncio.timeout(BEGIN_SECONDS):
                begin = await self._begun
            if isinstance(begin, v1.Serve):
                await run_in(self._pool, partial(participation.serve, dict(begin.acceptances)))
                log.info("answered from the store", **self._fields())
            else:
                await self._drive(participation, begin)
        except Exception as problem:
            if not isinstance(problem, SamklangError | TimeoutError):
                log.error("attempt failed unexpectedly", problem, **self._fields())
            error = self._aborted or named(problem, self._me)
            if error.code == AWAITING:
                log.info("attempt waits for approval elsewhere", **self._fields())
            else:
                log.warning("attempt failed", **self._fields(), code=error.code, private=error.private)
            if not self._aborted:
                self._say(abort=v1.Abort(attempt=self._attempt.to_wire(), reason=to_reason(error, self._me)))
        else:
            self._say(finished=v1.Finished(attempt=self._attempt.to_wire()))
            log.info("attempt finished", **self._fields())
        finally:
            if participation:
                participation.close()

    @property
    def aborted(self) -> bool:
        """It is over for everybody, though perhaps not wound up yet."""
        return self._aborted is not None

    def begin(self, begin: v1.Begin | v1.Serve) -> None:
        """Everybody has accepted; what follows is computed, or comes from the store."""
        if not self._begun.done():
            self._begun.set_result(begin)

    def control(self, route: Route, payload: bytes) -> None:
        """A message from another party; a forged or repeated one fails the attempt."""
        try:
            route.check_listener(self._me)
            self._wire.mailbox.deliver(route.sender, route.stage, payload)
        except SamklangError as error:
            if self._runner:
                self._runner.abort(error)

    def abort(self, error: SamklangError) -> None:
        """The attempt is over for everybody."""
        self._aborted = self._aborted or error
        self._wire.mailbox.fail(error)
        if self._runner:
            self._runner.abort(error)
        elif not self._begun.done():
            self._begun.set_exception(error)
            self._begun.exception()

    async def _answer(self, participate: Callable[[], Participation]) -> Participation | None:
        attempt = self._attempt.to_wire()
        try:
            participation = await run_in(self._pool, participate)
        except Refusal as refusal:
            reasons = [to_reason(reason, self._me) for reason in refusal.reasons]
            log.info(
                "refused",
                **self._fields(),
                codes=[reason.code for reason in reasons],
                clauses=clauses(refusal),
            )
            self._say(refuse=v1.Refuse(attempt=attempt, reasons=reasons))
            return None
        except Awaiting as waiting:
            reasons = [to_reason(reason, self._me) for reason in waiting.reasons]
            log.info("awaits approval", **self._fields(), codes=[reason.code for reason in reasons])
            self._say(pending=v1.Pending(attempt=attempt, reasons=reasons, expires_at_us=waiting.expires_us))
            return None
        only = [to_reason(reason, self._me) for reason in participation.stored_only]
        self._say(accept=v1.Accept(attempt=attempt, acceptance=participation.acceptance, stored_only=only))
        log.info("accepted", **self._fields())
        return participation

    async def _drive(self, participation: Participation, begin: v1.Begin) -> None:
        role = await run_in(self._pool, partial(participation.begin, dict(begin.acceptances)))
        self._runner = Runner(
            role,
            me=self._me,
            wire=self._wire,
            pool=self._pool,
            durable=participation.durable,
            deadlines=Deadlines(begin.stage_seconds or Deadlines().default),
            progress=self._passed,
        )
        if self._aborted:
            raise self._aborted
        await self._runner.run()

    def _passed(self, stage: str) -> None:
        self._say(progress=v1.Progress(attempt=self._attempt.to_wire(), stage=stage))

    def _say(self, **message: Any) -> None:
        self._connection.say(v1.LinkRequest(**message))

    def _fields(self) -> dict[str, Any]:
        return {"query": self._attempt.query, "attempt": self._attempt.number}


def clauses(refusal: Refusal) -> list[str]:
    """Where this node's documents say no, for its own log: file and line, or the clause's path."""
    found = (str(reason.at or reason.clause) for reason in refusal.reasons)
    return [place for place in found if place]

"""Drives one protocol role of one attempt on an event loop: the role decides, the runner acts.

The contract is :mod:`samklang.protocol.actions`. The role's ``on``, and what must be durable, run one
after the other in a thread that belongs to this attempt; pieces and computations run in the process's pool;
the event loop only waits. Sealing happens here, with the key the role's session gives for the peer.

The first failure wins: it ends every task of the attempt, and :meth:`Runner.run` raises it. Nothing resumes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

from samklang.errors import SamklangError
from samklang.protocol.actions import (
    START,
    Action,
    Charge,
    Compute,
    Done,
    Event,
    Fail,
    Persist,
    Progress,
    Receive,
    Send,
    Sink,
    Source,
)
from samklang.protocol.messages import STAGES, Spec
from samklang.protocol.sealing import Opener, Sealer
from samklang.transport.contract import Deadlines, Durable, Role
from samklang.transport.sealed import receive_bulk, receive_small, send_bulk, send_small
from samklang.transport.status import named
from samklang.transport.wire import Wire
from samklang.transport.workers import run_in

Work = Callable[[], Awaitable[Any]]


class _Handover:
    """A message of a party to itself: the source meets the sink."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.source: asyncio.Future[Source] = loop.create_future()
        self.taken: asyncio.Future[None] = loop.create_future()


class Runner:
    """One attempt of one party.

    Args:
        role: the protocol role.
        me: the own name.
        wire: the connection to the other parties.
        pool: threads for pieces and computations, shared with other attempts.
        durable: journal and ledger.
        deadlines: how long a message may take.
        progress: called on the loop with the name of each stage finished.
        stages: the message table.
    """

    def __init__(
        self,
        role: Role,
        *,
        me: str,
        wire: Wire,
        pool: Executor,
        durable: Durable,
        deadlines: Deadlines,
        progress: Callable[[str], None] = lambda stage: None,
        stages: Mapping[str, Spec] = STAGES,
    ) -> None:
        self._role = role
        self._me = me
        self._wire = wire
        self._pool = pool
        self._durable = durable
        self._deadlines = deadlines
        self._progress = progress
        self._stages = stages
        self._inbox: asyncio.Queue[Event | None] = asyncio.Queue()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._local: dict[str, _Handover] = {}
        self._error: SamklangError | None = None
        self._stopping = False

    async def run(self) -> Any:
        """Drive the role to its end; returns what it hands over in ``Done``.

        Raises:
            SamklangError: why the attempt failed at this party.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="role")
        try:
            return await self._drive(thread)
        finally:
            await self._stop()
            thread.shutdown(wait=False)

    def abort(self, error: SamklangError) -> None:
        """End the attempt with ``error`` unless it has failed already."""
        if self._error is None:
            self._error = error
        self._inbox.put_nowait(None)

    async def _drive(self, thread: Executor) -> Any:
        self._inbox.put_nowait(Event(START))
        while True:
            event = await self._inbox.get()
            self._raise_failure()
            if event is None:
                continue
            try:
                actions = await run_in(thread, partial(self._role.on, event))
            except Exception as error:
                raise named(error, self._me) from error
            for action in actions:
                self._raise_failure()
                if isinstance(action, Done):
                    await self._drain()
                    return action.result
                await self._execute(action, thread)
            if not self._tasks and self._inbox.empty():
                raise SamklangError("transport-stalled", party=self._me, private=event.key)

    async def _execute(self, action: Action, thread: Executor) -> None:
        if isinstance(action, Send | Receive | Compute) and action.key in self._tasks:
            private = f"{action.key} is going on already"
            raise SamklangError("transport-internal", party=self._me, private=private)
        match action:
            case Persist(event):
                await self._record(thread, partial(self._durable.persist, event))
            case Charge(nano_rho, delta):
                await self._record(thread, partial(self._durable.charge, nano_rho, delta))
            case Progress(stage):
                self._progress(stage)
            case Fail(error):
                raise named(error, self._me) from error
            case Receive(sender, stage, sink):
                work = partial(self._receive, sender, stage, sink)
                self._begin(action.key, partial(self._timed, work, stage, sender))
            case Send(to, stage, source):
                work = partial(self._send, to, stage, source)
                self._begin(action.key, partial(self._timed, work, stage, to))
            case Compute(_, function):
                self._begin(action.key, partial(run_in, self._pool, function))
            case _:
                raise SamklangError("transport-internal", party=self._me, private=f"action {action!r}")

    async def _record(self, thread: Executor, function: Callable[[], None]) -> None:
        try:
            await run_in(thread, function)
        except Exception as error:
            raise named(error, self._me) from error

    def _begin(self, key: str, work: Work) -> None:
        self._tasks[key] = asyncio.create_task(self._answer(key, work), name=key)

    async def _answer(self, key: str, work: Work) -> None:
        try:
            value = await work()
        except asyncio.CancelledError:
            if not self._stopping:
                self.abort(SamklangError("transport-lost", private=key))
            raise
        except Exception as error:
            self.abort(named(error, self._me))
        else:
            self._inbox.put_nowait(Event(key, value))
        finally:
            del self._tasks[key]

    async def _timed(self, work: Work, stage: str, party: str) -> None:
        seconds = self._deadlines.of(stage)
        try:
            async with asyncio.timeout(seconds):
                await work()
        except TimeoutError:
            raise SamklangError("transport-deadline", party=party, stage=stage, seconds=seconds) from None

    async def _send(self, to: str, stage: str, source: Source) -> None:
        if to == self._me:
            handover = self._handover(stage)
            handover.source.set_result(source)
            return await handover.taken
        spec, sealer = self._stages[stage], None
        if spec.sealed:
            session = self._role.session
            sealer = Sealer(
                session.sealing_key(to),
                transcript=session.transcript,
                attempt=session.attempt,
                sender=self._me,
                recipient=to,
                stage=stage,
            )
        if spec.bulk:
            assert sealer, "bulk messages are always sealed"
            return await send_bulk(self._wire, to, stage, source, sealer, self._pool)
        return await send_small(self._wire, to, stage, source, sealer, self._pool)

    async def _receive(self, sender: str, stage: str, sink: Sink) -> None:
        if sender == self._me:
            handover = self._handover(stage)
            source = await handover.source
            await run_in(self._pool, partial(_pour, source, sink))
            return handover.taken.set_result(None)
        spec, opener = self._stages[stage], None
        if spec.sealed:
            session = self._role.session
            opener = Opener(
                session.sealing_key(sender),
                transcript=session.transcript,
                attempt=session.attempt,
                sender=sender,
                recipient=self._me,
                stage=stage,
            )
        if spec.bulk:
            assert opener, "bulk messages are always sealed"
            return await receive_bulk(self._wire, sender, stage, sink, opener, self._pool)
        return await receive_small(self._wire, sender, stage, sink, opener, self._pool)

    def _handover(self, stage: str) -> _Handover:
        return self._local.setdefault(stage, _Handover())

    def _raise_failure(self) -> None:
        if self._error is not None:
            raise self._error

    async def _drain(self) -> None:
        """Let the sends that are still on their way arrive before the attempt is over."""
        while sends := [task for key, task in self._tasks.items() if key.startswith("send:")]:
            await asyncio.wait(sends)
            self._raise_failure()

    async def _stop(self) -> None:
        self._stopping = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _pour(source: Source, sink: Sink) -> None:
    for piece in source.pieces():
        sink.write(piece)
    sink.close()

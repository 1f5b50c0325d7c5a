"""The life of queries: handed in, queued, attempted until one attempt succeeds or none is left, ended.

Every change is on disk before anybody hears of it; one that can't be written (a full disk) is tried again
until it can. A query never waits without a deadline: for its nodes, for their answers, for each stage, for
the whole attempt. After a restart, what was running gets its next attempt if one is left, and fails by name
if not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from typing import Any, TypeVar

from samklang.coordinator.answers import Stored, Turns
from samklang.coordinator.approvals import Approvals, shortened
from samklang.coordinator.conduct import Awaits, Conduct, Denied, Surroundings
from samklang.coordinator.receipts import Result
from samklang.coordinator.rules import Rules, check_own
from samklang.coordinator.states import Reason, Record, State
from samklang.coordinator.store import Store
from samklang.errors import SamklangError
from samklang.model.calendar import day_of, expires
from samklang.model.canonical import digest_bytes
from samklang.transport.addresses import AttemptId
from samklang.transport.log import Log
from samklang.transport.settled import Clock
from samklang.transport.status import named, to_reason
from samklang.transport.workers import run_in
from samklang.v1 import federation_pb2 as v1

RETRIED = frozenset(
    {
        "coordinator-node-lost",
        "coordinator-store",
        "transport-cut",
        "transport-lost",
        "transport-truncated",
        "transport-deadline",
    }
)
"""Failures after which another attempt may go better. A failed check of the protocol is not among them."""

OPEN_PER_ANALYST = 100

STORE_SECONDS = (0.5, 15.0)
"""From, to: between two tries to write a change that couldn't be written."""

log = Log(__name__)

T = TypeVar("T")


def now_us() -> int:
    return time.time_ns() // 1000


class Queries:
    """All queries.

    Args:
        store: used from ``disk`` alone.
        disk: one thread.
        rules: documents and roles.
        around: what attempts share.
        absent_seconds: how long to wait for nodes that aren't linked.
        at_once: attempts that run side by side.
        settled: UTC now, as deletion goes by.
    """

    def __init__(
        self,
        store: Store,
        disk: Executor,
        rules: Rules,
        around: Surroundings,
        *,
        absent_seconds: float,
        at_once: int,
        settled: Clock,
    ) -> None:
        self._store = store
        self._disk = disk
        self._rules = rules
        self._around = around
        self._absent_seconds = absent_seconds
        self._settled = settled
        self._slots = asyncio.Semaphore(at_once)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._conducts: dict[str, Conduct] = {}
        self._cancelled: set[str] = set()
        self._ending: set[str] = set()
        self._turns = Turns()
        self._watchers: dict[str, set[asyncio.Queue[Record]]] = {}
        self._approvals = Approvals(around.links)

    async def recover(self) -> None:
        """Take up what a previous process left behind; what waits for receipts first, because others may ask
        the same."""
        left = await self._on_disk(self._store.open_queries)
        for record in sorted(left, key=lambda r: r.state != State.RELEASING):
            if record.state == State.RELEASING:
                log.info("receipts are asked for again", query=record.id)
                with suppress(SamklangError):  # what has expired meanwhile ends by name in its own task
                    bundle = await self._on_disk(partial(self._store.bundle, record.id))
                    question = await run_in(self._around.pool, partial(self._rules.question, bundle))
                    await self._turns.take(record.id, question, record.not_after_us)
                self._start(record.id)
                continue
            if record.state not in (State.SUBMITTED, State.AWAITING_APPROVAL):
                restarted = SamklangError("coordinator-restarted")
                log.warning("query was cut short by a restart", query=record.id, attempt=record.attempt)
                if record.attempt >= record.max_attempts:
                    await self._move_once(record.id, State.FAILED, reasons=[restarted])
                    continue
                await self._move_once(record.id, State.SUBMITTED, reasons=[restarted])
            self._start(record.id)

    async def stop(self) -> None:
        """End all attempts; what was running is found by :meth:`recover` of the next process."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def submit(self, bundle: bytes, caller: str, organisation: str) -> str:
        """Take a query in; returns its id. Raises what is wrong with it."""
        admitted = await run_in(self._around.pool, partial(self._rules.admit, bundle))
        check_own((admitted.analyst, admitted.organisation), (caller, organisation))
        mine = await self._on_disk(partial(self._store.of_analyst, caller, 10 * OPEN_PER_ANALYST))
        if sum(not r.state.ended for r in mine) >= OPEN_PER_ANALYST:
            raise SamklangError("coordinator-busy", limit=OPEN_PER_ANALYST)
        query = admitted.digest.removeprefix("sha256:")[:32]
        now = now_us()
        record = Record(
            id=query,
            digest=admitted.digest,
            analyst=caller,
            state=State.SUBMITTED,
            stage="",
            per_mille=0,
            attempt=0,
            max_attempts=admitted.max_attempts,
            reasons=(),
            not_after_us=admitted.not_after_us,
            submitted_us=now,
            changed_us=now,
        )
        nodes = await run_in(self._around.pool, partial(self._rules.nodes, bundle))
        if await self._on_disk(partial(self._store.submit, record, bundle, nodes)):
            log.info("query submitted", query=query, analyst=caller)
            self._start(query)
        return query

    async def get(self, query: str, caller: str) -> Record:
        """A query of ``caller``; raises ``coordinator-unknown-query`` for anything else."""
        record = await self._on_disk(partial(self._store.get, query))
        if record is None or record.analyst != caller:
            raise SamklangError("coordinator-unknown-query", query=query[:40])
        return record

    async def of(self, caller: str, limit: int) -> list[Record]:
        """The caller's queries, newest first."""
        return await self._on_disk(partial(self._store.of_analyst, caller, limit))

    async def bundles(self, queries: Sequence[str], most: int) -> list[bytes]:
        """The signed queries of these ids, as many from the first as have no more than ``most`` bytes."""
        found = await self._on_disk(lambda: [self._store.bundle(query) for query in queries])
        sizes = accumulate(map(len, found))
        return [bundle for bundle, size in zip(found, sizes, strict=True) if size <= most]

    async def with_nodes(self, nodes: Sequence[str], limit: int) -> list[tuple[Record, list[str]]]:
        """Everybody's queries that some of ``nodes`` take part in, newest first."""
        return await self._on_disk(partial(self._store.with_nodes, nodes, limit))

    async def release(self, query: str, caller: str) -> v1.GetReleaseResponse:
        """The release, its receipts and the query it answers; raises ``coordinator-not-done`` if there is
        none."""
        record = await self.get(query, caller)
        stored = await self._on_disk(partial(self._store.release, query))
        if record.deleted:
            raise SamklangError("coordinator-release-deleted", query=query, until=record.kept_until)
        if stored is None:
            raise SamklangError("coordinator-not-done", query=query, state=record.state)
        bundle = await self._on_disk(partial(self._store.bundle, query))
        release, receipts = stored
        computed = await self._on_disk(partial(self._store.computed, query))
        served = v1.ServedFrom(released_at_us=computed.released_us) if computed else None
        return v1.GetReleaseResponse(release=release, receipts=receipts, bundle=bundle, served_from=served)

    async def delete_kept(self) -> None:
        """Delete the releases that have been kept as long as the nodes' policies let them be."""
        today = day_of(self._settled()).isoformat()
        for query in await self._on_disk(partial(self._store.delete_kept, today)):
            log.info("release deleted: its retention has ended", query=query)

    async def stored(self, key: str) -> Stored | None:
        """The answer of this name, if there is one."""
        return await self._on_disk(partial(self._store.answer, key))

    async def cancel(self, query: str, caller: str) -> Record:
        """End a query; raises ``coordinator-ended`` if it has ended."""
        record = await self.get(query, caller)
        if record.state.ended:
            raise SamklangError("coordinator-ended", query=query, state=record.state)
        self._cancelled.add(query)
        task = self._tasks.get(query)
        if conduct := self._conducts.get(query):
            conduct.failed(SamklangError("coordinator-cancelled"))
        elif task and query not in self._ending:
            task.cancel()
        if task:
            await asyncio.wait([task])
        return await self.get(query, caller)

    def watch(self, query: str) -> asyncio.Queue[Record]:
        """A queue that gets every change from now on; give it back to :meth:`unwatch`."""
        changes: asyncio.Queue[Record] = asyncio.Queue()
        self._watchers.setdefault(query, set()).add(changes)
        return changes

    def unwatch(self, query: str, changes: asyncio.Queue[Record]) -> None:
        watchers = self._watchers.get(query, set())
        watchers.discard(changes)
        if not watchers:
            self._watchers.pop(query, None)

    def _start(self, query: str) -> None:
        task = asyncio.create_task(self._live(query), name=f"query {query}")
        self._tasks[query] = task
        task.add_done_callback(lambda _: self._tasks.pop(query, None))

    async def _live(self, query: str) -> None:
        """One query from the queue to its end. While it waits for people, others have its slot."""
        try:
            with self._approvals.listening(query):
                while not await self._turn(query):
                    pass
            await self._receipts(query)
        except Denied as denied:
            late = all(reason.code == "approval-expired" for reason in denied.reasons)
            await self._finish(query, State.EXPIRED if late else State.DENIED, denied.reasons)
        except SamklangError as error:
            await self._end(query, error)
        except asyncio.CancelledError:
            if query not in self._cancelled:
                raise
            await self._end(query, SamklangError("coordinator-cancelled"))
        except Exception as error:
            log.error("query failed unexpectedly", error, query=query)
            await self._end(query, named(error, self._around.me))
        finally:
            self._turns.give(query)
            self._cancelled.discard(query)
            self._ending.discard(query)

    async def _turn(self, query: str) -> bool:
        """Wait for approval where it is missing, then run attempts; False if approval is missing again."""
        record = await self._on_disk(partial(self._store.get, query))
        assert record is not None
        bundle = await self._on_disk(partial(self._store.bundle, query))
        question = await run_in(self._around.pool, partial(self._rules.question, bundle))
        if record.state == State.RELEASING:
            await self._turns.take(query, question, record.not_after_us)
            return True
        nodes = await run_in(self._around.pool, partial(self._rules.nodes, bundle))
        if record.state == State.AWAITING_APPROVAL:
            try:
                await self._approvals.decided(record, nodes)
            except SamklangError as error:
                self._approvals.over(record, error)
                raise
            except asyncio.CancelledError:
                if query in self._cancelled:
                    self._approvals.over(record, SamklangError("coordinator-cancelled"))
                raise
        await self._turns.take(query, question, record.not_after_us)
        try:
            async with self._slots:
                await self._attempts(record, bundle, nodes)
        except Awaits as waits:
            self._turns.give(query)
            details = {"reasons": waits.reasons, "awaiting": shortened(waits.awaiting, record.not_after_us)}
            await self._move(query, State.AWAITING_APPROVAL, **details)
            return False
        return True

    async def _attempts(self, record: Record, bundle: bytes, nodes: list[str]) -> None:
        query = record.id
        # What waited is offered as the same attempt: nothing of it has left anybody.
        first = record.attempt + (record.state != State.AWAITING_APPROVAL)
        for number in range(first, record.max_attempts + 1):
            left = (record.not_after_us - now_us()) / 1e6
            if left <= 0:
                until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(record.not_after_us / 1e6))
                raise SamklangError("coordinator-expired", until=until)
            await self._around.links.wait_for(nodes, min(self._absent_seconds, left))
            try:
                await self._attempt(AttemptId(query, number), bundle, nodes)
                return
            except SamklangError as error:
                details = {"code": error.code, "what": error.what, "private": error.private}
                log.warning("attempt failed", query=query, attempt=number, **details)
                if error.code not in RETRIED or number == record.max_attempts:
                    raise
                await self._move(query, State.SUBMITTED, reasons=[error])

    async def _attempt(self, attempt: AttemptId, bundle: bytes, nodes: list[str]) -> None:
        query = attempt.query
        part = await run_in(self._around.pool, partial(self._rules.prepare, bundle, attempt))
        await self._move(query, State.AUTHORISING, attempt=attempt.number)
        passed = 0
        writes: list[asyncio.Task[Record]] = []

        def note(stage: str) -> None:
            share = self._rules.per_mille(bundle, passed)
            move = self._move_once(query, State.RUNNING, stage=stage, per_mille=share)
            writes.append(asyncio.create_task(move))

        def progress(party: str, stage: str) -> None:
            nonlocal passed
            passed += 1
            note(stage)

        self._approvals.offering(query)
        key: str | None = None

        async def find(acceptances: Mapping[str, bytes]) -> Stored | None:
            nonlocal key
            key = await run_in(self._around.pool, partial(part.key, acceptances))
            return await self._on_disk(partial(self._store.answer, key))

        conduct = Conduct(attempt, bundle, nodes, part, self._around, progress, find)
        self._conducts[query] = conduct
        try:
            result = await conduct.run(lambda: note(""))
        finally:
            del self._conducts[query]
            await asyncio.gather(*writes, return_exceptions=True)
        if isinstance(result, Stored):
            stored = await self._on_disk(partial(self._store.release, result.query))
            if stored is None:  # midnight has come between: it is the next attempt's to compute
                raise SamklangError("transport-lost")
            served = {"release": stored[0], "computed": result.query}
            await self._move(query, State.RELEASING, per_mille=1000, **served)
            return
        release = await run_in(self._around.pool, partial(part.release, result))
        until = expires(datetime.now(UTC), part.retention) if part.retention else ""
        await self._move(query, State.RELEASING, per_mille=1000, release=release, key=key, until=until)

    async def _receipts(self, query: str) -> None:
        """No receipt, no result: the query is done when all are there, and verified."""
        record = await self._on_disk(partial(self._store.get, query))
        bundle = await self._on_disk(partial(self._store.bundle, query))
        release = await self._on_disk(partial(self._store.unreceipted, query))
        assert record is not None
        assert release is not None
        stored = await self._on_disk(partial(self._store.computed, query))
        result = Result(
            query=record.digest,
            computed=stored.digest if stored else record.digest,
            attempt=stored.attempt if stored else record.attempt,
            digest=digest_bytes(release),
            witnesses=await run_in(self._around.pool, partial(self._rules.witnesses, bundle)),
            until_us=record.not_after_us,
        )
        receipts = await self._around.receipts.gather(result)
        check = partial(self._rules.check_receipts, receipts, release, record.digest)
        await run_in(self._around.pool, check)
        await self._move(query, State.DONE, per_mille=1000, receipts=receipts)

    async def _end(self, query: str, error: SamklangError) -> None:
        ends = {
            "coordinator-cancelled": State.CANCELLED,
            "coordinator-expired": State.EXPIRED,
            "coordinator-approval-expired": State.EXPIRED,
            "approval-withdrawn": State.DENIED,
            "approval-rejected": State.DENIED,
            "approval-expired": State.EXPIRED,
        }
        try:
            await self._finish(query, ends.get(error.code, State.FAILED), [error])
        except SamklangError as ended:
            log.info("query had ended already", query=query, code=ended.code)

    async def _finish(self, query: str, state: State, reasons: Sequence[Any]) -> None:
        """The query's last change; from here on there is nothing to call off any more."""
        self._ending.add(query)
        await self._move(query, state, reasons=reasons)

    async def _move(self, query: str, state: State, **details: Any) -> Record:
        """Change a query's state, when the store can be written."""
        wait, most = STORE_SECONDS
        while True:
            try:
                return await self._move_once(query, state, **details)
            except SamklangError as error:
                if error.code != "coordinator-store":
                    raise
                log.error("a change can't be written yet", error, query=query, state=state)
            await asyncio.sleep(wait)
            wait = min(2 * wait, most)

    async def _move_once(self, query: str, state: State, *, reasons: Any = (), **details: Any) -> Record:
        noted = tuple(r if isinstance(r, Reason) else _reason(r) for r in reasons)
        change: Callable[[], Record] = partial(
            self._store.move, query, state, now_us(), reasons=noted, **details
        )
        record = await self._on_disk(change)
        if state != State.RUNNING:
            codes = [reason.code for reason in noted]
            log.info("query", query=query, state=state, attempt=record.attempt, reasons=codes)
        for changes in self._watchers.get(query, ()):
            changes.put_nowait(record)
        return record

    async def _on_disk(self, function: Callable[[], T]) -> T:
        return await run_in(self._disk, function)


def _reason(error: SamklangError) -> Reason:
    return Reason.from_wire(to_reason(error), getattr(error, "node", ""))

"""No receipt, no result: every contributing node writes a release into its log, and its partners witness it.

For each contributing node: record the result, prove the entry under a new checkpoint, have the witnesses
cosign that, put the receipt together. The coordinator relays and verifies; it can forge none of it. Every
question may be asked again: a node that has gone away is waited for until the query's own end, and what was
recorded before a restart of either side is the same entry afterwards. What a node refuses by name ends the
query by that name.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from samklang.audit.encoding import load
from samklang.audit.note import Line, parse_lines
from samklang.audit.receipt import Receipt, read_receipt, write_receipts
from samklang.coordinator.links import Links
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.transport.log import Log
from samklang.transport.status import from_reason
from samklang.transport.workers import run_in
from samklang.v1 import nodes_pb2 as v1

__all__ = ["Receipts", "Result"]

ANSWER_SECONDS = 20.0
"""How long one question waits before it is asked again."""
GLANCE_SECONDS = 0.5
"""How often it is looked whether the node is still there."""
PASSING = frozenset({"ledger-unavailable"})
"""What a node may be rid of soon, a full disk for instance: it is asked again."""
ROUNDS = 8
"""How often a proof is made anew for a witness that remembers another size."""

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What receipts are for.

    Attributes:
        query: digest of the query that is answered.
        computed: digest of the query whose rows are in the release; the same one unless a stored release is
            handed out again.
        attempt: of ``computed``.
        digest: of the release's bytes.
        witnesses: contributing node to those who must cosign its checkpoint.
        until_us: when waiting ends, UTC, microseconds since 1970.
    """

    query: str
    computed: str
    attempt: int
    digest: str
    witnesses: Mapping[str, tuple[str, ...]]
    until_us: int


class Receipts:
    """Gathers receipts over the nodes' links.

    Args:
        links: the nodes that are there.
        pool: threads for what computes.
        seconds: how long one question waits before it is asked again.
        keep: takes a node's name and its checkpoint that was just cosigned.
    """

    def __init__(
        self,
        links: Links,
        pool: Executor,
        *,
        seconds: float = ANSWER_SECONDS,
        keep: Callable[[str, bytes], Awaitable[None]] | None = None,
    ) -> None:
        self._links = links
        self._pool = pool
        self._seconds = seconds
        self._keep = keep
        self._waiting: dict[str, tuple[str, asyncio.Future[v1.AuditAnswer]]] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        links.on_audit(self._heard)

    async def gather(self, result: Result) -> bytes:
        """All receipts of a result, as :func:`samklang.audit.receipt.write_receipts` writes them.

        Raises:
            SamklangError: ``audit-receipts-late``; or what a node refuses, with its name.
        """
        missing = set(result.witnesses)
        receipts: dict[str, Receipt] = {}
        statements: dict[str, Envelope] = {}

        async def one(node: str) -> None:
            receipts[node] = await self._receipt(node, result, statements)
            missing.discard(node)

        tasks = [asyncio.create_task(one(node)) for node in result.witnesses]
        try:
            async with asyncio.timeout(max(0.0, result.until_us / 1e6 - time.time())):
                await asyncio.gather(*tasks)
        except TimeoutError:
            until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(result.until_us / 1e6))
            nodes = ", ".join(node for node in result.witnesses if node in missing)
            raise SamklangError("audit-receipts-late", nodes=nodes, until=until) from None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        ordered = {node: receipts[node] for node in result.witnesses}
        return await run_in(self._pool, partial(write_receipts, ordered, statements))

    async def _receipt(self, node: str, result: Result, statements: dict[str, Envelope]) -> Receipt:
        """One node's receipt with the cosignatures of its witnesses."""
        record = v1.RecordResult(
            query_digest=result.query,
            computed_digest=result.computed,
            attempt=result.attempt,
            result_digest=result.digest,
        )
        recorded = await self._ask(node, "recorded", record=record)
        witnesses = result.witnesses[node]
        for _ in range(ROUNDS):
            receipt = await self._round(node, recorded.recorded.number, witnesses, statements)
            if receipt is not None:
                return receipt
        raise SamklangError("audit-witness-busy", node=node)

    async def _round(
        self, node: str, number: int, witnesses: tuple[str, ...], statements: dict[str, Envelope]
    ) -> Receipt | None:
        """A new checkpoint, cosigned; None if a witness remembers another size than its proof began at.

        Checkpoints of one log are made and handed in one after the other, and nodes answer in order, so that
        no witness gets an older one after a newer one. The log isn't held for a witness that has gone away.
        """
        while True:
            for witness in witnesses:
                await self._links.arrival(witness)
            async with self._locks.setdefault(node, asyncio.Lock()):
                try:
                    async with asyncio.timeout(self._seconds):
                        return await self._checkpoint(node, number, witnesses, statements)
                except TimeoutError:
                    log.warning("a checkpoint was not cosigned in time", node=node, witnesses=witnesses)

    async def _checkpoint(
        self, node: str, number: int, witnesses: tuple[str, ...], statements: dict[str, Envelope]
    ) -> Receipt | None:
        seen = {witness: self._seen.get((node, witness), 0) for witness in witnesses}
        prove = v1.ProveEntry(number=number, seen=seen)
        proven = (await self._ask(node, "proven", prove=prove)).proven
        receipt = _read(node, proven.receipt)
        statements[node] = Envelope.from_bytes(proven.statement)
        lines = await self._cosigned(node, proven, witnesses, statements)
        if lines is None:
            return None
        note = receipt.note.with_lines(lines)
        said = {witness: statements[witness].to_bytes() for witness in witnesses}
        await self._ask(node, "kept", keep=v1.KeepCheckpoint(note=str(note).encode(), statements=said))
        if self._keep is not None:
            await self._keep(node, str(note).encode())
        return replace(receipt, note=note)

    async def _cosigned(
        self, node: str, proven: v1.Proven, witnesses: tuple[str, ...], statements: dict[str, Envelope]
    ) -> list[Line] | None:
        """The witnesses' lines; None if one of them remembers another size than the proof began at."""

        async def one(witness: str) -> tuple[Line, ...]:
            request = proven.requests[witness]
            add = v1.AddCheckpoint(node=node, statement=proven.statement, request=request)
            cosigned = (await self._ask(witness, "cosigned", cosign=add)).cosigned
            statements[witness] = Envelope.from_bytes(cosigned.statement)
            self._seen[node, witness] = _size(request) if cosigned.lines else cosigned.size
            if not cosigned.lines:
                return ()
            return parse_lines(cosigned.lines.decode("utf-8", errors="replace"))

        tasks = [asyncio.create_task(one(witness)) for witness in witnesses]
        try:
            found = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return [line for lines in found for line in lines] if all(found) else None

    async def _ask(self, node: str, expected: str, **question: Any) -> v1.AuditAnswer:
        """Ask until there is an answer; the query's end is the caller's affair.

        Raises:
            SamklangError: what the node refuses.
        """
        while True:
            await self._links.arrival(node)
            answer = await self._once(node, question)
            if answer is None:
                log.warning("no answer about the audit log", node=node, expected=expected)
                continue
            kind = answer.WhichOneof("answer")
            if kind == "problem":
                answer.problem.node = node
                if answer.problem.code in PASSING:
                    log.warning("an audit log can't be written", node=node, code=answer.problem.code)
                    await asyncio.sleep(GLANCE_SECONDS)
                    continue
                raise from_reason(answer.problem)
            if kind != expected:
                raise SamklangError("transport-message", problem="an answer to another question")
            return answer

    async def _once(self, node: str, question: Mapping[str, Any]) -> v1.AuditAnswer | None:
        """One question; None if the node has gone away or says nothing."""
        key = secrets.token_hex(16)
        answered: asyncio.Future[v1.AuditAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[key] = (node, answered)
        try:
            self._links.say(node, v1.LinkResponse(audit=v1.AuditQuestion(id=key, **question)))
            waited = 0.0
            while waited < self._seconds and not self._links.absent([node]):
                await asyncio.wait([answered], timeout=GLANCE_SECONDS)
                if answered.done():
                    return answered.result()
                waited += GLANCE_SECONDS
            return None
        finally:
            del self._waiting[key]

    def _heard(self, node: str, answer: v1.AuditAnswer) -> None:
        """What a node says; what nobody waits for any more, or from somebody else, is dropped."""
        asked, future = self._waiting.get(answer.id, ("", None))
        if future is not None and asked == node and not future.done():
            future.set_result(answer)


def _read(node: str, data: bytes) -> Receipt:
    try:
        return read_receipt(load(data))
    except (AttributeError, KeyError, TypeError, ValueError, SamklangError):
        raise SamklangError("audit-receipt-format", private=node) from None


def _size(request: bytes) -> int:
    """The size of the checkpoint that was handed in."""
    return int(request.partition(b"\n\n")[2].split(b"\n")[1])

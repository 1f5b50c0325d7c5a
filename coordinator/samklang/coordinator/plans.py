"""Plans: an analyst's question what every node would say to a query, passed on and answered within seconds.

The coordinator believes and keeps nothing of it: the bundle is signed by the analyst, for planning alone;
every node verifies it and decides for itself. A node that isn't there, or doesn't answer, is listed as that.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from functools import partial

from samklang.coordinator.answers import Stored
from samklang.coordinator.links import Links
from samklang.coordinator.rules import Rules, check_own
from samklang.coordinator.states import Reason
from samklang.errors import SamklangError
from samklang.transport.log import Log
from samklang.transport.workers import run_in
from samklang.v1 import federation_pb2 as f1
from samklang.v1 import nodes_pb2 as n1

ANSWER_SECONDS = 15.0
AT_ONCE = 4
"""Plans of one analyst that are being asked at the same time."""
_MOST, _LONGEST = 50, 200

log = Log(__name__)


class Plans:
    """Asks nodes about plans over their links.

    Args:
        links: the nodes that are there.
        rules: who may ask, and which nodes a query needs.
        pool: threads for what computes.
        seconds: how long nodes have to answer.
        find: looks an answer up in the store, by its name.
    """

    def __init__(
        self,
        links: Links,
        rules: Rules,
        pool: Executor,
        *,
        seconds: float = ANSWER_SECONDS,
        find: Callable[[str], Awaitable[Stored | None]] | None = None,
    ) -> None:
        self._find = find
        self._links = links
        self._rules = rules
        self._pool = pool
        self._seconds = seconds
        self._waiting: dict[str, dict[str, asyncio.Future[f1.NodePlan]]] = {}
        self._asking: Counter[str] = Counter()
        links.on_plan(self._heard)

    async def ask(self, bundle: bytes, caller: str, organisation: str) -> f1.PlanResponse:
        """What each node that the query needs would say, in the manifest's order; and whether the answer is
        in the store, where every node permits the query.

        Raises:
            SamklangError: what is wrong with the bundle; ``coordinator-not-your-query``,
                ``coordinator-busy``.
        """
        if self._asking[caller] >= AT_ONCE:
            raise SamklangError("coordinator-busy", limit=AT_ONCE)
        self._asking[caller] += 1
        try:
            analyst, whose, nodes = await run_in(self._pool, partial(self._rules.planned, bundle))
            check_own((analyst, whose), (caller, organisation))
            answers = await self._gather(bundle, nodes)
        finally:
            self._asking[caller] -= 1
        said = {answer.node: f1.NodeDecision.Name(answer.decision) for answer in answers}
        log.info("planned", analyst=caller, decisions=said)
        stored = await self._stored(bundle, answers)
        for answer in answers:
            answer.ClearField("share")
        return f1.PlanResponse(nodes=answers, stored=stored)

    async def _stored(self, bundle: bytes, answers: list[f1.NodePlan]) -> f1.ServedFrom | None:
        """The answer in the store, if each contributing node has said its share of the answer's name."""
        shares = {answer.node: answer.share for answer in answers if answer.share}
        if self._find is None or not shares:
            return None
        key = await run_in(self._pool, partial(self._rules.planned_key, bundle, shares))
        found = await self._find(key) if key else None
        return f1.ServedFrom(released_at_us=found.released_us) if found else None

    async def _gather(self, bundle: bytes, nodes: list[str]) -> list[f1.NodePlan]:
        loop, key = asyncio.get_running_loop(), secrets.token_hex(16)
        absent = set(self._links.absent(nodes))
        waiting = {node: loop.create_future() for node in nodes if node not in absent}
        self._waiting[key] = waiting
        try:
            for node in waiting:
                question = n1.PlanQuestion(id=key, bundle=bundle)
                self._links.say(node, n1.LinkResponse(plan=question))
            if waiting:
                await asyncio.wait(waiting.values(), timeout=self._seconds)
        finally:
            del self._waiting[key]
        answers = []
        for node in nodes:
            if node in absent:
                answers.append(f1.NodePlan(node=node, decision=f1.NODE_DECISION_ABSENT))
            elif waiting[node].done():
                answers.append(waiting[node].result())
            else:
                answers.append(f1.NodePlan(node=node, decision=f1.NODE_DECISION_SILENT))
        return answers

    def _heard(self, node: str, answer: n1.PlanAnswer) -> None:
        """What a node says; what nobody waits for any more is dropped."""
        future = self._waiting.get(answer.id, {}).get(node)
        if future is not None and not future.done():
            future.set_result(_sensible(answer.plan, node))


def _sensible(plan: f1.NodePlan, node: str) -> f1.NodePlan:
    """What ``node`` said, in its own name and kept to a sensible length."""
    kept = f1.NodePlan()
    kept.CopyFrom(plan)
    kept.node = node
    kept.grant = kept.grant[:_LONGEST]
    kept.share = kept.share[:_LONGEST]
    if kept.decision not in (f1.NODE_DECISION_PERMIT, f1.NODE_DECISION_PENDING, f1.NODE_DECISION_DENY):
        kept.decision = f1.NODE_DECISION_SILENT
    del kept.reasons[:], kept.changes[:], kept.grants[:]
    kept.grants.extend(grant[:_LONGEST] for grant in plan.grants[:_MOST])
    kept.reasons.extend(Reason.from_wire(reason, node).to_wire() for reason in plan.reasons[:_MOST])
    kept.changes.extend(f1.Change(**texts) for texts in _short(plan.changes[:_MOST]))
    return kept


def _short(changes: Iterable[f1.Change]) -> list[dict[str, str]]:
    names = ("place", "old", "new")
    return [{name: getattr(change, name)[:_LONGEST] for name in names} for change in changes]

"""What a node would say to a query, and charge for it: an answer that touches nobody's data.

The bundle is verified like a query's, under its own payload type. The answer depends on the signed documents,
the node's configuration, the date and the ledger, never on data, and nothing is written anywhere. The ledger
is spoken of only to those whom a grant permits something.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from samklang.errors import SamklangError
from samklang.model.calendar import day_of
from samklang.model.checks import check_query
from samklang.model.query import Query
from samklang.model.signing import verify_query
from samklang.node.differencing import Guard
from samklang.node.documents import Documents
from samklang.node.ledger import Ledger, Remaining
from samklang.node.part import said
from samklang.policy import Decision, Obligations, Request, decide, request_for
from samklang.policy.approving import hours
from samklang.policy.granted import granted
from samklang.protocol.compile import compile_query
from samklang.protocol.planning.amend import amend
from samklang.protocol.planning.changes import Change, described
from samklang.protocol.release_key import share
from samklang.transport.status import named, to_reason
from samklang.v1 import federation_pb2 as v1

if TYPE_CHECKING:
    from samklang.node.snapshots import Holder

__all__ = ["Planner"]

EPSILONS = tuple(
    Decimal(text) for text in ("2", "1", "0.75", "0.5", "0.4", "0.3", "0.25", "0.2", "0.1", "0.05")
)
"""Of these, the largest that still fits a nearly empty budget is proposed."""


class Planner:
    """Answers plans: call it with a bundle.

    Args:
        documents: pinned.
        ledger: is only read.
        guard: has the last word on what the policy permits.
        template_known: whether people here have approved a question of this form before.
        snapshots: which snapshot would answer; without it, nobody is told that an answer is in the store.
        clock: UTC now, as the calendar of snapshots has it.
    """

    def __init__(
        self,
        documents: Documents,
        ledger: Ledger,
        guard: Guard,
        template_known: Callable[[Query], bool] = lambda _: False,
        snapshots: Holder | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clock = clock
        self._snapshots = snapshots
        self._template_known = template_known
        self._documents = documents
        self._ledger = ledger
        self._guard = guard
        self._me = documents.node.id

    def __call__(self, bundle: bytes) -> v1.NodePlan:
        """The answer; a bundle or query that is no good is denied with its reason. Never raises."""
        try:
            return self._plan(bundle)
        except Exception as problem:
            error = named(problem, self._me)
            reasons = [to_reason(error, self._me)]
            return v1.NodePlan(node=self._me, decision=v1.NODE_DECISION_DENY, reasons=reasons)

    def _plan(self, bundle: bytes) -> v1.NodePlan:
        manifest, codebook = self._documents.manifest.document, self._documents.codebook.document
        verified = verify_query(bundle, manifest, datetime.now(UTC), intent="plan")
        query = verified.query
        check_query(query, manifest, codebook)
        program = compile_query(manifest, codebook, query)
        if self._me not in program.participants:
            raise SamklangError("transport-not-asked", node=self._me)
        if self._me not in program.inputs:
            return v1.NodePlan(node=self._me, decision=v1.NODE_DECISION_PERMIT)
        today = day_of(self._clock())
        asked = _Asked(self._documents, verified.role, self._template_known(query), today)
        verdict = asked.decide(query)
        found = self._guard.overlap(query) if verdict.outcome != "deny" else None
        decision = self._guard.decide(verdict, found, verified.analyst)
        answer = v1.NodePlan(node=self._me, contributes=True, nano_rho=program.noise.rho_charged)
        answer.grants.extend(asked.granted(query))
        if decision.permitted:
            self._permitted(answer, query, decision.granted())
            answer.share = self._share(decision.granted())
            return answer
        pending = decision.outcome == "pending"
        answer.decision = v1.NODE_DECISION_PENDING if pending else v1.NODE_DECISION_DENY
        answer.reasons.extend(to_reason(reason.error(), self._me) for reason in decision.reasons)
        obligations = decision.obligations
        if pending and obligations is not None:
            answer.approval_seconds = round(hours(obligations.approval).total_seconds())
        policy = self._documents.policy.document
        if smallest := amend(query, verdict, asked.decide, policy, manifest, codebook):
            _, allowed, changes = smallest
            obligations = allowed.granted()
            answer.changes.extend(_change(change) for change in changes)
        if obligations is not None:
            self._left(answer, obligations)
        return answer

    def _share(self, obligations: Obligations) -> str:
        """What this node adds to the name of the answer, for the coordinator to look it up in the store; said
        where the policy permits the query, also if the budget is empty. Empty: no snapshot answers now."""
        if self._snapshots is None:
            return ""
        try:
            hold = self._snapshots.hold()
        except SamklangError:
            return ""
        hold.let_go()
        return share(said(self._documents, obligations, hold.snapshot))

    def _permitted(self, answer: v1.NodePlan, query: Query, obligations: Obligations) -> None:
        """The policy says yes: so would the ledger and the registers?"""
        answer.decision = v1.NODE_DECISION_PERMIT
        left = self._left(answer, obligations)
        problems = self._registers(obligations)
        for period, amount in _periods(left):
            if answer.nano_rho > amount:
                scope, needed = "this data set or grant", answer.nano_rho
                problems.append(
                    SamklangError("ledger-cap", scope=scope, period=period, needed=needed, left=amount)
                )
        if problems:
            answer.decision = v1.NODE_DECISION_DENY
            answer.reasons.extend(to_reason(problem, self._me) for problem in problems)
            answer.changes.extend(_change(change) for change in self._cheaper(query, left))

    def _left(self, answer: v1.NodePlan, obligations: Obligations) -> Remaining:
        left = self._ledger.remaining(now=datetime.now(UTC), grant=obligations.grant, caps=obligations.caps)
        answer.grant, answer.min_count = obligations.grant, obligations.min_count
        answer.secondary_suppression = obligations.secondary_suppression
        answer.left.month, answer.left.year = left.month, left.year
        if left.lifetime is not None:
            answer.left.lifetime = left.lifetime
        return left

    def _registers(self, obligations: Obligations) -> list[SamklangError]:
        """Registers that the grant names and the node's configuration hasn't."""
        consent = obligations.consent
        wanted = "consent" if consent.model == "opt-in" else "objection"
        configured = {n: r.kind for n, r in self._documents.config.consent.items()}
        return [
            SamklangError("node-register-unknown", register=name)
            for name in consent.registers
            if configured.get(name) != wanted
        ]

    def _cheaper(self, query: Query, left: Remaining) -> tuple[Change, ...]:
        """The largest ε that what is left would pay for."""
        most = min(amount for _, amount in _periods(left))
        for epsilon in EPSILONS:
            if epsilon >= query.privacy.epsilon:
                continue
            privacy = query.privacy.model_copy(update={"epsilon": epsilon})
            cheaper = query.model_copy(update={"privacy": privacy})
            manifest, codebook = self._documents.manifest.document, self._documents.codebook.document
            if compile_query(manifest, codebook, cheaper).noise.rho_charged <= most:
                return described(query, cheaper)
        return ()


class _Asked:
    """The node's policy, asked by one analyst; queries are told apart by nothing but themselves."""

    def __init__(self, documents: Documents, role: str, template_known: bool, today: date) -> None:
        self._today = today
        self._documents = documents
        self._role = role
        self._template_known = template_known

    def decide(self, query: Query) -> Decision:
        return decide(self._documents.rules, self._request(query))

    def granted(self, query: Query) -> tuple[str, ...]:
        """The grants that name the analyst."""
        return granted(self._documents.rules, self._request(query))

    def _request(self, query: Query) -> Request:
        manifest, codebook = self._documents.manifest.document, self._documents.codebook.document
        return request_for(
            query,
            manifest,
            codebook,
            node=self._documents.node.id,
            role=self._role,
            today=self._today,
            cells=compile_query(manifest, codebook, query).released,
            template_known=self._template_known,
            attributed=self._documents.config.attributed,
        )


def _periods(left: Remaining) -> list[tuple[str, int]]:
    periods = {"month": left.month, "year": left.year, "lifetime": left.lifetime}
    return [(period, amount) for period, amount in periods.items() if amount is not None]


def _change(change: Change) -> v1.Change:
    return v1.Change(place=change.place, old=change.old, new=change.new)

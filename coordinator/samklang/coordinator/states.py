"""The life cycle of a query, and the record that is kept of it.

submitted → authorising → (awaiting-approval →) running → releasing → done (from authorising to releasing
if the answer is in the store); from any state before these to
denied, failed, cancelled or expired; back to submitted when another attempt follows. What has ended stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from samklang.transport import tls as _tls  # noqa: F401  (before the stubs load grpc)
from samklang.v1 import federation_pb2 as v1


class State(StrEnum):
    SUBMITTED = "submitted"
    AUTHORISING = "authorising"
    AWAITING_APPROVAL = "awaiting-approval"
    RUNNING = "running"
    RELEASING = "releasing"
    DONE = "done"
    DENIED = "denied"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def ended(self) -> bool:
        return self in ENDED

    def to_wire(self) -> v1.QueryState.ValueType:
        return v1.QueryState.Value("QUERY_STATE_" + self.name)


ENDED = frozenset({State.DONE, State.DENIED, State.FAILED, State.CANCELLED, State.EXPIRED})

_STOPS = {State.DENIED, State.FAILED, State.CANCELLED, State.EXPIRED}

NEXT: dict[State, set[State]] = {
    State.SUBMITTED: {State.AUTHORISING, *_STOPS},
    State.AUTHORISING: {State.AWAITING_APPROVAL, State.RUNNING, State.RELEASING, State.SUBMITTED, *_STOPS},
    State.AWAITING_APPROVAL: {State.AUTHORISING, State.RUNNING, State.SUBMITTED, *_STOPS},
    State.RUNNING: {State.RUNNING, State.RELEASING, State.SUBMITTED, *_STOPS},
    State.RELEASING: {State.DONE, *_STOPS},
    **{state: set() for state in ENDED},
}
"""Which state may follow which."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code of the catalogue with its public texts, the node it comes from (or empty), and the clause of
    that node's policy (or empty)."""

    code: str
    what: str
    fix: str
    node: str = ""
    what_da: str = ""
    fix_da: str = ""
    clause: str = ""

    def to_wire(self) -> v1.Reason:
        return v1.Reason(
            code=self.code,
            what=self.what,
            fix=self.fix,
            node=self.node,
            what_da=self.what_da,
            fix_da=self.fix_da,
            clause=self.clause,
        )

    @staticmethod
    def from_wire(reason: v1.Reason, node: str) -> Reason:
        """What ``node`` said, kept to a sensible length."""
        what_da, fix_da = reason.what_da[:1000], reason.fix_da[:1000]
        clause = reason.clause[:200]
        return Reason(reason.code[:60], reason.what[:1000], reason.fix[:1000], node, what_da, fix_da, clause)


@dataclass(frozen=True, slots=True)
class Awaited:
    """People at ``node`` have to approve, until ``until_us`` (UTC, microseconds since 1970)."""

    node: str
    until_us: int


@dataclass(frozen=True, slots=True)
class Record:
    """A query as the coordinator knows it. Instants in UTC, microseconds since 1970; ``awaiting`` while
    people have to approve it; ``from_store``: its answer is one that was computed for another query;
    ``kept_until``: the first day on which its release may be deleted (``2028-11-25``, in Copenhagen), empty
    if it has none or nobody says; ``deleted``: that has been done."""

    id: str
    digest: str
    analyst: str
    state: State
    stage: str
    per_mille: int
    attempt: int
    max_attempts: int
    reasons: tuple[Reason, ...]
    not_after_us: int
    submitted_us: int
    changed_us: int
    awaiting: tuple[Awaited, ...] = ()
    from_store: bool = False
    kept_until: str = ""
    deleted: bool = False

    def to_wire(self) -> v1.QueryStatus:
        return v1.QueryStatus(
            query_id=self.id,
            state=self.state.to_wire(),
            stage=self.stage,
            per_mille=self.per_mille,
            attempt=self.attempt,
            max_attempts=self.max_attempts,
            reasons=[reason.to_wire() for reason in self.reasons],
            submitted_at_us=self.submitted_us,
            changed_at_us=self.changed_us,
            query_digest=self.digest,
            from_store=self.from_store and self.state == State.DONE,
            kept_until=self.kept_until if self.state == State.DONE else "",
            deleted=self.deleted,
            awaiting=[v1.Awaited(node=a.node, until_us=a.until_us) for a in self.awaiting],
        )

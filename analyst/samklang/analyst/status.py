"""Where a query is: what :meth:`Client.watch` yields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from samklang.errors import Language, SamklangError
from samklang.model.base import Label
from samklang.transport.status import RemoteError
from samklang.v1 import federation_pb2 as v1

ENDED: Final = frozenset({"done", "denied", "failed", "cancelled", "expired"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a query was refused or failed: code, what happened, what to do, the partner it comes from, and the
    clause of that partner's policy, where it is known."""

    code: str
    what: str
    fix: str
    node: str = ""
    what_da: str = ""
    fix_da: str = ""
    clause: str = ""

    def __str__(self) -> str:
        return self.line("en")

    def line(self, lang: Language) -> str:
        """One line, in Danish if it is asked for and was sent."""
        danish = lang == "da" and self.what_da
        what, fix = (self.what_da, self.fix_da) if danish else (self.what, self.fix)
        clause = f" ({self.clause})" if self.clause else ""
        return f"{self.node + ': ' if self.node else ''}{self.code}{clause}: {what} {fix}"


@dataclass(frozen=True, slots=True)
class Awaited:
    """People at ``node`` have to approve until ``until`` (UTC); then the query expires."""

    node: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """One state of a query.

    Attributes:
        query: its id at the coordinator.
        state: submitted, authorising, awaiting-approval, running, releasing; done, denied, failed,
            cancelled, expired.
        stage: while running, the stage that was finished last.
        fraction: steps finished, 0 to 1; depends on no partner's data.
        attempt, max_attempts: counted from 1; attempt 0 before the first.
        reasons: for denied, failed and expired, while a new attempt follows a failed one, and why people
            have to approve while that is awaited.
        submitted_at, changed_at: UTC.
        digest: of the signed query, ``sha256:...``.
        from_store: done, and the answer was in the store already: nothing was spent for this query.
        awaiting: while people have to approve: where, and until when.
        kept_until: done: the first day on which the release may be deleted at the coordinator, as the
            partners' policies say; None if they don't.
        deleted: that has been done.
        title: the query's own, where it was listed with it.
    """

    query: str
    state: str
    stage: str
    fraction: float
    attempt: int
    max_attempts: int
    reasons: tuple[Reason, ...]
    submitted_at: datetime
    changed_at: datetime
    digest: str
    from_store: bool = False
    awaiting: tuple[Awaited, ...] = ()
    kept_until: date | None = None
    deleted: bool = False
    title: Label | None = None

    @property
    def ended(self) -> bool:
        """Nothing will change any more."""
        return self.state in ENDED

    def error(self) -> SamklangError:
        """The first reason as an error to raise, or ``client-not-done`` where there is none."""
        if not self.reasons:
            return SamklangError("client-not-done", state=self.state)
        first = self.reasons[0]
        danish = {"what_da": first.what_da, "fix_da": first.fix_da}
        error = RemoteError(first.code, first.what, first.fix, first.node, **danish)
        error.clause = first.clause
        return error

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return {
            "query": self.query,
            "state": self.state,
            "stage": self.stage,
            "fraction": self.fraction,
            "attempt": self.attempt,
            "max_attempts": self.max_attempts,
            "reasons": [asdict(reason) for reason in self.reasons],
            "submitted_at": self.submitted_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
            "digest": self.digest,
            "from_store": self.from_store,
            "kept_until": self.kept_until.isoformat() if self.kept_until else None,
            "deleted": self.deleted,
            "title": self.title.model_dump() if self.title else None,
            "awaiting": [{"node": a.node, "until": a.until.isoformat()} for a in self.awaiting],
        }


def instant(microseconds: int) -> datetime:
    """An instant of the wire, UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def local(at: datetime) -> str:
    """An instant as the reader's clock shows it, with that clock's zone: ``2026-11-25 12:01 CET``."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M %Z")


def from_message(message: v1.QueryStatus) -> Status:
    """The wire form as a :class:`Status`."""
    state = v1.QueryState.Name(message.state).removeprefix("QUERY_STATE_").lower().replace("_", "-")
    return Status(
        query=message.query_id,
        state=state,
        stage=message.stage,
        fraction=min(message.per_mille, 1000) / 1000,
        attempt=message.attempt,
        max_attempts=message.max_attempts,
        reasons=reasons_from(message.reasons),
        submitted_at=instant(message.submitted_at_us),
        changed_at=instant(message.changed_at_us),
        digest=message.query_digest,
        from_store=message.from_store,
        kept_until=date.fromisoformat(message.kept_until) if message.kept_until else None,
        deleted=message.deleted,
        awaiting=tuple(
            Awaited(a.node, _EPOCH + timedelta(microseconds=a.until_us)) for a in message.awaiting
        ),
    )


def reasons_from(reasons: Iterable[v1.Reason]) -> tuple[Reason, ...]:
    """The wire form of reasons."""
    return tuple(Reason(r.code, r.what, r.fix, r.node, r.what_da, r.fix_da, r.clause) for r in reasons)

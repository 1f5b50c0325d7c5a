"""The person's side: what waits, what it is, and a yes, a no, or a yes taken back, signed with one's own key.

Works beside the running node, which looks at the file every second. Whoever can write to the node's state
can enter a statement, but nobody can make one without the person's key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.model.approval import Statement, Word, person_of, read_statement, sign_statement
from samklang.model.calendar import SKEW
from samklang.model.plain_text import has_number
from samklang.model.policy import Policy
from samklang.model.signing import Signed
from samklang.node.approvals.file import EXPIRED, ApprovalFile, Request, Rows, Use
from samklang.node.approvals.gate import asked_of
from samklang.node.approvals.record import log_statement
from samklang.node.audit.trail import Trail, open_trail
from samklang.node.documents import Documents
from samklang.policy.approving import Verdict, check_statement, judge
from samklang.transport.log import redact

__all__ = ["Case", "Desk", "case_of", "check_open", "check_why", "open_desk", "word_of"]

SHORT = 8
"""Hex digits of a request's id, and of what was shown, that people use."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request as it stands.

    Attributes:
        state: waiting, approved, rejected, expired, changed (the policy is another now), ended (the
            coordinator says that nobody waits any more) or void (something recorded doesn't verify).
        said: everything that was said, in order; empty where it can't be verified any more.
        uses: attempts in which rows left.
    """

    request: Request
    state: str
    said: tuple[Statement, ...]
    verdict: Verdict | None
    uses: tuple[Use, ...]

    @property
    def seen(self) -> str:
        """The code that says which document was read."""
        return self.request.digest.removeprefix("sha256:")[:SHORT]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "id": self.request.id,
            "state": self.state,
            "seen": self.seen,
            "digest": self.request.digest,
            "query": self.request.query,
            "shown": self.request.shown.model_dump(mode="json", by_alias=True),
            "said": [statement.model_dump(mode="json") for statement in self.said],
            "uses": [{"attempt": use.attempt, "at": use.at.isoformat()} for use in self.uses],
        }


class Desk:
    """Requests and statements of one node.

    Args:
        file: where they are.
        policy: the one the node has pinned.
        trail: the audit log; what is said is on record there before it counts.
        clock: what time it is, in UTC.
    """

    def __init__(
        self,
        file: ApprovalFile,
        policy: Signed[Policy],
        trail: Trail | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = file
        self._policy = policy
        self._trail = trail
        self._clock = clock

    def cases(self) -> list[Case]:
        """All requests, newest first."""
        with self._file.reading() as rows:
            return [self._case(rows, request) for request in reversed(rows.requests())]

    def case(self, word: str) -> Case:
        """The request whose id begins with ``word``.

        Raises:
            SamklangError: ``approval-unknown``.
        """
        with self._file.reading() as rows:
            return self._case(rows, self._find(rows, word))

    def say(self, word: str, key: SigningKey, what: Word, why: str = "") -> Case:
        """Sign and enter a statement about the request whose id begins with ``word``.

        Raises:
            SamklangError: ``approval-*``: this person can't say that about this request.
        """
        approvers = self._policy.document.approvers
        person = person_of(key.verify_key, approvers)
        check_why(what, why)
        with self._file.writing() as rows:
            case = self._case(rows, self._find(rows, word))
            statement = word_of(case, person, approvers[person].role, what, why, self._clock())
            return self._enter(rows, case, sign_statement(statement, key))

    def enter(self, envelope: bytes) -> Case:
        """Enter a statement that was signed elsewhere.

        Raises:
            SamklangError: ``approval-*``, ``identity-*``: it can't be entered.
        """
        policy = self._policy.document
        statement = read_statement(envelope, policy.approvers)
        check_why(statement.word, statement.why)
        if statement.node != policy.policy.node:
            raise SamklangError("approval-other", what="node")
        with self._file.writing() as rows:
            return self._enter(rows, self._case(rows, self._find(rows, statement.request)), envelope)

    def statements(self, case: Case) -> list[bytes]:
        """What was said about it, as it was signed."""
        with self._file.reading() as rows:
            return rows.statements(case.request.id)

    def _enter(self, rows: Rows, case: Case, envelope: bytes) -> Case:
        request = case.request
        approvers = self._policy.document.approvers
        statement = read_statement(envelope, approvers)
        check_open(case, statement.word)
        check_statement(statement, asked_of(request), approvers, case.said)
        # A word from the future could be answered by no later one of the same person: not taken back.
        if statement.at > self._clock() + SKEW:
            raise SamklangError("approval-other", what="time")
        if self._trail:
            log_statement(self._trail, request, statement, approvers[statement.person], envelope)
        rows.enter(request.id, envelope, self._clock())
        return self._case(rows, request)

    def _find(self, rows: Rows, word: str) -> Request:
        found = rows.begins(word) if re.fullmatch(r"[0-9a-f]{4,32}", word) else []
        if len(found) != 1:
            raise SamklangError("approval-unknown", request=word[:32])
        return found[0]

    def _case(self, rows: Rows, request: Request) -> Case:
        envelopes, uses = rows.statements(request.id), tuple(rows.uses(request.id))
        return case_of(request, envelopes, uses, rows.ended(request.id), self._policy, self._clock())


def case_of(
    request: Request,
    envelopes: Sequence[bytes],
    uses: tuple[Use, ...],
    ended: str,
    policy: Signed[Policy],
    now: datetime,
) -> Case:
    """A request as it stands at ``now`` under the policy that holds; every signature is verified."""
    if request.policy != policy.digest:
        return Case(request, "changed", (), None, uses)
    approvers = policy.document.approvers
    try:
        verdict = judge(asked_of(request), approvers, envelopes, now)
        said = tuple(read_statement(envelope, approvers) for envelope in envelopes)
    except SamklangError:
        return Case(request, "void", (), None, uses)
    if ended == EXPIRED and verdict.state in ("waiting", "approved"):
        return Case(request, "expired", said, verdict, uses)
    over = verdict.state == "waiting" and ended
    return Case(request, "ended" if over else verdict.state, said, verdict, uses)


@contextmanager
def open_desk(documents: Documents) -> Iterator[Desk]:
    """The desk of a node, beside its process.

    Raises:
        SamklangError: ``ledger-unavailable``: the node's state can't be used, or isn't there yet.
    """
    state = documents.config.state
    file = ApprovalFile(state / "approvals.sqlite")
    trail = open_trail(state, documents.manifest.document.federation.id, documents.node.id)
    try:
        yield Desk(file, documents.policy, trail)
    finally:
        trail.close()
        file.close()


def word_of(case: Case, person: str, role: str, what: Word, why: str, now: datetime) -> Statement:
    """A person's word about exactly what was shown, to be signed."""
    shown = case.request.shown
    mine = [said.at for said in case.said if said.person == person]
    return Statement(
        node=shown.node,
        request=case.request.id,
        query=case.request.query,
        policy=case.request.policy,
        grant=shown.grant,
        shown=case.request.digest,
        nano_rho=shown.nano_rho,
        person=person,
        role=role,
        word=what,
        why=why,
        at=max([now.replace(microsecond=0), *(at + timedelta(seconds=1) for at in mine)]),
    )


def check_open(case: Case, what: Word) -> None:
    """Return if this can still be said about it; raises ``approval-over``.

    That it has ended, the coordinator says, and may offer it again: a no isn't for it to keep out.
    """
    if case.state not in ("waiting", "approved", *(() if what == "approve" else ("ended",))):
        raise SamklangError("approval-over", request=case.request.id[:SHORT], state=case.state)


def check_why(what: Word, why: str) -> None:
    """A no says why; nothing that could be a citizen goes to the analyst. Raises ``approval-text``."""
    if (what == "reject") != bool(why.strip()):
        raise SamklangError("approval-text", problem="a no needs a reason, and nothing else has one")
    if len(why) > 500 or not why.isprintable():
        raise SamklangError("approval-text", problem="it is too long or has odd characters")
    if redact(why) != why or has_number(why):
        raise SamklangError("approval-text", problem="it may have a citizen's number in it")

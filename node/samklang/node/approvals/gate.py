"""The node's side of an approval: may this attempt go on, must it wait, or has somebody said no?

- A request is on disk before the node says that it waits. The same signed query under the same policy is
  one request, whoever offers it and however often.
- What people signed is verified whenever it is used: when the query is offered again, and once more in the
  transaction in which the ledger is charged, so that a yes can be taken back until rows leave.
- What has been seen to expire stays expired, also when the clock is set back.
- Another policy is another request: what was approved under the old one doesn't count. Another snapshot of
  the data is not: nobody is shown data, and consent is applied to whatever snapshot is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import rfc8785

from samklang.errors import SamklangError
from samklang.model.approval import read_statement
from samklang.model.canonical import digest_bytes, plain
from samklang.model.policy import Policy
from samklang.model.query import Query
from samklang.model.signing import Signed
from samklang.node.approvals.file import EXPIRED, ApprovalFile, Request, Rows, new_id
from samklang.node.approvals.record import log_request, log_statement
from samklang.node.approvals.shown import Left, Subject, describe, why_of
from samklang.node.audit.trail import Trail
from samklang.policy.approving import Asked, Verdict, hours, judge
from samklang.transport.participation import Awaiting

__all__ = ["Gate", "Pass", "asked_of", "template_of"]


_TEMPLATE = frozenset(
    "federation operation target_group filter axes measures report_by require nodes".split()
)


def template_of(query: Query) -> str:
    """What kind of question it is: everything that decides the form of the table and whom it is about, but
    not the period, the price, the title or who asks."""
    parts = {key: value for key, value in plain(query).items() if key in _TEMPLATE}
    parts["purpose"] = [query.purpose.family, query.purpose.id]
    return digest_bytes(rfc8785.dumps(parts))


def asked_of(request: Request) -> Asked:
    """What statements about a request must say; all of it stands in what the person was shown."""
    shown = request.shown
    return Asked(
        node=shown.node,
        request=request.id,
        query=request.query,
        policy=request.policy,
        grant=shown.grant,
        shown=request.digest,
        nano_rho=shown.nano_rho,
        mode=shown.mode,
        roles=shown.roles,
        asker=shown.analyst,
        asker_key=request.asker_key,
        requested=shown.requested,
        expires=shown.expires,
    )


@dataclass(frozen=True, slots=True)
class Pass:
    """An approved request; see :meth:`used`."""

    gate: Gate
    request: Request
    verdict: Verdict

    @property
    def by(self) -> tuple[str, ...]:
        """Who has approved: person/role."""
        return tuple(f"{yes.person}/{yes.role}" for yes in self.verdict.by)

    @contextmanager
    def used(self, attempt: int) -> Iterator[None]:
        """Around the charge of an attempt: nobody can take a yes back while the block runs.

        Raises:
            SamklangError: ``approval-withdrawn``, ``approval-rejected``, ``approval-expired``,
                ``approval-void``; the block wasn't entered.
        """
        now = self.gate.clock()
        with self.gate.file.writing() as rows:
            verdict = self.gate.stands(rows, self.request, now)
            if verdict.state == "waiting":
                raise SamklangError("approval-withdrawn", node=self.request.shown.node)
            self.gate.refuse(self.request, verdict)
            rows.use(self.request.id, attempt, now)
            yield


class Gate:
    """All approvals of a node.

    Args:
        file: where they are.
        policy: the one the node has pinned.
        trail: the audit log.
        clock: what time it is, in UTC.
    """

    def __init__(
        self,
        file: ApprovalFile,
        policy: Signed[Policy],
        trail: Trail,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.file = file
        self.clock = clock
        self._policy = policy
        self._trail = trail
        self._version = file.version()

    def changed(self) -> bool:
        """Whether anybody else has written to the file
        since this was asked last."""
        before, self._version = self._version, self.file.version()
        return self._version != before

    def template_known(self, query: Query) -> bool:
        """Whether rows have left for a question of this form because people had approved it, under the
        policy that holds now."""
        with self.file.reading() as rows:
            for request in rows.of_template(template_of(query), self._policy.digest):
                for use in rows.uses(request.id):
                    if self.judge(rows, request, use.at).state == "approved":
                        return True
        return False

    def require(
        self,
        subject: Subject,
        *,
        called: str,
        asker_key: str,
        left: Left,
        why: Sequence[SamklangError],
        notes: Sequence[SamklangError] = (),
        must_know: bool = False,
    ) -> Pass:
        """Let an attempt through that needs approval, and has it.

        Args:
            subject: the compiled query and the decision about it.
            called: the coordinator's name for the query.
            asker_key: id of the key that signed the query.
            left: in the ledger.
            why: why a person has to decide.
            notes: what the person should know besides.
            must_know: a yes that was given without having seen ``notes`` doesn't count.

        Raises:
            Awaiting: people have still to decide; the request is on disk.
            SamklangError: ``approval-rejected``, ``approval-expired``, ``approval-nobody``,
                ``approval-changed``, ``approval-void``.
        """
        if not subject.obligations.approval.roles:
            raise SamklangError("approval-nobody", node=subject.node)
        now = self.clock().replace(microsecond=0)
        query = subject.verified.query
        with self.file.writing() as rows:
            request = rows.request(subject.verified.digest, subject.policy_digest)
            if request is None:
                expires = min(now + hours(subject.obligations.approval), query.not_after)
                shown = describe(
                    subject,
                    request=new_id(),
                    left=left,
                    why=why,
                    notes=notes,
                    requested=now,
                    expires=expires,
                )
                request = rows.open_request(shown, called, asker_key, template_of(query))
            elif rows.ended(request.id) not in ("", EXPIRED):
                rows.end(request.id, "", now)  # it is offered again after all
            self._check(request, subject, asker_key)
            if must_know and not {*map(why_of, notes)} <= {*request.shown.notes}:
                raise SamklangError("approval-changed", node=subject.node)
            verdict = self.stands(rows, request, self.clock())
            if verdict.state == "expired" and not rows.ended(request.id):
                rows.end(request.id, EXPIRED, now)
            self._log(rows, request)
        self.refuse(request, verdict)
        if verdict.state == "waiting":
            raise Awaiting(why, round(request.shown.expires.timestamp() * 1_000_000))
        return Pass(self, request, verdict)

    def _log(self, rows: Rows, request: Request) -> None:
        """Put the request, and what was said about it, on record unless it is there already."""
        log_request(self._trail, request)
        approvers = self._policy.document.approvers
        for envelope in rows.statements(request.id):
            statement = read_statement(envelope, approvers)
            log_statement(self._trail, request, statement, approvers[statement.person], envelope)

    def judge(self, rows: Rows, request: Request, now: datetime) -> Verdict:
        """What people have decided about a request under the policy that holds now."""
        if request.policy != self._policy.digest:
            raise SamklangError("approval-void", private="another policy")
        return judge(asked_of(request), self._policy.document.approvers, rows.statements(request.id), now)

    def stands(self, rows: Rows, request: Request, now: datetime) -> Verdict:
        """:meth:`judge`, and once expired is expired."""
        verdict = self.judge(rows, request, now)
        late = verdict.state in ("waiting", "approved") and rows.ended(request.id) == EXPIRED
        return Verdict("expired") if late else verdict

    def refuse(self, request: Request, verdict: Verdict) -> None:
        """Raise what ends the query, if it has ended."""
        shown = request.shown
        if verdict.state == "rejected":
            (no,) = verdict.by
            raise SamklangError("approval-rejected", node=shown.node, role=no.role, why=no.why)
        if verdict.state == "expired":
            until = shown.expires.strftime("%Y-%m-%d %H:%M UTC")
            raise SamklangError("approval-expired", node=shown.node, until=until)

    def decided(self) -> list[str]:
        """Names (the coordinator's) of the queries that it should offer again: people have decided, or the
        policy is another now; as long as the query itself is valid."""
        now = self.clock()
        found = []
        with self.file.reading() as rows:
            for request in rows.requests():
                if request.shown.not_after > now and self._state(rows, request) in ("decided", "changed"):
                    found.append(request.called)
        return list(dict.fromkeys(found))

    def over(self, called: str, code: str) -> None:
        """The coordinator says that a query has ended; kept for those who read the list, believed by
        nobody: if the query is offered again, it still needs its approval."""
        with self.file.writing() as rows:
            for request in rows.requests():
                if request.called == called and self._state(rows, request) == "waiting":
                    # Whether its time here is over is for this node to say.
                    rows.end(request.id, f"coordinator-{EXPIRED}" if code == EXPIRED else code, self.clock())

    def _state(self, rows: Rows, request: Request) -> str:
        if request.policy != self._policy.digest:
            return "changed"
        if rows.ended(request.id):
            return "over"
        try:
            verdict = self.judge(rows, request, self.clock())
        except SamklangError:
            return "decided"  # void: offered again, it is refused by name
        return "waiting" if verdict.state == "waiting" else "decided"

    def _check(self, request: Request, subject: Subject, asker_key: str) -> None:
        """What was shown is what the parties would compute now, and what it would cost."""
        shown, granted = request.shown, subject.obligations
        now = (
            subject.node, subject.verified.digest, subject.manifest_digest, subject.verified.query.codebook,
            subject.program.digest(), subject.program.noise.rho_charged, granted.grant,
            granted.approval.roles, asker_key,
        )  # fmt: skip
        then = (
            shown.node, shown.query, shown.manifest, shown.codebook,
            shown.program, shown.nano_rho, shown.grant,
            shown.roles, request.asker_key,
        )  # fmt: skip
        if now != then:
            raise SamklangError("approval-changed", node=subject.node)

"""What a node does with an offer: verify the query by itself, decide by its own policy, play its part.

Nothing here comes from the coordinator but the bytes that the analyst signed. The documents are those the
node has pinned; the decision depends on them, on its configuration, the ledger and the date, and on nobody's
data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from samklang.audit.entry import Event
from samklang.audit.receipt import witnesses_of
from samklang.errors import SamklangError
from samklang.model.calendar import day_of
from samklang.model.checks import check_query
from samklang.model.signing import VerifiedQuery, verify_query
from samklang.node.approvals.gate import Gate, Pass
from samklang.node.approvals.shown import Left, Subject
from samklang.node.audit import events
from samklang.node.audit.questions import unkept
from samklang.node.audit.retention import DEFAULT
from samklang.node.audit.trail import Trail
from samklang.node.differencing import Guard, details_of, note_of
from samklang.node.documents import Documents
from samklang.node.journal import Journal
from samklang.node.ledger import Ledger
from samklang.node.part import NodePart
from samklang.node.release_keys import ReleaseKeys
from samklang.policy import Obligations, Overlap, decide, request_for
from samklang.privacy.noise import NoiseSource
from samklang.protocol.compile import compile_query
from samklang.protocol.program import Program
from samklang.transport.addresses import AttemptId
from samklang.transport.participation import Awaiting, Refusal

if TYPE_CHECKING:
    from samklang.node.audit.citizens import Citizens
    from samklang.node.data.snapshot import Hold
    from samklang.node.snapshots import Holder


class Partner:
    """A node's answer to offers: call it with (bundle, attempt).

    Args:
        documents: pinned.
        snapshots: the node's data; each attempt holds the snapshot it pledges until it ends.
        ledger: charged before rows leave.
        journal: what must happen once only.
        noise: where this node's noise comes from.
        trail: the audit log; a decision is on record before it is said, a charge before rows leave.
        keys: names of the answers that this node has taken part in.
        approvals: where people decide what the policy leaves to them; without it that is refused.
        guard: has the last word on what the policy permits.
        clock: UTC now, as the calendar of snapshots has it.
        citizens: whose records took part, for those who ask about their own.
    """

    def __init__(
        self,
        documents: Documents,
        snapshots: Holder,
        ledger: Ledger,
        journal: Journal,
        noise: NoiseSource,
        trail: Trail,
        approvals: Gate | None = None,
        citizens: Citizens | None = None,
        *,
        keys: ReleaseKeys,
        guard: Guard,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.clock = clock
        self.documents = documents
        self.keys = keys
        self.snapshots = snapshots
        self.ledger = ledger
        self.journal = journal
        self.noise = noise
        self.trail = trail
        self.approvals = approvals
        self.guard = guard
        self.citizens = citizens
        self.charging = Lock()

    def __call__(self, bundle: bytes, attempt: AttemptId) -> NodePart:
        """Decide about an offer.

        Raises:
            Refusal: with every reason.
            Awaiting: people have still to decide.
        """
        verified: VerifiedQuery | None = None
        try:
            verified = verify_query(bundle, self.documents.manifest.document, datetime.now(UTC))
            program = self._understand(verified, attempt)
        except SamklangError as error:
            self._log_unread(verified, bundle, attempt.number, error)
            raise Refusal([error]) from error
        obligations, hold, found = None, None, None
        try:
            found = self._overlap(verified, program)
            obligations, missing = self._decide(verified, program, found)
            hold = self.snapshots.hold() if obligations else None
            part = NodePart(self, verified, program, obligations, attempt.number, hold, found)
            part.check()
            if obligations and missing:
                part.approval = self._approval(attempt, verified, program, obligations, missing, found)
        except BaseException as error:
            if hold:
                hold.let_go()
            if isinstance(error, Awaiting):
                self._log(
                    verified,
                    program,
                    bundle,
                    attempt.number,
                    "pending",
                    error.reasons,
                    obligations,
                    hold,
                    found,
                )
                raise
            if not isinstance(error, SamklangError | Refusal):
                raise
            refusal = error if isinstance(error, Refusal) else Refusal([error])
            reasons = refusal.reasons
            self._log(verified, program, bundle, attempt.number, "deny", reasons, obligations, hold, found)
            raise refusal from error
        yes = part.approval.by if part.approval else ()
        try:
            part.permitted = self._log(
                verified, program, bundle, attempt.number, "permit", (), obligations, hold, found, yes
            )
        except BaseException:
            part.close()
            raise
        return part

    def _log(
        self,
        verified: VerifiedQuery,
        program: Program,
        bundle: bytes,
        attempt: int,
        decision: str,
        reasons: Sequence[SamklangError],
        obligations: Obligations | None,
        hold: Hold | None,
        found: Overlap | None,
        approvers: Sequence[str] = (),
    ) -> Event:
        """Put the decision on record, and which earlier question it overlaps."""
        event = events.asked(
            self.documents,
            verified,
            attempt,
            decision=decision,
            reasons=reasons,
            obligations=obligations,
            snapshot=hold.snapshot.id if hold else "",
            participants=program.inputs,
            approvers=approvers,
        )
        if found is not None:
            event = replace(event, details={**event.details, **details_of(found)})
        self._append(event, bundle, obligations.retention.audit if obligations else DEFAULT)
        return event

    def _log_unread(
        self, verified: VerifiedQuery | None, bundle: bytes, attempt: int, error: SamklangError
    ) -> None:
        """Put a refusal on record that came before any decision; who asked, if that could be told."""
        if verified is None:
            self.trail.append(events.unread(self.documents, attempt, [error]))
        else:
            event = events.asked(self.documents, verified, attempt, decision="deny", reasons=[error])
            self._append(event, bundle, DEFAULT)

    def _append(self, event: Event, bundle: bytes, keep: str) -> None:
        """With the signed query beside it, unless that isn't kept, which the entry says."""
        why = unkept(bundle)
        if why is not None:
            event = replace(event, details={**event.details, "unkept": why})
        self.trail.append(event, keep=keep, bundle=b"" if why else bundle)

    def _understand(self, verified: VerifiedQuery, attempt: AttemptId) -> Program:
        """The query compiled; raises whatever is wrong with it but its signatures."""
        manifest, codebook = self.documents.manifest.document, self.documents.codebook.document
        check_query(verified.query, manifest, codebook)
        if attempt.number > verified.query.max_attempts:
            raise SamklangError("transport-too-many-attempts", attempts=verified.query.max_attempts)
        program = compile_query(manifest, codebook, verified.query)
        if self.documents.node.id not in program.participants:
            raise SamklangError("transport-not-asked", node=self.documents.node.id)
        for node in program.inputs:
            witnesses_of(node, program.inputs, manifest)
        return program

    def _overlap(self, verified: VerifiedQuery, program: Program) -> Overlap | None:
        """The answered question from which this one differs in few citizens, if there is one."""
        if self.documents.node.id not in program.inputs:
            return None
        return self.guard.overlap(verified.query, verified.digest)

    def _decide(
        self, verified: VerifiedQuery, program: Program, found: Overlap | None
    ) -> tuple[Obligations | None, tuple[SamklangError, ...]]:
        """The policy's obligations, and why people have to approve if they have to; no obligations for a
        node that only computes and has no rows in this query."""
        node = self.documents.node.id
        if node not in program.inputs:
            return None, ()
        request = request_for(
            verified.query,
            self.documents.manifest.document,
            self.documents.codebook.document,
            node=node,
            role=verified.role,
            today=day_of(self.clock()),
            cells=program.released,
            template_known=bool(self.approvals and self.approvals.template_known(verified.query)),
            attributed=self.documents.config.attributed,
        )
        decision = decide(self.documents.rules, request)
        decision = self.guard.decide(decision, found, verified.analyst)
        reasons = tuple(reason.error(self.documents.source) for reason in decision.reasons)
        if decision.outcome == "pending" and decision.obligations and self.approvals:
            return decision.obligations, reasons
        if not decision.permitted:
            raise Refusal(reasons)
        return decision.granted(), ()

    def _approval(
        self,
        attempt: AttemptId,
        verified: VerifiedQuery,
        program: Program,
        obligations: Obligations,
        why: tuple[SamklangError, ...],
        found: Overlap | None,
    ) -> Pass:
        """What people have decided.

        Raises:
            Awaiting: they have still to decide.
            SamklangError: ``approval-*``: they have said no, or too late.
        """
        assert self.approvals is not None, "asked for in _decide"
        documents = self.documents
        left = self.ledger.remaining(now=datetime.now(UTC), grant=obligations.grant, caps=obligations.caps)
        subject = Subject(
            verified,
            program,
            obligations,
            documents.manifest.document,
            documents.codebook.document,
            documents.policy.document,
            node=documents.node.id,
            policy_digest=documents.policy.digest,
            manifest_digest=documents.manifest.digest,
        )
        return self.approvals.require(
            subject,
            called=attempt.query,
            asker_key=verified.key,
            left=Left(month=left.month, year=left.year, lifetime=left.lifetime),
            why=why,
            notes=[note_of(found)] if found else [],
            must_know=documents.rules.policy.differencing.overlap != "allow",
        )

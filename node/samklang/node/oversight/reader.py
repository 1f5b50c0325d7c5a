"""Everything the oversight service says, read from the node's files; it has no way to write to any of them.

What is said is public documents, amounts of budget, the log's entries, what approvers were shown and signed,
ids of snapshots, and the size of a register to one digit. A reader verifies documents, chain, log and
signatures by itself: this node could say anything.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from samklang.errors import SamklangError
from samklang.node.approvals.desk import Desk
from samklang.node.approvals.file import ApprovalFile
from samklang.node.audit.heads import Heads
from samklang.node.audit.keys import LogSigner
from samklang.node.audit.trail import Logged, Trail
from samklang.node.documents import Documents
from samklang.node.ledger_view import open_ledger
from samklang.node.snapshots import Holder
from samklang.policy import Caps
from samklang.v1 import oversight_pb2 as v1

__all__ = ["Reader", "about", "read_documents"]

PAGE = 500
"""Entries in one answer at most."""
REQUESTS = 100
QUERY_BYTES = 512 << 10
"""Signed queries in one answer, together, unless a single one is longer."""


def about(number: int) -> str:
    """A number of citizens in which nobody can see one come or go: one digit that means something."""
    if number == 0:
        return "0"
    if number < 100:
        return "<100"
    power = 10 ** (len(str(number)) - 1)
    return str(round(number / power) * power)


def read_documents(documents: Documents) -> v1.GetNodeDocumentsResponse:
    """The signed envelopes that the node has started with; raises ``OSError``."""
    files = documents.config.documents
    found = (path.read_bytes() for path in (files.manifest, files.codebook, files.policy))
    return v1.GetNodeDocumentsResponse(**dict(zip(("manifest", "codebook", "policy"), found, strict=True)))


class Reader:
    """Answers of one node; its functions run in a thread.

    Args:
        documents: pinned.
        caps: of the data set, over all grants.
        state: the node's folder; the ledger in it is opened for reading.
        trail, signer: the audit log, and what its state is signed with. A state that doesn't continue what
            was signed before is never signed.
        approvals: the file of approvals.
        snapshots: of the snapshot in use, the size of its registers is looked at.
    """

    def __init__(
        self,
        documents: Documents,
        caps: Caps,
        state: Path,
        trail: Trail,
        signer: LogSigner,
        approvals: ApprovalFile,
        snapshots: Holder,
    ) -> None:
        self._documents = documents
        self._caps = caps
        self._state = state
        self._trail = trail
        self._signer = signer
        self._heads = Heads(trail, signer)
        self._approvals = approvals
        self._desk = Desk(approvals, documents.policy)
        self._snapshots = snapshots
        self._signed = read_documents(documents)
        self._started = datetime.now(UTC)

    @property
    def organisation(self) -> str:
        """Whose officers may read."""
        return self._documents.node.organisation

    def documents(self) -> v1.GetNodeDocumentsResponse:
        return self._signed

    def ledger(self, after: int) -> v1.GetLedgerResponse:
        """A page of charges, and what was spent in the periods that are running."""
        now = datetime.now(UTC)
        grants = {grant.id: grant.budget for grant in self._documents.rules.policy.grants}
        with open_ledger(self._state) as view:
            answer = v1.GetLedgerResponse(head=view.verify().text)
            for entry in view.entries():
                if entry.number <= after:
                    continue
                if len(answer.entries) == PAGE:
                    break
                answer.entries.add(
                    number=entry.number,
                    query_digest=entry.query,
                    attempt=entry.attempt,
                    grant=entry.grant,
                    nano_rho=entry.nano_rho,
                    delta=str(entry.delta),
                    at=entry.at,
                    month=entry.month,
                    hash=bytes.fromhex(entry.hash),
                )
            for name in [None, *dict.fromkeys([*grants, *view.grants()])]:
                budget = grants.get(name or "")
                caps = self._caps if name is None else _caps(budget)
                for standing in view.account(now, caps, name).standings:
                    account = answer.accounts.add(
                        grant=name or "", period=standing.period, spent=standing.spent
                    )
                    if standing.cap is not None:
                        account.cap = standing.cap
        return answer

    def log(self, start: int, limit: int, seen: int) -> v1.GetLogResponse:
        """A page of the log with its signed state; raises ``ValueError`` for a state it never had."""
        state = self._trail.checkpoint()
        newest = self._heads.newest()
        note = state.sign(self._signer.key)
        if newest is not None and newest.text == note.text:
            note = note.with_lines(newest.lines)
        answer = v1.GetLogResponse(statement=self._signer.statement.to_bytes(), checkpoint=str(note))
        for partner, statement in self._heads.partners().items():
            answer.keys[partner] = statement.to_bytes()
        if start == 0:
            answer.heads.extend(str(note) for note in self._heads.cosigned())
        if 0 < seen <= state.size:
            answer.consistency.extend(self._trail.consistency(seen, state.size))
        last = min(state.size, start + min(limit or PAGE, PAGE))
        for entry in self._trail.entries(start, last):
            answer.entries.add(number=entry.number, leaf=entry.leaf, fields=_fields(entry))
        return answer

    def queries(self, after: str) -> v1.GetQueriesResponse:
        """A page of the signed queries of which an entry says something yet."""
        answer, size = v1.GetQueriesResponse(), 0
        for digest in sorted(d for d in self._trail.spoken_of() if d > after):
            bundle = self._trail.questions.find(digest)
            if bundle is None:
                continue
            if size and size + len(bundle) > QUERY_BYTES:
                answer.more = True
                break
            answer.queries.add(digest=digest, bundle=bundle)
            size += len(bundle)
        return answer

    def approvals(self, limit: int) -> v1.GetApprovalsResponse:
        """Requests, newest first."""
        answer = v1.GetApprovalsResponse()
        with self._approvals.reading() as rows:
            for request in rows.requests()[::-1][: min(limit or REQUESTS, REQUESTS)]:
                shown = answer.requests.add(
                    shown=request.data,
                    asker_key=request.asker_key,
                    statements=rows.statements(request.id),
                    ended=rows.ended(request.id),
                )
                for use in rows.uses(request.id):
                    shown.uses.add(attempt=use.attempt, at=use.at.isoformat())
        return answer

    def snapshots(self) -> v1.GetSnapshotsResponse:
        """Ids, times and whose rows from the log, and the registers of the snapshot in use."""
        answer = v1.GetSnapshotsResponse()
        for entry in self._trail.entries():
            if entry.value("kind") == "snapshot":
                details = entry.value("details")
                whose = details.get("controllers", "") if isinstance(details, dict) else ""
                answer.snapshots.add(
                    id=str(entry.value("snapshot")),
                    at=str(entry.value("at")),
                    controllers=str(whose).split(),
                )
        ordered = [*answer.snapshots][::-1][:REQUESTS]
        del answer.snapshots[:]
        answer.snapshots.extend(ordered)
        with suppress(SamklangError):  # there is none while the next one is overdue
            held = self._snapshots.hold()
            try:
                for name, register in sorted(held.snapshot.registers.items()):
                    answer.registers.add(name=name, kind=register.kind, about=about(len(register.cpr)))
            finally:
                held.let_go()
        return answer

    def health(self, linked: bool) -> v1.GetHealthResponse:
        return v1.GetHealthResponse(
            node=self._documents.node.id,
            software_version=version("samklang"),
            linked=linked,
            started_at=self._started.isoformat(timespec="seconds"),
            waiting=sum(case.state == "waiting" for case in self._desk.cases()),
        )


def _caps(budget: object) -> Caps | None:
    from samklang.model.policy import Budget

    if not isinstance(budget, Budget):
        return None
    lifetime = budget.lifetime.epsilon if budget.lifetime else None
    return Caps.from_epsilon(
        budget.delta, month=budget.month.epsilon, year=budget.year.epsilon, lifetime=lifetime
    )


def _fields(entry: Logged) -> str:
    shown = {name: {"salt": item.salt.hex(), "value": item.value} for name, item in entry.shown.items()}
    return json.dumps(shown, ensure_ascii=False)

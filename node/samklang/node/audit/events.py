"""What the node writes into its log, event by event; the words come from signed documents alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from samklang.audit.entry import Event
from samklang.audit.why import DETAIL, write_reasons
from samklang.errors import SamklangError
from samklang.model.query import Query, VariableAxis
from samklang.node.audit.trail import Trail

if TYPE_CHECKING:
    from samklang.model.signing import VerifiedQuery
    from samklang.node.data.snapshot import Snapshot
    from samklang.node.documents import Documents
    from samklang.node.ledger_chain import Head
    from samklang.policy import Obligations

__all__ = ["asked", "asked_for", "charged", "head_text", "log_snapshot", "log_start", "unread"]


def log_start(trail: Trail, documents: Documents) -> None:
    """The node has started with these documents; says so if the policy is another one."""
    started = replace(_of_node(documents), details={"version": version("samklang")})
    before = trail.newest("started")
    trail.append(started)
    if before is not None and before.value("policy") not in (None, documents.policy.digest):
        policy = documents.policy.document.policy
        details = {"id": policy.id, "version": str(policy.version), "before": str(before.value("policy"))}
        trail.append(replace(started, kind="policy-changed", details=details))


def log_snapshot(trail: Trail, documents: Documents, snapshot: Snapshot) -> None:
    """The node answers from this snapshot from now on; the same one after a restart is no news."""
    times = {"loaded_at": snapshot.loaded_at, "due": snapshot.due}
    details = {name: at.isoformat(timespec="seconds") for name, at in times.items() if at}
    if snapshot.controllers is not None:
        details["controllers"] = " ".join(sorted(snapshot.controllers))
    taken = replace(_of_node(documents), kind="snapshot", snapshot=snapshot.id, details=details)
    trail.append(taken, once=f"snapshot/{snapshot.id}")


def _of_node(documents: Documents) -> Event:
    me = documents.node
    return Event(
        kind="started",
        actor=me.id,
        organisation=me.organisation,
        key=documents.certificate.fingerprint,
        policy=documents.policy.digest,
        codebook=documents.codebook.digest,
        manifest=documents.manifest.digest,
    )


def asked(
    documents: Documents,
    verified: VerifiedQuery,
    attempt: int,
    *,
    decision: str,
    reasons: Sequence[SamklangError] = (),
    obligations: Obligations | None = None,
    snapshot: str = "",
    participants: Sequence[str] = (),
    approvers: Sequence[str] = (),
) -> Event:
    """The node has decided about an attempt of a query."""
    query, policy = verified.query, documents.policy
    basis: tuple[str, ...] = ()
    text = ""
    if obligations is not None:
        found = obligations.basis
        basis = (*found.gdpr, *found.danish, found.decision)
        grants = {grant.id: grant for grant in policy.document.grants}
        text = grants[obligations.grant].purpose.text
    return Event(
        kind="asked",
        actor=verified.analyst,
        organisation=verified.organisation,
        key=verified.key,
        purpose=f"{query.purpose.family}/{query.purpose.id}",
        purpose_text=text,
        basis=basis,
        operation=query.operation,
        target_group=query.target_group or "",
        variables=asked_for(query),
        grant=obligations.grant if obligations else "",
        query=verified.digest,
        attempt=attempt,
        policy=policy.digest,
        codebook=documents.codebook.digest,
        manifest=documents.manifest.digest,
        snapshot=snapshot,
        decision=decision,
        codes=[reason.code for reason in reasons],
        details=_why(documents, reasons),
        recipients=query.recipients,
        participants=participants,
        approvers=approvers,
    )


def unread(documents: Documents, attempt: int, reasons: Sequence[SamklangError]) -> Event:
    """A query was refused before anybody could tell whose it is."""
    return Event(
        kind="asked",
        attempt=attempt,
        policy=documents.policy.digest,
        codebook=documents.codebook.digest,
        manifest=documents.manifest.digest,
        decision="deny",
        codes=[reason.code for reason in reasons],
        details=_why(documents, reasons),
    )


def _why(documents: Documents, reasons: Sequence[SamklangError]) -> dict[str, str]:
    grants = [grant.id for grant in documents.policy.document.grants]
    return {DETAIL: write_reasons(reasons, grants)} if reasons else {}


def charged(permitted: Event, head: Head, *, spent: int, nano_rho: int) -> Event:
    """The ledger was charged for what ``permitted`` says; ``spent``: its sum at ``head``."""
    return replace(
        permitted,
        kind="charged",
        at=None,
        rho_before=spent - nano_rho,
        rho_after=spent,
        ledger=head_text(head),
    )


def head_text(head: Head) -> str:
    return f"{head.ledger}/{head.entries}/{head.hash}"


def asked_for(query: Query) -> tuple[str, ...]:
    """What a query reads, in the codebook's names."""
    axes = [
        f"{a.variable}/{a.banding}" if isinstance(a, VariableAxis) else f"presence of {a.presence}"
        for a in query.axes
    ]
    filters = [f"{f.variable}/{f.banding}" for f in query.filter]
    measures = [f"{m.variable} as measure" for m in query.measures]
    margin = [f"{m.axis}/{m.banding}" for m in query.report_by if m.banding]
    return tuple(dict.fromkeys((*axes, *filters, *measures, *margin)))

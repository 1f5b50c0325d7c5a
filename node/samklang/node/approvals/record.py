"""What the audit log says of approvals: who was asked, who said what, about which document."""

from __future__ import annotations

from typing import Final

from samklang.audit.entry import Event
from samklang.identity.keys import VerifyKey
from samklang.model.approval import Statement
from samklang.model.canonical import digest_bytes
from samklang.model.policy import Approver
from samklang.node.approvals.file import Request
from samklang.node.audit.trail import Trail

__all__ = ["log_request", "log_statement"]

KINDS: Final = {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"}


def log_request(trail: Trail, request: Request) -> None:
    """People are asked; once per request."""
    shown = request.shown
    event = _event(
        request,
        "approval-requested",
        actor=shown.analyst,
        organisation=shown.organisation,
        key=request.asker_key,
        codes=[why.code for why in shown.why],
        details={"expires": shown.expires.isoformat(), "mode": shown.mode, "roles": ", ".join(shown.roles)},
    )
    trail.append(event, once=f"approval-requested/{request.id}", keep=shown.retention_audit)


def log_statement(
    trail: Trail, request: Request, statement: Statement, approver: Approver, envelope: bytes
) -> None:
    """Somebody has decided; once per statement."""
    digest = digest_bytes(envelope)
    event = _event(
        request,
        KINDS[statement.word],
        actor=statement.person,
        key=VerifyKey.from_text(approver.key).keyid,
        approvers=[f"{statement.person}/{statement.role}"],
        details={"statement": digest, "signed": statement.at.isoformat()},
    )
    trail.append(event, once=f"approval/{digest}", keep=request.shown.retention_audit)


def _event(request: Request, kind: str, *, details: dict[str, str], **fields: object) -> Event:
    shown = request.shown
    return Event(
        kind=kind,
        purpose=f"{shown.family}/{shown.grant}",
        purpose_text=shown.purpose_granted,
        basis=(*shown.gdpr, *shown.danish, shown.decision),
        operation=shown.operation,
        target_group=shown.group.id or "",
        grant=shown.grant,
        query=request.query,
        policy=request.policy,
        codebook=shown.codebook,
        manifest=shown.manifest,
        recipients=shown.recipients,
        details={"request": request.id, "shown": request.digest, **details},
        **fields,  # type: ignore[arg-type]
    )

"""Who may call what: one row per RPC. No row, no answer; a test proves that no RPC lacks one."""

from __future__ import annotations

from typing import Final

from samklang.errors import SamklangError
from samklang.transport.peer import Peer

INVITED: Final = "invited"
"""Somebody without a certificate, on the port for requests to join: what they prove, the service checks."""

MAY_CALL: Final[dict[str, frozenset[str]]] = {
    "/samklang.v1.Federation/GetDocuments": frozenset({"analyst", "dpo", "operator", "node"}),
    "/samklang.v1.Federation/Submit": frozenset({"analyst"}),
    "/samklang.v1.Federation/Watch": frozenset({"analyst"}),
    "/samklang.v1.Federation/GetRelease": frozenset({"analyst"}),
    "/samklang.v1.Federation/List": frozenset({"analyst"}),
    "/samklang.v1.Federation/Cancel": frozenset({"analyst"}),
    "/samklang.v1.Federation/Plan": frozenset({"analyst"}),
    "/samklang.v1.Enrolment/Apply": frozenset({INVITED}),
    "/samklang.v1.Enrolment/Collect": frozenset({INVITED}),
    "/samklang.v1.Federation/ListParticipations": frozenset({"dpo"}),
    "/samklang.v1.Oversight/GetNodeDocuments": frozenset({"dpo"}),
    "/samklang.v1.Oversight/GetLedger": frozenset({"dpo"}),
    "/samklang.v1.Oversight/GetLog": frozenset({"dpo"}),
    "/samklang.v1.Oversight/GetQueries": frozenset({"dpo"}),
    "/samklang.v1.Oversight/GetApprovals": frozenset({"dpo"}),
    "/samklang.v1.Oversight/GetSnapshots": frozenset({"dpo"}),
    "/samklang.v1.Oversight/GetHealth": frozenset({"dpo", "operator"}),
    "/samklang.v1.Nodes/Link": frozenset({"node"}),
    "/samklang.v1.Nodes/Push": frozenset({"node"}),
    "/samklang.v1.Nodes/Pull": frozenset({"node"}),
}
"""Full method name to the kinds of certificate that may call it. That the caller owns the query, and speaks
under its own name, is checked by the services themselves; that an officer is of the node's organisation, by
the node's server for all of ``Oversight``."""


def authorise(method: str, peer: Peer, federation: str) -> None:
    """Let ``peer`` call ``method`` of a process of ``federation``.

    Raises:
        SamklangError: ``transport-other-federation``, ``transport-not-authorised``.
    """
    if peer.federation != federation:
        raise SamklangError("transport-other-federation", federation=peer.federation)
    allowed = MAY_CALL.get(method, frozenset())
    if peer.kind not in allowed:
        raise SamklangError(
            "transport-not-authorised",
            kind=peer.kind,
            method=method.rpartition("/")[2],
            allowed=", ".join(sorted(allowed)) or "nobody",
        )

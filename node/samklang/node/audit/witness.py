"""This node as a witness of its partners' logs: what it has seen is on disk before it cosigns.

A log that was cut, rewritten or shown in two versions isn't cosigned; that it was tried is an entry of this
node's own log, with both checkpoints, so that it can be shown to others.
"""

from __future__ import annotations

import time

from samklang.audit.checkpoint import Checkpoint, origin_of, parse_checkpoint
from samklang.audit.entry import Event
from samklang.audit.note import Line, line_of
from samklang.audit.statement import LogKey, read_statement
from samklang.audit.witness import NOTHING, Conflict, Known, Request, consider, parse_request
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import VerifyKey
from samklang.model.manifest import Manifest
from samklang.node.audit.keys import LogSigner
from samklang.node.audit.trail import Trail

__all__ = ["Witness"]


class Witness:
    """Cosigns for the other nodes of ``manifest``."""

    def __init__(self, trail: Trail, signer: LogSigner, manifest: Manifest) -> None:
        self._trail = trail
        self._signer = signer
        self._manifest = manifest
        self._pinned = {node.id: VerifyKey.from_text(node.identity) for node in manifest.nodes}

    def cosign(self, node: str, statement: bytes, body: bytes) -> Line | Conflict:
        """The cosignature line for a checkpoint of the log of ``node``, or the size to begin at.

        Args:
            statement: about the log's key.
            body: an ``add-checkpoint`` request.

        Raises:
            SamklangError: ``audit-statement``, ``audit-note*``, ``audit-origin``, ``audit-log-behind``,
                ``audit-log-forked``.
        """
        log = self.vouched(node, statement)[1]
        request = parse_request(body)
        try:
            # Looking up, deciding and remembering are one transaction (C2SP tlog-witness).
            with self._trail.file.writing() as db:
                row = db.execute(
                    "SELECT size, root FROM witnessed WHERE origin = ?", (log.origin,)
                ).fetchone()
                outcome = consider(request, Known(*row) if row else NOTHING, log.log)
                if isinstance(outcome, Conflict):
                    return outcome
                values = (outcome.origin, outcome.size, outcome.root, str(request.note))
                db.execute(
                    "INSERT INTO witnessed VALUES (?1, ?2, ?3, ?4) "
                    "ON CONFLICT DO UPDATE SET size = ?2, root = ?3, note = ?4",
                    values,
                )
        except SamklangError as error:
            if error.code in ("audit-log-behind", "audit-log-forked"):
                self._accuse(node, error.code, request)
            raise
        return line_of(request.note.text, self._trail.origin, self._signer.key, cosign_at=int(time.time()))

    def vouched(self, node: str, statement: bytes) -> tuple[Envelope, LogKey]:
        """The statement of another node about its log key; raises ``audit-statement``."""
        if node not in self._pinned or node == self._trail.node:
            raise SamklangError("audit-statement", node=node)
        envelope = Envelope.from_bytes(statement)
        return envelope, read_statement(envelope, node, self._manifest.federation.id, self._pinned[node])

    def known(self) -> dict[str, Checkpoint]:
        """Log to the newest checkpoint of it that was cosigned here."""
        with self._trail.file.reading() as db:
            rows = db.execute("SELECT origin, size, root FROM witnessed ORDER BY origin").fetchall()
        return {origin: Checkpoint(origin, size, root) for origin, size, root in rows}

    def readmit(self, node: str) -> bool:
        """Forget what was seen of a node's log, so that it may begin anew: for a partner that lost its file
        and has said so. On record here, with the last checkpoint that was seen; False if none was.

        Raises:
            SamklangError: ``audit-statement``: no such node.
        """
        if node not in self._pinned:
            raise SamklangError("audit-statement", node=node)
        origin = origin_of(self._manifest.federation.id, node)
        with self._trail.file.reading() as db:
            row = db.execute("SELECT note FROM witnessed WHERE origin = ?", (origin,)).fetchone()
        if row is None:
            return False
        details = {"log": origin, "cosigned": row[0]}
        self._trail.append(Event(kind="witness-reset", actor=self._trail.node, details=details))
        with self._trail.file.writing() as db:
            db.execute("DELETE FROM witnessed WHERE origin = ?", (origin,))
        return True

    def _accuse(self, node: str, code: str, request: Request) -> None:
        """On record once for each checkpoint; the notes are the log's own words."""
        shown = parse_checkpoint(request.note)
        with self._trail.file.reading() as db:
            row = db.execute("SELECT note FROM witnessed WHERE origin = ?", (shown.origin,)).fetchone()
        organisations = {n.id: n.organisation for n in self._manifest.nodes}
        event = Event(
            kind="witness-refused",
            actor=node,
            organisation=organisations[node],
            codes=[code],
            details={"log": shown.origin, "shown": str(request.note), "cosigned": row[0] if row else ""},
        )
        self._trail.append(event, once=f"{code}/{shown.origin}/{shown.size}/{shown.root.hex()}")

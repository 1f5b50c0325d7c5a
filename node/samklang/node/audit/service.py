"""Answers what the coordinator asks about audit logs: one question, one answer, never an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rfc8785

from samklang.audit.note import parse_note
from samklang.audit.receipt import dump_receipt
from samklang.audit.witness import Conflict
from samklang.errors import SamklangError
from samklang.node.audit.heads import Heads
from samklang.node.audit.keys import LogSigner
from samklang.node.audit.results import Results
from samklang.node.audit.witness import Witness
from samklang.transport.log import Log
from samklang.transport.status import named, to_reason
from samklang.v1 import nodes_pb2 as v1

if TYPE_CHECKING:
    from samklang.model.manifest import Manifest
    from samklang.node.audit.trail import Trail
    from samklang.node.ledger import Ledger
    from samklang.node.release_keys import ReleaseKeys

__all__ = ["AuditService"]

log = Log(__name__)


class AuditService:
    """Call it with a question. Runs in a thread; calls may overlap.

    Args:
        trail: this node's log.
        signer: its key.
        ledger: what this node was charged for.
        manifest: whose logs it witnesses.
        keys: names of the answers that this node has taken part in.
    """

    def __init__(
        self, trail: Trail, signer: LogSigner, ledger: Ledger, manifest: Manifest, keys: ReleaseKeys
    ) -> None:
        self._me = trail.node
        self._statement = signer.statement.to_bytes()
        self._heads = Heads(trail, signer)
        self._results = Results(trail, self._heads, ledger, keys)
        self._witness = Witness(trail, signer, manifest)

    def __call__(self, question: v1.AuditQuestion) -> v1.AuditAnswer:
        kind = question.WhichOneof("question")
        try:
            answer = self._answer(question)
        except Exception as problem:
            if not isinstance(problem, SamklangError):
                log.error("audit question failed", problem, question=kind)
            error = named(problem, self._me)
            log.warning("audit question refused", question=kind, code=error.code, private=error.private)
            answer = v1.AuditAnswer(problem=to_reason(error, self._me))
        else:
            log.info("audit question answered", question=kind)
        answer.id = question.id
        return answer

    def compare(self, shown: bytes) -> None:
        """See :meth:`samklang.node.audit.heads.Heads.compare`."""
        self._heads.compare(shown)

    def _answer(self, question: v1.AuditQuestion) -> v1.AuditAnswer:
        match question.WhichOneof("question"):
            case "record":
                ask = question.record
                number = self._results.record(
                    ask.query_digest, ask.computed_digest, ask.attempt, ask.result_digest
                )
                return v1.AuditAnswer(recorded=v1.Recorded(number=number))
            case "prove":
                receipt, requests = self._results.prove(question.prove.number, dict(question.prove.seen))
                written = rfc8785.dumps(dump_receipt(receipt))
                proven = v1.Proven(receipt=written, statement=self._statement, requests=requests)
                return v1.AuditAnswer(proven=proven)
            case "cosign":
                add = question.cosign
                outcome = self._witness.cosign(add.node, add.statement, add.request)
                cosigned = v1.Cosigned(statement=self._statement)
                if isinstance(outcome, Conflict):
                    cosigned.size = outcome.size
                else:
                    cosigned.lines = str(outcome).encode()
                return v1.AuditAnswer(cosigned=cosigned)
            case "keep":
                keep = question.keep
                said = {n: self._witness.vouched(n, s)[0] for n, s in keep.statements.items()}
                self._heads.keep(parse_note(keep.note), said)
                return v1.AuditAnswer(kept=v1.Kept())
        raise SamklangError("transport-message", problem="this question is not known")

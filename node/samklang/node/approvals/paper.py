"""A request on paper: a file that an approver reads and decides on a machine of their own.

Nobody vouches for the file, and nobody has to: everything that is read in it hangs on the bytes that the node
made for people (``shown``), and the digest of these is in what the person signs. They name the policy, whose
bytes come along and say who may approve; its approvers' keys verify what others have said. So a file that was
altered is refused where it is read, or makes a statement that no node takes (:meth:`.desk.Desk.enter`). What
may be missing is a word that somebody else has said meanwhile, or that was taken out: the node knows it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope, fields, parse_json
from samklang.identity.keys import VerifyKey
from samklang.model.approval import Statement, Word, person_of
from samklang.model.canonical import digest_bytes, parse_canonical
from samklang.model.policy import Policy
from samklang.model.signing import PAYLOAD_TYPES, Signed
from samklang.node.approvals.desk import Case, case_of, check_open, check_why, word_of
from samklang.node.approvals.file import Request
from samklang.node.approvals.gate import asked_of
from samklang.node.approvals.shown import Shown
from samklang.policy.approving import check_statement

__all__ = ["Paper", "read_paper", "write_paper"]

VERSION: Final = "samklang/approval-paper/1"


@dataclass(frozen=True, slots=True)
class Paper:
    """A request as it was when the file was written, at the time when it is read.

    ``policy`` is the one that the request names; that its controllers have signed it, the node has verified.
    """

    case: Case
    policy: Policy

    def statement(self, key: VerifyKey, what: Word, why: str, now: datetime) -> Statement:
        """What the person with this ``key`` would sign about exactly what this file shows.

        Raises:
            SamklangError: ``approval-*``: this person can't say that about this request.
        """
        check_why(what, why)
        check_open(self.case, what)
        approvers = self.policy.approvers
        person = person_of(key, approvers)
        statement = word_of(self.case, person, approvers[person].role, what, why, now)
        check_statement(statement, asked_of(self.case.request), approvers, self.case.said)
        return statement


def write_paper(case: Case, said: list[bytes], policy: Envelope) -> bytes:
    """The file, JSON.

    Args:
        said: the statements about the request, as they were entered.
        policy: the node's signed policy.

    Raises:
        SamklangError: ``approval-over``: it can't be decided any more.
    """
    check_open(case, "reject")
    content = {
        "version": VERSION,
        "digest": case.request.digest,
        "shown": base64.b64encode(case.request.data).decode("ascii"),
        "policy": policy.to_json(),
        "said": [Envelope.from_bytes(envelope).to_json() for envelope in said],
    }
    return json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"


def read_paper(data: bytes, now: datetime) -> Paper:
    """Read a file of :func:`write_paper`.

    Raises:
        SamklangError: ``approval-paper``: it is none, or something in it doesn't belong together;
            ``document-newer`` if a newer version made the request or its policy.
    """
    try:
        shown, policy, said = _parts(data)
        signed = Signed(parse_canonical(policy, Policy), digest_bytes(policy))
        document = parse_canonical(shown, Shown)
    except SamklangError as error:
        if error.code in ("approval-paper", "document-newer"):
            raise
        raise SamklangError("approval-paper", problem="it is no request for approval") from None
    request = Request(0, document.request, document.query, document.policy, "", "", "", document, shown)
    case = case_of(request, said, (), "", signed, now)
    if case.state == "changed":
        raise SamklangError("approval-paper", problem="the policy in it isn't the one that the request names")
    if case.state == "void":
        raise SamklangError("approval-paper", problem="what others have said in it doesn't verify")
    return Paper(case, signed.document)


def _parts(data: bytes) -> tuple[bytes, bytes, list[bytes]]:
    """The bytes that people are shown, the policy's, and the statements."""
    names = ("version", "digest", "shown", "policy", "said")
    version, digest, encoded, policy, said = fields(parse_json(data), *names)
    if version != VERSION or not isinstance(encoded, str) or not isinstance(said, list):
        raise SamklangError("approval-paper", problem="it is no request for approval")
    try:
        shown = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise SamklangError("approval-paper", problem="it is no request for approval") from None
    if digest_bytes(shown) != digest:
        raise SamklangError("approval-paper", problem="its digest is that of something else")
    envelope = Envelope.from_json(policy)
    if envelope.payload_type != PAYLOAD_TYPES[Policy]:
        raise SamklangError("approval-paper", problem="it is no request for approval")
    return shown, envelope.payload, [Envelope.from_json(one).to_bytes() for one in said]

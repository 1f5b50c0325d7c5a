"""What an approver signs: yes, no, or a yes taken back, to one exact request and to what was shown of it.

A statement is a DSSE envelope over canonical bytes, signed by one person with a key that the node's policy
pins. It names the node, the request (random, made when the query waited for the first time), the query, the
policy, the digest of what the person was shown, and the cost; so it counts for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.base import Digest, Document, Identifier
from samklang.model.canonical import canonical, parse_exact
from samklang.model.policy import Approver

__all__ = ["APPROVAL_TYPE", "RequestId", "Statement", "Word", "person_of", "read_statement", "sign_statement"]

APPROVAL_TYPE = "application/vnd.samklang.approval.v1+json"

RequestId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""16 random bytes in hex, chosen by the node."""

Word = Literal["approve", "reject", "withdraw"]
"""``reject`` ends the query; ``withdraw`` takes the person's own ``approve`` back."""


class Statement(Document):
    """One person's word. ``why`` is for a no, and the analyst reads it."""

    version: Literal["samklang/approval/1"] = "samklang/approval/1"
    node: Identifier
    request: RequestId
    query: Digest
    policy: Digest
    grant: Identifier
    shown: Digest
    """Of the document that the person read before deciding."""
    nano_rho: Annotated[int, Field(ge=1)]
    """What one attempt is charged."""
    person: Identifier
    """As in the policy's `approvers`."""
    role: Identifier
    word: Word
    why: Annotated[str, StringConstraints(max_length=500)] = ""
    at: AwareDatetime
    """When it was signed; a person's later word replaces the earlier one."""


def sign_statement(statement: Statement, key: SigningKey) -> bytes:
    """The envelope."""
    return Envelope.sign(APPROVAL_TYPE, canonical(statement), [key]).to_bytes()


def person_of(key: VerifyKey, approvers: Mapping[str, Approver]) -> str:
    """Whose key it is.

    Raises:
        SamklangError: ``approval-not-approver``; ``approval-same-key`` if it stands under two names.
    """
    found = [person for person, approver in approvers.items() if approver.key == key.text]
    if not found:
        raise SamklangError("approval-not-approver")
    if len(found) > 1:
        raise SamklangError("approval-same-key")
    return found[0]


def read_statement(envelope: bytes, approvers: Mapping[str, Approver]) -> Statement:
    """A statement that one of ``approvers``, and nobody else, has signed in their own name and role.

    Raises:
        SamklangError: ``identity-*``, ``document-*``, ``approval-not-approver``, ``approval-same-key``.
    """
    parsed = Envelope.from_bytes(envelope)
    keys = {VerifyKey.from_text(approver.key).keyid: approver.key for approver in approvers.values()}
    named = [keys[signature.keyid] for signature in parsed.signatures if signature.keyid in keys]
    if len(named) != 1 or len(parsed.signatures) != 1:
        raise SamklangError("approval-not-approver")
    key = VerifyKey.from_text(named[0])
    person = person_of(key, approvers)
    statement = parse_exact(parsed.verify(APPROVAL_TYPE, [key]), Statement)
    if (statement.person, statement.role) != (person, approvers[person].role):
        raise SamklangError("approval-not-approver")
    return statement

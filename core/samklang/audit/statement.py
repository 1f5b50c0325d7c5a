"""Whose log key is this? The node's identity key, which the signed manifest pins, says so.

A log key is made by the node itself when it first starts. Its statement travels with every receipt and
export, so that whoever has the manifest, or the identity keys alone, can verify them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from samklang.audit.checkpoint import origin_of
from samklang.audit.note import COSIGNATURE, ED25519, NoteKey
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.base import Document, Identifier
from samklang.model.canonical import canonical, parse_exact
from samklang.model.manifest import PublicKey

__all__ = ["LogKey", "make_statement", "read_statement"]

STATEMENT_TYPE = "application/vnd.samklang.log-key.v1+json"


class LogKey(Document):
    """A node's word for the key that signs its log's checkpoints and its cosignatures of others'."""

    federation: Identifier
    node: Identifier
    origin: Annotated[str, StringConstraints(max_length=200)]
    key: PublicKey
    since: AwareDatetime

    @property
    def log(self) -> NoteKey:
        """As the signer of its own checkpoints."""
        return NoteKey(self.origin, VerifyKey.from_text(self.key), ED25519)

    @property
    def witness(self) -> NoteKey:
        """As the cosigner of others'. Messages of the two kinds begin differently: no log is called
        ``cosignature/v1``."""
        return NoteKey(self.origin, VerifyKey.from_text(self.key), COSIGNATURE)


def make_statement(said: LogKey, identity: SigningKey) -> Envelope:
    """Signed by the node's identity key."""
    return Envelope.sign(STATEMENT_TYPE, canonical(said), [identity])


def read_statement(envelope: Envelope, node: str, federation: str, identity: VerifyKey) -> LogKey:
    """The log key of ``node``, if its ``identity`` key says so.

    Raises:
        SamklangError: ``audit-statement``.
    """
    try:
        said = parse_exact(envelope.verify(STATEMENT_TYPE, [identity]), LogKey)
    except SamklangError as error:
        raise SamklangError("audit-statement", node=node, private=error.code) from None
    if (said.node, said.federation, said.origin) != (node, federation, origin_of(federation, node)):
        raise SamklangError("audit-statement", node=node)
    return said

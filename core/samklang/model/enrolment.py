"""The papers of an enrolment: an invitation, the member's signed request, the operator's reply.

An *invitation* is one text that the operator gives to a new member: where to ask, which authority to expect
there, and a secret that is good for one request. Whoever steals it can ask in the member's place and no more:
nobody is admitted before both sides have compared fingerprints by telephone. The secret itself never travels;
its holder shows an HMAC (RFC 2104) over what it hands in.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.base import Document, Identifier, Label
from samklang.model.canonical import canonical, digest_bytes, parse_exact
from samklang.model.config import Address
from samklang.model.manifest import PublicKey
from samklang.model.plain_text import one_line

__all__ = [
    "COLLECT",
    "Invitation",
    "MemberKind",
    "Reply",
    "Request",
    "fitting",
    "proof",
    "read_invitation",
    "read_reply",
    "read_request",
    "sign_request",
]

REQUEST_TYPE: Final = "application/vnd.samklang.enrolment.v1+json"
COLLECT: Final = b"collect"
LONGEST_LABEL: Final = 120
_PREFIX: Final = "samklang-invitation-1:"

MemberKind = Literal["node", "analyst", "dpo", "operator", "evaluator"]
"""Who may ask to join. All but an evaluator get a certificate of that kind; an evaluator opens no connection
itself (``docs/adr/0019``), and gets a line in the manifest instead: its key vouches for its people."""


class Request(Document):
    """Who wants to join, with the public halves of the keys it has made.

    ``sectors``: of a node; empty for a person. ``hosts``: names by which a node that serves oversight is
    called, to stand in its certificate. ``csr``: PKCS 10, PEM; empty for an evaluator, which gets no
    certificate. ``replaces``: the identity key that a member had before, which signs as well; none where it
    is new or keeps its key.
    """

    version: Literal["samklang/enrolment/1"] = "samklang/enrolment/1"
    federation: Identifier
    kind: MemberKind
    id: Identifier
    organisation: Identifier
    label: Label
    sectors: tuple[Identifier, ...] = ()
    hosts: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,253}$")], ...] = ()
    identity: PublicKey
    csr: str
    replaces: PublicKey | None = None


class Reply(Document):
    """What the operator gives back: all of it public. ``certificate``: empty for an evaluator."""

    version: Literal["samklang/enrolment-reply/1"] = "samklang/enrolment-reply/1"
    certificate: str
    authority: Annotated[str, Field(min_length=1)]
    coordinator: Address


class Invitation(Document):
    """See the module. ``authority``: the certificate (PEM) of whoever certifies the coordinator; ``address``:
    where requests are taken; ``secret``: 128 random bits, hex; ``until``: it is good before this instant."""

    federation: Identifier
    address: Address
    authority: Annotated[str, Field(min_length=1, max_length=4000)]
    number: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    secret: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] = Field(repr=False)
    kind: MemberKind
    id: Identifier
    organisation: Identifier
    sectors: tuple[Identifier, ...] = ()
    until: AwareDatetime

    @classmethod
    def new(cls, until: datetime, **said: object) -> Invitation:
        """An invitation with a new number and secret; ``said``: the other fields."""
        fresh = {"number": secrets.token_hex(8), "secret": secrets.token_hex(16)}
        return cls.model_validate({**said, **fresh, "until": until})

    def text(self) -> str:
        """One line to hand over."""
        return _PREFIX + base64.urlsafe_b64encode(self.model_dump_json().encode()).decode("ascii")

    def fits(self, request: Request) -> bool:
        """Whether ``request`` is from whom this invitation is for."""
        mine = (self.federation, self.kind, self.id, self.organisation, self.sectors)
        theirs = (request.federation, request.kind, request.id, request.organisation, request.sectors)
        return mine == theirs


def fitting(asked: Request | Invitation) -> None:
    """Return if what is asked for fits the kind, and its label can be shown to those who will sign it, or
    raise ``enrolment-kind``, ``enrolment-label``.

    An evaluator is an organisation, known by that name alone, and has nothing to certify; an operator has
    nothing of a node's.
    """
    lean = asked.kind in ("operator", "evaluator")
    wrong = [lean and bool(asked.sectors), asked.kind == "evaluator" and asked.id != asked.organisation]
    if isinstance(asked, Request):
        wrong += [lean and bool(asked.hosts), (asked.kind == "evaluator") != (not asked.csr)]
    if any(wrong):
        raise SamklangError("enrolment-kind", kind=asked.kind)
    if isinstance(asked, Request):
        for label in (asked.label.en, asked.label.da):
            if not label or one_line(label, LONGEST_LABEL) != label:
                raise SamklangError("enrolment-label", limit=LONGEST_LABEL)


def read_invitation(text: str) -> Invitation:
    """Read an invitation's line; raises ``enrolment-invitation-form``."""
    words = text.strip()
    try:
        if not words.startswith(_PREFIX):
            raise ValueError
        data = base64.b64decode(words.removeprefix(_PREFIX), altchars=b"-_", validate=True)
        return Invitation.model_validate_json(data)
    except (ValueError, binascii.Error, ValidationError):
        raise SamklangError("enrolment-invitation-form") from None


def proof(secret: str, message: bytes) -> bytes:
    """HMAC-SHA-256 under an invitation's secret."""
    return hmac.digest(bytes.fromhex(secret), b"samklang/enrolment/1\n" + message, "sha256")


def sign_request(request: Request, *keys: SigningKey) -> tuple[bytes, str]:
    """(the paper, its fingerprint); signed by the identity key that it names, and the one it replaces."""
    payload = canonical(request)
    return Envelope.sign(REQUEST_TYPE, payload, keys).to_bytes(), digest_bytes(payload)


def read_request(data: bytes) -> tuple[Request, str]:
    """A request and its fingerprint, if the identity keys in it have signed it.

    Raises:
        SamklangError: ``identity-*``, ``document-*``, ``enrolment-kind``, ``enrolment-label``.
    """
    envelope = Envelope.from_bytes(data)
    unverified = parse_exact(envelope.payload, Request)
    named = [key for key in (unverified.identity, unverified.replaces) if key is not None]
    payload = envelope.verify(REQUEST_TYPE, [VerifyKey.from_text(key) for key in named])
    request = parse_exact(payload, Request)
    fitting(request)
    return request, digest_bytes(payload)


def read_reply(data: bytes, name: str) -> Reply:
    """A reply; its certificates are not checked here. Raises ``enrolment-file`` naming ``name``."""
    try:
        return Reply.model_validate(json.loads(data))
    except ValueError:
        raise SamklangError("enrolment-file", file=name, problem="it is no reply") from None

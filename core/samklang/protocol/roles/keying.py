"""Step 1: pair keys between all participants, one link key among the input parties.

Each contribution is sealed by HPKE to its recipient and signed by its sender, because HPKE's base mode
says nothing about who sealed. The coordinator gets pair keys but never a link contribution.
"""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.base import Document, Identifier
from samklang.model.canonical import canonical, parse_exact
from samklang.protocol.actions import Action, Compute, Receive, Send
from samklang.protocol.agreement import Agreement
from samklang.protocol.hpke import HpkePrivateKey
from samklang.protocol.messages import VERSION
from samklang.protocol.prg import prefixed
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.roles.session import Session
from samklang.protocol.streams import BytesSink, BytesSource

KEY_TYPE = "application/vnd.samklang.key.v1+json"
MAX_KEY_MESSAGE = 16 << 10
_SECRET = 32
_SEPARATOR = b"\n"

Purpose = Literal["pair", "link"]


class KeyMessage(Document):
    """What is signed: a contribution sealed to the recipient, and everything it belongs to."""

    version: Literal["samklang/blind-stratification/2"]
    transcript: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    sender: Identifier
    recipient: Identifier
    purpose: Purpose
    ciphertext: str


def pair_key(transcript: bytes, contributions: dict[str, bytes]) -> bytes:
    """HKDF over both parties' contributions, in the order of their names.

    Args:
        contributions: each of the two parties → its 32 bytes.
    """
    names = sorted(contributions)
    info = prefixed(VERSION.encode(), b"pair", transcript, *(n.encode() for n in names))
    secret = b"".join(contributions[n] for n in names)
    return HKDF(SHA256(), 32, salt=None, info=info).derive(secret)


def link_key(transcript: bytes, contributions: dict[str, bytes]) -> bytes:
    """HKDF over every input party's contribution, in the order of their names, length-prefixed."""
    names = sorted(contributions)
    info = prefixed(VERSION.encode(), b"link", transcript, *(n.encode() for n in names))
    return HKDF(SHA256(), 32, salt=None, info=info).derive(prefixed(*(contributions[n] for n in names)))


class Keying(ScriptRole):
    """Fills ``session.pair`` and, for an input party, ``session.link_key``."""

    def __init__(
        self, session: Session, agreement: Agreement, own: HpkePrivateKey, identity: SigningKey
    ) -> None:
        super().__init__()
        self.session, self.agreement, self._own, self._identity = session, agreement, own, identity
        inputs = session.program.inputs
        self._links = set(inputs) if session.me in inputs else set()
        self._peers = [p for p in session.program.participants if p != session.me]

    def script(self) -> Script:
        s = self.session
        made = yield [Compute("keys/seal", self._seal_all)]
        pairs, link, messages = made["compute:keys/seal"]
        sinks = {p: BytesSink(MAX_KEY_MESSAGE, at_most=True) for p in self._peers}
        actions: list[Action] = [Receive(p, "key", sinks[p]) for p in self._peers]
        actions += [Send(p, "key", BytesSource(messages[p])) for p in self._peers]
        yield actions

        def open_all() -> None:
            links = {s.me: link}
            for peer in self._peers:
                parts = bytes(sinks[peer].data).split(_SEPARATOR)
                if len(parts) != (2 if peer in self._links else 1):
                    raise SamklangError("protocol-key-message", party=peer, reason="parts are missing")
                theirs = self._open(parts[0], peer, "pair")
                s.pair[peer] = pair_key(s.transcript, {s.me: pairs[peer], peer: theirs})
                if peer in self._links:
                    links[peer] = self._open(parts[1], peer, "link")
            if self._links:
                s.link_key = link_key(s.transcript, links)

        yield [Compute("keys/open", open_all)]

    def _seal_all(self) -> tuple[dict[str, bytes], bytes, dict[str, bytes]]:
        pairs = {p: secrets.token_bytes(_SECRET) for p in self._peers}
        link = secrets.token_bytes(_SECRET)
        messages = {}
        for peer in self._peers:
            parts = [self._seal(pairs[peer], peer, "pair")]
            if peer in self._links:
                parts.append(self._seal(link, peer, "link"))
            messages[peer] = _SEPARATOR.join(parts)
        return pairs, link, messages

    def _info(self, sender: str, recipient: str, purpose: Purpose) -> bytes:
        parts = (VERSION, sender, recipient, purpose)
        return prefixed(self.session.transcript, *(p.encode() for p in parts))

    def _seal(self, secret: bytes, peer: str, purpose: Purpose) -> bytes:
        s = self.session
        ciphertext = self.agreement.keys[peer].seal(secret, self._info(s.me, peer, purpose))
        message = KeyMessage(
            version=VERSION,
            transcript=s.transcript.hex(),
            sender=s.me,
            recipient=peer,
            purpose=purpose,
            ciphertext=base64.b64encode(ciphertext).decode(),
        )
        return Envelope.sign(KEY_TYPE, canonical(message), [self._identity]).to_bytes()

    def _open(self, envelope: bytes, peer: str, purpose: Purpose) -> bytes:
        def refuse(reason: str) -> SamklangError:
            return SamklangError("protocol-key-message", party=peer, reason=reason)

        try:
            payload = Envelope.from_bytes(envelope).verify(KEY_TYPE, [self.agreement.identities[peer]])
            message = parse_exact(payload, KeyMessage)
        except SamklangError as error:
            raise refuse("it isn't signed by that party's identity key") from error
        expected = (self.session.transcript.hex(), peer, self.session.me, purpose)
        if (message.transcript, message.sender, message.recipient, message.purpose) != expected:
            raise refuse("it belongs to something else")
        try:
            ciphertext = base64.b64decode(message.ciphertext, validate=True)
        except ValueError:
            raise refuse("it isn't base64") from None
        secret = self._own.open(ciphertext, self._info(peer, self.session.me, purpose))
        if secret is None or len(secret) != _SECRET:
            raise refuse("it isn't sealed to this party")
        return secret

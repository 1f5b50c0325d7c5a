"""Key messages that are forged: by the relay, by another participant, by a participant for another use."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.support.adversary import THREE, install, overlapping, refused_among, small
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.canonical import canonical
from samklang.protocol.hpke import HpkePublicKey
from samklang.protocol.participant import Participant
from samklang.protocol.prg import prefixed
from samklang.protocol.roles.keying import KEY_TYPE, Keying, KeyMessage
from samklang.protocol.simulation import Chunk, Network, Simulation

FEDERATION: Federation = small(THREE)
SENDER, RECIPIENT = "clinic", "home"


def content(part: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Envelope.from_bytes(part).payload)
    return found


def message(fields: dict[str, Any]) -> bytes:
    return canonical(KeyMessage.model_validate_json(json.dumps(fields)))


@dataclass(frozen=True)
class Forger:
    """What a forger may use: every identity key that can be had, and everybody's public HPKE key."""

    keys: dict[str, HpkePublicKey]

    def signed(self, part: bytes, key: SigningKey, **other: str) -> bytes:
        """The message with other fields, signed by ``key``."""
        return Envelope.sign(KEY_TYPE, message(content(part) | other), [key]).to_bytes()

    def sealed(self, part: bytes, recipient: str) -> str:
        """The forger's own secret, sealed in the right context."""
        fields = content(part)
        names = (fields[n].encode() for n in ("version", "sender", "recipient", "purpose"))
        info = prefixed(bytes.fromhex(fields["transcript"]), *names)
        return base64.b64encode(self.keys[recipient].seal(secrets.token_bytes(32), info)).decode()

    def old_signature(self, part: bytes, **other: str) -> bytes:
        """Other content under the signature that was there."""
        payload = base64.b64encode(message(content(part) | other)).decode()
        return json.dumps(json.loads(part) | {"payload": payload}).encode()


STRANGER = SigningKey.generate()
Forgery = Callable[[Forger, list[bytes]], list[bytes]]
OWN = FEDERATION.keys[SENDER]
"""The sender's identity key: what is signed with it shows what the other checks are for."""

FORGERIES: dict[str, tuple[Forgery, str]] = {
    "signed by a stranger": (
        lambda f, parts: [
            f.signed(p, SigningKey.generate(), ciphertext=f.sealed(p, RECIPIENT)) for p in parts
        ],
        "identity key",
    ),
    "signed by the coordinator": (
        lambda f, parts: [
            f.signed(p, FEDERATION.keys[COORDINATOR], ciphertext=f.sealed(p, RECIPIENT)) for p in parts
        ],
        "identity key",
    ),
    "signed by another node": (
        lambda f, parts: [f.signed(p, FEDERATION.keys["practice"]) for p in parts],
        "identity key",
    ),
    "sealed again by the relay": (
        lambda f, parts: [f.old_signature(p, ciphertext=f.sealed(p, RECIPIENT)) for p in parts],
        "identity key",
    ),
    "only the link contribution sealed again": (
        lambda f, parts: [parts[0], f.old_signature(parts[1], ciphertext=f.sealed(parts[1], RECIPIENT))],
        "identity key",
    ),
    "of another transcript": (
        lambda f, parts: [f.signed(p, OWN, transcript="0" * 64) for p in parts],
        "something else",
    ),
    "for another recipient": (
        lambda f, parts: [f.signed(p, OWN, recipient="practice") for p in parts],
        "something else",
    ),
    "of another sender": (
        lambda f, parts: [f.signed(p, OWN, sender="practice") for p in parts],
        "something else",
    ),
    "purposes swapped": (lambda f, parts: parts[::-1], "something else"),
    "purposes swapped and signed so": (
        lambda f, parts: [
            f.signed(parts[1], OWN, purpose="pair"),
            f.signed(parts[0], OWN, purpose="link"),
        ],
        "sealed to this party",
    ),
    "sealed to somebody else": (
        lambda f, parts: [f.signed(p, OWN, ciphertext=f.sealed(p, "practice")) for p in parts],
        "sealed to this party",
    ),
    "not base64": (lambda f, parts: [f.signed(p, OWN, ciphertext="!") for p in parts], "base64"),
    "link contribution missing": (lambda f, parts: parts[:1], "parts are missing"),
    "a third part": (lambda f, parts: [*parts, parts[0]], "parts are missing"),
    "nothing": (lambda f, parts: [], "parts are missing"),
}


def participants() -> dict[str, Participant]:
    return FEDERATION.participants(overlapping(FEDERATION.program), NoNoise())


def relay(forger: Forger, change: Forgery, sender: str = SENDER) -> Network:
    """Puts other parts into one key message."""

    def network(chunk: Chunk) -> list[Chunk]:
        if (chunk.stage, chunk.sender, chunk.recipient) != ("key", sender, RECIPIENT):
            return [chunk]
        return [replace(chunk, data=b"\n".join(change(forger, chunk.data.split(b"\n"))))]

    return network


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_key_messages_are_refused_before_anything_is_paid(name: str) -> None:
    change, reason = FORGERIES[name]
    roles = participants()
    network = relay(Forger(dict(roles[RECIPIENT].agreement.keys)), change)
    run = refused_among(roles, "protocol-key-message", RECIPIENT, reason=reason, network=network)
    assert not run.charges
    assert not [r for r in run.relayed if r[0].startswith("rows/")]


def test_a_link_contribution_from_the_coordinator_is_refused() -> None:
    """It is no input party: whatever it adds to its message is one part too many."""
    roles = participants()
    key = FEDERATION.keys[COORDINATOR]
    network = relay(
        Forger(dict(roles[RECIPIENT].agreement.keys)),
        lambda f, parts: [*parts, f.signed(parts[0], key, purpose="link")],
        COORDINATOR,
    )
    refused_among(roles, "protocol-key-message", RECIPIENT, reason="parts are missing", network=network)


def test_a_message_that_nobody_changed_passes_the_forger() -> None:
    """The tests above refuse what was changed, not what went through their hands."""
    roles = participants()
    resigned: Forgery = lambda f, parts: [f.signed(p, OWN) for p in parts]  # noqa: E731
    network = relay(Forger(dict(roles[RECIPIENT].agreement.keys)), resigned)
    assert COORDINATOR in Simulation(roles, network).run()


class TwoFaced(Keying):
    """The sender gives two input parties different link contributions, each properly sealed and signed."""

    def _seal_all(self) -> tuple[dict[str, bytes], bytes, dict[str, bytes]]:
        pairs, link, messages = super()._seal_all()
        if self.session.me == SENDER:
            parts = [self._seal(pairs["practice"], "practice", "pair")]
            parts.append(self._seal(secrets.token_bytes(32), "practice", "link"))
            messages["practice"] = b"\n".join(parts)
        return pairs, link, messages


def test_a_party_with_another_link_key_is_named_before_any_row_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(monkeypatch, Keying=TwoFaced)
    run = refused_among(participants(), "protocol-link-key", *FEDERATION.program.inputs)
    assert not run.charges
    assert not [r for r in run.relayed if r[0].startswith("rows/")]

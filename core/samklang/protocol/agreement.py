"""Step 0: every participant says, signed, what it agrees to; all derive one transcript from that.

An :class:`Acceptance` names the documents by digest, the attempt, the node's policy and snapshot, its TLS
certificate and a fresh HPKE key. The *transcript* is SHA-256 over all acceptances and the roles; it is
bound into every key and every sealed message, so parties that were told different things can't talk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.base import Digest, Document, Identifier
from samklang.model.canonical import canonical, parse_exact
from samklang.model.manifest import Manifest
from samklang.model.policy import Duration
from samklang.protocol.hpke import HpkePrivateKey, HpkePublicKey
from samklang.protocol.messages import VERSION
from samklang.protocol.prg import prefixed
from samklang.protocol.program import Program

ACCEPTANCE_TYPE = "application/vnd.samklang.acceptance.v1+json"


class Acceptance(Document):
    """One participant's word. ``policy`` and ``snapshot`` are empty where it contributes no records."""

    version: Literal["samklang/blind-stratification/2"]
    party: Identifier
    query: Digest
    manifest: Digest
    codebook: Digest
    program: Digest
    attempt: Annotated[int, Field(ge=1, le=3)]
    policy: str = ""
    snapshot: str = ""
    min_count: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Least count that its policy lets a shown cell have."""
    secondary_suppression: bool = False
    """Its policy wants no hidden cell to follow from others by subtraction."""
    retention: Duration | Literal[""] = ""
    """How long its policy lets the release be kept, ISO 8601."""
    stored_only: bool = False
    """It can't pay for an answer: it takes part only in one that is in the store."""
    certificate: str
    """SHA-256 fingerprint of its TLS certificate, hex."""
    hpke: str
    """Its ephemeral public key (:class:`HpkePublicKey`), base64."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What all acceptances of one attempt must say alike."""

    query: str
    manifest: str
    codebook: str
    program: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Pledge:
    """An acceptance that this participant has made, with the private key that goes with it."""

    envelope: bytes
    terms: Terms
    key: HpkePrivateKey = field(repr=False)


def accept(
    terms: Terms,
    party: str,
    identity: SigningKey,
    *,
    certificate: str,
    policy: str = "",
    snapshot: str = "",
    min_count: int = 0,
    secondary_suppression: bool = False,
    retention: str = "",
    stored_only: bool = False,
) -> Pledge:
    """Agree to take part: makes the ephemeral key and signs the acceptance.

    Args:
        certificate: SHA-256 fingerprint of this participant's TLS certificate, hex.
        policy, snapshot, min_count, secondary_suppression, retention, stored_only: of a node that contributes
            records.
    """
    key = HpkePrivateKey.generate()
    acceptance = Acceptance(
        version=VERSION,
        party=party,
        query=terms.query,
        manifest=terms.manifest,
        codebook=terms.codebook,
        program=terms.program,
        attempt=terms.attempt,
        policy=policy,
        snapshot=snapshot,
        min_count=min_count,
        secondary_suppression=secondary_suppression,
        retention=retention,
        stored_only=stored_only,
        certificate=certificate,
        hpke=key.public().text(),
    )
    envelope = Envelope.sign(ACCEPTANCE_TYPE, canonical(acceptance), [identity])
    return Pledge(envelope.to_bytes(), terms, key)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everybody's acceptances, verified.

    Attributes:
        transcript: 32 bytes, the same at every participant.
        acceptances: what each participant said.
        keys: each participant's ephemeral public key.
        identities: each participant's identity key, from the manifest.
    """

    transcript: bytes
    acceptances: Mapping[str, Acceptance]
    keys: Mapping[str, HpkePublicKey]
    identities: Mapping[str, VerifyKey]


def identities(manifest: Manifest) -> dict[str, VerifyKey]:
    """The pinned identity keys of all nodes and the coordinator."""
    keys = {node.id: VerifyKey.from_text(node.identity) for node in manifest.nodes}
    keys[manifest.coordinator.id] = VerifyKey.from_text(manifest.coordinator.identity)
    return keys


def agree(
    pledge: Pledge, me: str, program: Program, manifest: Manifest, envelopes: Mapping[str, bytes]
) -> Agreement:
    """Verify everybody's acceptance against the own terms and the manifest.

    Args:
        envelopes: each participant's acceptance as it was relayed, the own one included.

    Raises:
        SamklangError: ``protocol-agreement`` if anybody is missing, too many, badly signed, or agrees
            to something else than this participant does.
    """
    pinned = identities(manifest)
    if set(envelopes) != set(program.participants):
        raise SamklangError("protocol-agreement", reason="the participants aren't those of the query")
    if envelopes[me] != pledge.envelope:
        raise SamklangError("protocol-agreement", reason="this party's own acceptance was replaced")
    acceptances: dict[str, Acceptance] = {}
    keys: dict[str, HpkePublicKey] = {}
    said: list[bytes] = []
    for party in program.participants:
        payload = _verified(envelopes[party], pinned[party], party)
        acceptance = parse_exact(payload, Acceptance)
        stated = Terms(
            acceptance.query,
            acceptance.manifest,
            acceptance.codebook,
            acceptance.program,
            acceptance.attempt,
        )
        if acceptance.party != party or stated != pledge.terms:
            raise SamklangError("protocol-agreement", reason=f"{party} agrees to something else")
        acceptances[party] = acceptance
        keys[party] = HpkePublicKey.from_text(acceptance.hpke)
        said.append(payload)
    roles = [*program.compute, program.linker, *program.inputs]
    transcript = hashlib.sha256(prefixed(VERSION.encode(), *(r.encode() for r in roles), *said)).digest()
    return Agreement(transcript, acceptances, keys, {p: pinned[p] for p in program.participants})


def _verified(envelope: bytes, key: VerifyKey, party: str) -> bytes:
    try:
        return Envelope.from_bytes(envelope).verify(ACCEPTANCE_TYPE, [key])
    except SamklangError as error:
        raise SamklangError(
            "protocol-agreement", reason=f"the signature of {party} doesn't hold", private=str(error)
        ) from None

"""Signed documents and signed queries: what a party accepts from another one, and why.

Every document is signed as a DSSE envelope over its canonical bytes. Reading one MUST go in this order:
signature, then canonical form, then content. A query comes with the analyst's *credential*, in which the
analyst's organisation (the identity key of its node, or an evaluator's, which the manifest pins) vouches for
name, role and key; the coordinator and the certificate authority can vouch for nobody. A query that is only
to be *planned* is signed as another kind of document: no party ever runs one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope, fields, parse_json
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.base import Document, Identifier
from samklang.model.calendar import SKEW, day_of, is_valid
from samklang.model.canonical import canonical, digest_bytes, parse_canonical
from samklang.model.codebook import Codebook
from samklang.model.manifest import Evaluator, Manifest, Node, PublicKey, Validity
from samklang.model.policy import Policy
from samklang.model.query import Query

D = TypeVar("D", bound=BaseModel)


class Credential(Document):
    """An organisation's word for one of its people. Dates are inclusive, in Europe/Copenhagen."""

    federation: Identifier
    analyst: Identifier
    organisation: Identifier
    role: Identifier
    key: PublicKey
    valid: Validity


PAYLOAD_TYPES: dict[type[BaseModel], str] = {
    Query: "application/vnd.samklang.query.v1+json",
    Credential: "application/vnd.samklang.credential.v1+json",
    Manifest: "application/vnd.samklang.manifest.v1+json",
    Codebook: "application/vnd.samklang.codebook.v1+json",
    Policy: "application/vnd.samklang.policy.v1+json",
}


LONGEST = timedelta(days=31)
"""How far ahead a query's ``not_after`` may lie: for an approval, not for a query that nobody remembers."""

Intent = Literal["query", "plan"]
"""What a signed query is for: to be run, or only to be planned. Also its key in the bundle."""

INTENTS: dict[Intent, str] = {
    "query": PAYLOAD_TYPES[Query],
    "plan": "application/vnd.samklang.plan.v1+json",
}


@dataclass(frozen=True, slots=True)
class Signed(Generic[D]):
    """A document whose signatures were right; ``digest`` is the SHA-256 of the signed bytes."""

    document: D
    digest: str


@dataclass(frozen=True, slots=True)
class VerifiedQuery:
    """A query whose analyst, organisation and role are vouched for; ``digest`` names it everywhere, ``key``
    is the id of the key that signed it."""

    query: Query
    analyst: str
    organisation: str
    role: str
    digest: str
    key: str


def sign_document(document: BaseModel, keys: Sequence[SigningKey]) -> bytes:
    """An envelope over the document's canonical bytes, signed with every one of ``keys``."""
    return Envelope.sign(PAYLOAD_TYPES[type(document)], canonical(document), keys).to_bytes()


def verify_document(envelope: bytes, model: type[D], keys: Sequence[VerifyKey]) -> Signed[D]:
    """The document, if *every* one of ``keys`` has signed it.

    Raises:
        SamklangError: ``identity-*`` for the envelope and its signatures; ``document-*`` for the content.
    """
    payload = Envelope.from_bytes(envelope).verify(PAYLOAD_TYPES[model], keys)
    return Signed(parse_canonical(payload, model), digest_bytes(payload))


def verify_manifest(envelope: bytes, keys: Sequence[VerifyKey], now: datetime) -> Signed[Manifest]:
    """The federation manifest, if the controllers' ``keys`` have signed it and it is valid at ``now``.

    Raises:
        SamklangError: as :func:`verify_document`; ``identity-manifest-expired``.
    """
    signed = verify_document(envelope, Manifest, keys)
    _check_validity(signed.document, now)
    return signed


def verify_codebook(envelope: bytes, keys: Sequence[VerifyKey], manifest: Manifest) -> Signed[Codebook]:
    """The codebook, if ``keys`` have signed it and it is the one that the manifest names.

    Raises:
        SamklangError: as :func:`verify_document`; ``identity-manifest-codebook``.
    """
    signed = verify_document(envelope, Codebook, keys)
    if signed.digest != manifest.codebook:
        raise SamklangError("identity-manifest-codebook")
    return signed


def issue_credential(
    key: SigningKey,
    *,
    federation: str,
    analyst: str,
    organisation: str,
    role: str,
    public: VerifyKey,
    valid: Validity,
) -> bytes:
    """A credential signed by ``key``, the identity key of ``organisation``: its node's, or an evaluator's."""
    credential = Credential(
        federation=federation,
        analyst=analyst,
        organisation=organisation,
        role=role,
        key=public.text,
        valid=valid,
    )
    return sign_document(credential, [key])


def sign_query(query: Query, key: SigningKey, credential: bytes, *, intent: Intent = "query") -> bytes:
    """The bundle an analyst submits: the signed query and the credential, as JSON."""
    signed = Envelope.sign(INTENTS[intent], canonical(query), [key])
    bundle = {"credential": Envelope.from_bytes(credential).to_json(), intent: signed.to_json()}
    return json.dumps(bundle, sort_keys=True, separators=(",", ":")).encode()


def verify_query(
    bundle: bytes, manifest: Manifest, now: datetime, *, intent: Intent = "query"
) -> VerifiedQuery:
    """Check a bundle against a manifest that was itself verified.

    ``manifest`` and credential MUST be valid at ``now``; the credential signed by a node of the
    organisation it names, or by the evaluator of that name; the query signed by the credential's key, about
    the same analyst and organisation, for this federation and its codebook, not past its ``not_after``, which
    lies no further ahead than :data:`LONGEST`, and about days that have been. Clocks may be five minutes
    apart.

    Raises:
        SamklangError: ``identity-*``, ``document-*``: the first of these that doesn't hold.
    """
    _check_validity(manifest, now)
    verified = _vouched_for(bundle, manifest, now, intent)
    query = verified.query
    if query.codebook != manifest.codebook:
        raise SamklangError("identity-query-codebook")
    if now > query.not_after + SKEW:
        raise SamklangError("identity-query-expired")
    if query.not_after > now + LONGEST + SKEW:
        raise SamklangError("identity-query-far", days=LONGEST.days)
    if key_ahead := query.period.in_future(day_of(now + SKEW)):
        raise SamklangError("document-query-future", key=key_ahead)
    return verified


def recall_query(bundle: bytes, manifest: Manifest, at: datetime) -> VerifiedQuery:
    """Who signed a query that was verified at ``at`` and has been kept since: once more, from the bytes.

    ``manifest`` may be a later one than the one of that time: it must still have the organisation's identity
    key. What has to do with running a query, codebook, expiry and the days it is about, isn't looked at.

    Raises:
        SamklangError: ``identity-*``, ``document-*``.
    """
    return _vouched_for(bundle, manifest, at, "query")


def _vouched_for(bundle: bytes, manifest: Manifest, at: datetime, intent: Intent) -> VerifiedQuery:
    parts = fields(parse_json(bundle), "credential", intent)
    credential = _verify_credential(Envelope.from_json(parts[0]), manifest, at)
    key = VerifyKey.from_text(credential.key)
    payload = Envelope.from_json(parts[1]).verify(INTENTS[intent], [key])
    query = parse_canonical(payload, Query)
    if (query.analyst.id, query.analyst.organisation) != (credential.analyst, credential.organisation):
        raise SamklangError("identity-query-analyst")
    if query.federation != manifest.federation.id:
        raise SamklangError("identity-query-federation")
    return VerifiedQuery(
        query,
        credential.analyst,
        credential.organisation,
        credential.role,
        digest_bytes(payload),
        key.keyid,
    )


def unverified_query(bundle: bytes) -> tuple[Query, str]:
    """The query in a bundle and its digest, with no word about who signed it.

    For whoever knows the digest already; everybody else uses :func:`verify_query`.

    Raises:
        SamklangError: ``identity-envelope``, ``document-*``.
    """
    payload = Envelope.from_json(fields(parse_json(bundle), "credential", "query")[1]).payload
    return parse_canonical(payload, Query), digest_bytes(payload)


def _verify_credential(envelope: Envelope, manifest: Manifest, now: datetime) -> Credential:
    issuer, payload = _issuer(envelope, manifest)
    credential = parse_canonical(payload, Credential)
    if (credential.organisation, credential.federation) != (issuer.organisation, manifest.federation.id):
        raise SamklangError("identity-credential-organisation")
    if not is_valid(credential.valid, now):
        raise SamklangError("identity-credential-expired")
    return credential


def _issuer(envelope: Envelope, manifest: Manifest) -> tuple[Node | Evaluator, bytes]:
    """The node or evaluator whose pinned key the envelope names and whose signature it carries, and the
    payload."""
    named = {s.keyid for s in envelope.signatures}
    members: tuple[Node | Evaluator, ...] = (*manifest.nodes, *manifest.evaluators)
    for member in members:
        key = VerifyKey.from_text(member.identity)
        if key.keyid in named:
            return member, envelope.verify(PAYLOAD_TYPES[Credential], [key])
    raise SamklangError("identity-credential-issuer")


def _check_validity(manifest: Manifest, now: datetime) -> None:
    if not is_valid(manifest.federation.valid, now):
        raise SamklangError("identity-manifest-expired")

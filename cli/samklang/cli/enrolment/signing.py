"""What people sign: controllers their documents, a node's operator that somebody is its analyst."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from samklang.cli.enrolment.papers import read_request, same, write_new
from samklang.cli.enrolment.setup import named
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.canonical import digest
from samklang.model.checks import check_codebook, check_manifest
from samklang.model.codebook import Codebook
from samklang.model.loading import load
from samklang.model.manifest import Manifest, Validity
from samklang.model.policy import Policy
from samklang.model.signing import issue_credential, sign_document

__all__ = ["KINDS", "sign", "vouch"]

KINDS: Final[dict[str, type[BaseModel]]] = {"manifest": Manifest, "codebook": Codebook, "policy": Policy}


def sign(kind: str, document: Path, keys: Sequence[Path], out: Path, onto: Path | None = None) -> str:
    """Check a document by itself, sign it with every one of ``keys``, write it; returns its digest.

    Args:
        onto: the same document as others have signed it: their signatures stay, these are added.

    Raises:
        DocumentErrors, SamklangError: what is wrong with the document or a key; ``client-file-exists``;
            ``enrolment-file`` if others have signed something else.
    """
    loaded = load(document, KINDS[kind])
    if isinstance(loaded.document, Manifest):
        check_manifest(load(document, Manifest))
    elif isinstance(loaded.document, Codebook):
        check_codebook(load(document, Codebook))
    signed = Envelope.from_bytes(sign_document(loaded.document, [SigningKey.load(key) for key in keys]))
    if onto is not None:
        before = Envelope.from_bytes(_bytes(onto))
        if (before.payload_type, before.payload) != (signed.payload_type, signed.payload):
            raise SamklangError(
                "enrolment-file", file=onto.name, problem="others have signed another document"
            )
        mine = {signature.keyid for signature in signed.signatures}
        others = tuple(signature for signature in before.signatures if signature.keyid not in mine)
        signed = Envelope(signed.payload_type, signed.payload, (*others, *signed.signatures))
    write_new(out, signed.to_bytes())
    return digest(loaded.document)


def vouch(request_file: Path, told: str, identity: Path, *, role: str, days: int, today: date) -> bytes:
    """A credential for the analyst of a request, signed by the identity key of the organisation's node, or of
    the evaluator.

    Raises:
        SamklangError: ``enrolment-fingerprint``, ``enrolment-file``, ``enrolment-name``, ``identity-*``.
    """
    named(role)
    request, found = read_request(request_file)
    same(told, found)
    if request.kind != "analyst":
        raise SamklangError("enrolment-file", file=request_file.name, problem="it is no analyst's")
    return issue_credential(
        SigningKey.load(identity),
        federation=request.federation,
        analyst=request.id,
        organisation=request.organisation,
        role=role,
        public=VerifyKey.from_text(request.identity),
        valid=Validity(from_=today, until=today + timedelta(days=days)),
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unreadable") from None

"""The two papers of an enrolment: the member's signed request and the operator's reply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.base import Document, Identifier, Label
from samklang.model.canonical import canonical, digest_bytes, parse_canonical
from samklang.model.config import Address
from samklang.model.manifest import PublicKey

__all__ = ["Reply", "Request", "grouped", "read_reply", "read_request", "same", "sign_request", "write_new"]

REQUEST_TYPE: Final = "application/vnd.samklang.enrolment.v1+json"
_SHOWN: Final = 32
"""Hex digits of a fingerprint that people compare: 128 bits."""


class Request(Document):
    """Who wants to join, with the public halves of the keys it has made.

    ``sectors``: of a node; empty for an analyst. ``csr``: PKCS 10, PEM.
    """

    version: Literal["samklang/enrolment/1"] = "samklang/enrolment/1"
    federation: Identifier
    kind: Literal["node", "analyst"]
    id: Identifier
    organisation: Identifier
    label: Label
    sectors: tuple[Identifier, ...] = ()
    identity: PublicKey
    csr: str


class Reply(Document):
    """What the operator gives back: all of it public."""

    version: Literal["samklang/enrolment-reply/1"] = "samklang/enrolment-reply/1"
    certificate: Annotated[str, Field(min_length=1)]
    authority: Annotated[str, Field(min_length=1)]
    coordinator: Address


def sign_request(request: Request, key: SigningKey) -> tuple[bytes, str]:
    """(the paper, its fingerprint); signed by the identity key that it names."""
    payload = canonical(request)
    return Envelope.sign(REQUEST_TYPE, payload, [key]).to_bytes(), _fingerprint(payload)


def read_request(path: Path) -> tuple[Request, str]:
    """A request and its fingerprint, if the identity key in it has signed it.

    Raises:
        SamklangError: ``client-file``, ``identity-*``, ``document-*``.
    """
    envelope = Envelope.from_bytes(_read(path))
    unverified = parse_canonical(envelope.payload, Request)
    payload = envelope.verify(REQUEST_TYPE, [VerifyKey.from_text(unverified.identity)])
    return parse_canonical(payload, Request), _fingerprint(payload)


def read_reply(path: Path) -> Reply:
    """A reply; its certificates are not checked here.

    Raises:
        SamklangError: ``client-file``, ``enrolment-file``.
    """
    try:
        return Reply.model_validate(json.loads(_read(path)))
    except ValueError:
        raise SamklangError("enrolment-file", file=path.name, problem="it is no reply") from None


def grouped(fingerprint: str) -> str:
    """A fingerprint as people read it aloud: the first 128 bits in groups of four digits."""
    digits = fingerprint.removeprefix("sha256:")[:_SHOWN]
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def same(told: str, fingerprint: str) -> None:
    """Return if ``told`` (in any grouping) is the fingerprint; else raise ``enrolment-fingerprint``."""
    if "".join(told.lower().split()) != fingerprint.removeprefix("sha256:")[:_SHOWN]:
        raise SamklangError("enrolment-fingerprint", found=grouped(fingerprint))


def write_new(path: Path, data: bytes) -> None:
    """Write a file that isn't there yet; raises ``client-file-exists``, ``client-file``."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise SamklangError("client-file-exists", file=path.name) from None
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unusable") from None


def _fingerprint(payload: bytes) -> str:
    return digest_bytes(payload)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = error.strerror or "unreadable"
        raise SamklangError("client-file", file=path.name, problem=problem) from None

"""Who is calling: the name in the client certificate that TLS has verified."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from samklang.errors import SamklangError

KINDS = ("node", "coordinator", "analyst", "dpo", "operator")
_NAME = re.compile(r"samklang://([a-z0-9][a-z0-9_-]{0,62})/([a-z]+)/([a-z0-9][a-z0-9_-]{0,62})")


@dataclass(frozen=True, slots=True)
class Peer:
    """What a certificate says: federation, kind, name, its SHA-256, and when it ends (UTC, seconds)."""

    federation: str
    kind: str
    name: str
    fingerprint: str
    not_after: float

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@lru_cache(maxsize=1024)
def peer_from_pem(pem: bytes) -> Peer:
    """Parse a certificate.

    Raises:
        SamklangError: ``transport-certificate-name`` unless it has exactly one URI name, which must be
            ``samklang://FEDERATION/KIND/NAME`` with a known kind (RFC 5280, 4.2.1.6).
    """
    certificate = x509.load_pem_x509_certificate(pem)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except x509.ExtensionNotFound:
        uris = []
    match = _NAME.fullmatch(uris[0]) if len(uris) == 1 else None
    if match is None or match[2] not in KINDS:
        raise SamklangError("transport-certificate-name")
    return Peer(
        federation=match[1],
        kind=match[2],
        name=match[3],
        fingerprint="sha256:" + certificate.fingerprint(hashes.SHA256()).hex(),
        not_after=certificate.not_valid_after_utc.timestamp(),
    )


def peer_of(context: Any) -> Peer:
    """The peer of a gRPC server context.

    Raises:
        SamklangError: ``transport-certificate-missing`` or ``transport-certificate-name``.
    """
    pems = context.auth_context().get("x509_pem_cert", ())
    if not pems:
        raise SamklangError("transport-certificate-missing")
    return peer_from_pem(bytes(pems[0]))

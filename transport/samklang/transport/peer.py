"""Who is calling: the name in the client certificate that TLS has verified."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509

from samklang.errors import SamklangError
from samklang.identity.pki import peer_from_certificate
from samklang.transport.tls import TlsFiles, check_files


@dataclass(frozen=True, slots=True)
class Peer:
    """What a certificate says: federation, kind, name; its SHA-256 in hex; its end (UTC, Unix seconds); the
    holder's organisation."""

    federation: str
    kind: str
    name: str
    fingerprint: str
    not_after: float
    organisation: str = ""

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@lru_cache(maxsize=1024)
def peer_from_pem(pem: bytes) -> Peer:
    """Parse a certificate; raises ``identity-certificate`` if it doesn't say who its holder is."""
    found = peer_from_certificate(pem)
    until = x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp()
    return Peer(found.federation, found.kind, found.name, found.fingerprint, until, found.organisation)


def own_peer(files: TlsFiles, federation: str, kind: str, name: str) -> Peer:
    """Who the configured certificate speaks for.

    Raises:
        SamklangError: ``transport-certificate-other`` if it isn't ``kind`` ``name`` of ``federation``, or
            ``identity-certificate``, or what is wrong with one of the three files.
    """
    check_files(files)
    peer = peer_from_pem(files.certificate.read_bytes())
    if (peer.federation, peer.kind, peer.name) != (federation, kind, name):
        found, wanted = f"{peer.federation}/{peer}", f"{federation}/{kind}/{name}"
        raise SamklangError("transport-certificate-other", found=found, wanted=wanted)
    return peer


def peer_of(context: Any) -> Peer:
    """The peer of a gRPC server context.

    Raises:
        SamklangError: ``transport-certificate-missing`` or ``identity-certificate``.
    """
    pems = context.auth_context().get("x509_pem_cert", ())
    if not pems:
        raise SamklangError("transport-certificate-missing")
    return peer_from_pem(bytes(pems[0]))

"""TLS 1.3 and nothing older, for everything that listens or connects.

Both sides present ECDSA P-256 certificates that the federation's own authority issued; system roots are
not used. How TLS 1.2 is switched off stands in :mod:`samklang.transport`.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from samklang.errors import SamklangError
from samklang.transport import GRPC_CAME_FIRST


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the federation's authority, the own certificate, its private key (mode 0600)."""

    ca: Path
    certificate: Path
    key: Path


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Credentials of a server that demands a client certificate.

    Raises:
        SamklangError: ``transport-tls-order``, ``transport-tls-file``, ``transport-tls-key-readable``,
            ``transport-certificate-not-ecdsa``, ``transport-certificate-expired``,
            ``transport-certificate-foreign``.
    """
    if GRPC_CAME_FIRST:
        raise SamklangError("transport-tls-order")
    ca, certificate, key = _read(files)
    return grpc.ssl_server_credentials([(key, certificate)], root_certificates=ca, require_client_auth=True)


def open_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Credentials of a server that shows its certificate and asks for none; errors as above."""
    if GRPC_CAME_FIRST:
        raise SamklangError("transport-tls-order")
    _, certificate, key = _read(files)
    return grpc.ssl_server_credentials([(key, certificate)])


def channel_credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    """Credentials of a client; errors as for :func:`server_credentials`, save for the order of imports."""
    ca, certificate, key = _read(files)
    return grpc.ssl_channel_credentials(root_certificates=ca, private_key=key, certificate_chain=certificate)


def check_files(files: TlsFiles) -> None:
    """Raises what :func:`channel_credentials` would, so that a process can say it before anything else."""
    _read(files)


def _read(files: TlsFiles) -> tuple[bytes, bytes, bytes]:
    """The three files, checked against each other, so that mistakes are named here and not by a peer."""
    ca = _certificates("ca", files.ca)
    own = _certificates("certificate", files.certificate)[0]
    key_pem = _bytes("key", files.key)
    if stat.S_IMODE(files.key.stat().st_mode) & 0o077:
        raise SamklangError("transport-tls-key-readable", file=files.key.name)
    try:
        key = load_pem_private_key(key_pem, None)
    except (ValueError, TypeError):
        raise SamklangError(
            "transport-tls-file", role="key", file=files.key.name, problem="not an unencrypted PEM key"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SamklangError("transport-certificate-not-ecdsa", file=files.certificate.name)
    if key.public_key() != own.public_key():
        raise SamklangError(
            "transport-tls-file", role="key", file=files.key.name, problem="it is not the certificate's key"
        )
    check_certificate(own, ca, files.certificate.name)
    return files.ca.read_bytes(), files.certificate.read_bytes(), key_pem


def check_certificate(own: x509.Certificate, ca: list[x509.Certificate], name: str) -> None:
    """Check validity now and the issuer's signature; ``name`` stands in the error."""
    if not own.not_valid_before_utc <= datetime.now(UTC) <= own.not_valid_after_utc:
        until = own.not_valid_after_utc.isoformat(timespec="minutes")
        raise SamklangError("transport-certificate-expired", name=name, until=until)
    for issuer in ca:
        try:
            own.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return
    raise SamklangError("transport-certificate-foreign", name=name)


def _certificates(role: str, path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_bytes(role, path))
    except ValueError:
        raise SamklangError(
            "transport-tls-file", role=role, file=path.name, problem="no PEM certificate in it"
        ) from None


def _bytes(role: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise SamklangError(
            "transport-tls-file", role=role, file=path.name, problem=problem.strerror or "unreadable"
        ) from None

"""Certificates for keys that their holders made themselves: the request, and checking what comes back."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from samklang.errors import SamklangError

__all__ = ["fingerprint", "hosts_of", "issued_by", "new_request", "same_key"]


def new_request(name: str, organisation: str) -> tuple[bytes, bytes]:
    """(certificate request, private key), both PEM: the key stays with whoever made it (RFC 2986)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return request.public_bytes(Encoding.PEM), private


def same_key(certificate: bytes, key: bytes) -> bool:
    """Whether a certificate (PEM) is for a private key (PEM)."""
    try:
        held = load_pem_private_key(key, password=None).public_key()
        return bool(x509.load_pem_x509_certificate(certificate).public_key() == held)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def issued_by(certificate: bytes, authority: bytes) -> bool:
    """Whether ``authority``'s key (PEM certificate) has signed ``certificate`` (PEM)."""
    try:
        x509.load_pem_x509_certificate(certificate).verify_directly_issued_by(
            x509.load_pem_x509_certificate(authority)
        )
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def fingerprint(certificate: bytes) -> str:
    """SHA-256 over a certificate's (PEM) DER bytes, hex; raises ``identity-certificate``."""
    try:
        return x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex()
    except ValueError:
        raise SamklangError("identity-certificate") from None


def hosts_of(certificate: bytes) -> list[str]:
    """Names and addresses that a certificate (PEM) may answer to; raises ``identity-certificate``."""
    try:
        extensions = x509.load_pem_x509_certificate(certificate).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        raise SamklangError("identity-certificate") from None
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return [*names.get_values_for_type(x509.DNSName), *addresses]

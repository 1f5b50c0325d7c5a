"""X.509 for mutual TLS: a federation's certificate authority, and who a certificate speaks for.

Keys are ECDSA P-256. A leaf names its holder in one SAN URI, ``samklang://<federation>/<kind>/<name>``;
its subject has the organisation for people to read. A certificate opens a connection and nothing more:
what a party may *say* follows from the signed manifest (RFC 5280 for the profile).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from samklang.errors import SamklangError
from samklang.identity.files import read_private, write_private

Kind = Literal["node", "coordinator", "analyst", "dpo", "operator"]
KINDS: tuple[str, ...] = get_args(Kind)

SERVERS = ("coordinator", "node")
"""Kinds whose certificates may name hosts."""

SKEW = timedelta(minutes=5)
LOCAL_HOSTS = ("localhost", "127.0.0.1")

_URI = re.compile(
    rf"samklang://([a-z0-9][a-z0-9_-]{{0,62}})/({'|'.join(KINDS)})/([a-z0-9][a-z0-9_-]{{0,62}})\Z"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who a certificate speaks for; ``fingerprint`` is the SHA-256 of its DER bytes, hex."""

    federation: str
    kind: str
    name: str
    organisation: str
    fingerprint: str

    @property
    def uri(self) -> str:
        return peer_uri(self.federation, self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)

    def write(self, certificate: Path, key: Path) -> None:
        """Write both files; the key with mode 0600, never over another (``identity-key-exists``)."""
        write_private(key, self.key)
        certificate.write_bytes(self.certificate)


class Authority:
    """A certificate authority: its certificate and its private key."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def create(cls, federation: str, *, days: int, now: datetime) -> Authority:
        """A new authority for ``federation``, valid for ``days`` from ``now``."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, federation),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{federation} certificate authority"),
            ]
        )
        certificate = (
            _builder(name, name, key.public_key(), days, now)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def load(cls, certificate: Path, key: Path) -> Authority:
        """Read both PEM files; raises ``identity-key-*``, ``identity-certificate``."""
        try:
            loaded = load_pem_private_key(read_private(key), password=None)
            parsed = x509.load_pem_x509_certificate(certificate.read_bytes())
        except (ValueError, TypeError, OSError):
            raise SamklangError("identity-certificate") from None
        if not isinstance(loaded, ec.EllipticCurvePrivateKey) or loaded.public_key() != parsed.public_key():
            raise SamklangError("identity-certificate")
        return cls(parsed, loaded)

    @property
    def federation(self) -> str:
        """The federation it issues for."""
        (name,) = self._certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        return str(name.value)

    @property
    def certificate(self) -> bytes:
        """PEM; what every party trusts."""
        return self._certificate.public_bytes(Encoding.PEM)

    def write(self, certificate: Path, key: Path) -> None:
        """Write both PEM files, the key with mode 0600."""
        Issued(self.certificate, _key_pem(self._key)).write(certificate, key)

    def issue(
        self,
        kind: Kind,
        name: str,
        organisation: str,
        *,
        days: int,
        now: datetime,
        hosts: Sequence[str] = (),
    ) -> Issued:
        """A new key and its certificate.

        ``hosts`` are DNS names and addresses a server answers to: a coordinator needs one, a node has them
        if it serves oversight (:data:`LOCAL_HOSTS` on one machine), and nobody else. Valid from five minutes
        before ``now``.

        Raises:
            ValueError: a name that can't stand in a certificate, or hosts where there must be none.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certify(key.public_key(), kind, name, organisation, days, now, hosts)
        return Issued(certificate, _key_pem(key))

    def certify(
        self,
        request: bytes,
        kind: Kind,
        name: str,
        organisation: str,
        *,
        days: int,
        now: datetime,
        hosts: Sequence[str] = (),
    ) -> bytes:
        """A certificate (PEM) for the key of a request (:mod:`samklang.identity.requests`) and for no
        other word in it: who the holder is, is the caller's to say.

        Raises:
            SamklangError: ``identity-certificate``: it isn't a request, is not signed by its own key, or its
                key is not ECDSA P-256.
            ValueError: a name that can't stand in a certificate.
        """
        try:
            asked = x509.load_pem_x509_csr(request)
            fits = asked.is_signature_valid
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SamklangError("identity-certificate") from None
        key = asked.public_key()
        if not fits or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
            raise SamklangError("identity-certificate")
        return self._certify(key, kind, name, organisation, days, now, hosts)

    def _certify(
        self,
        key: ec.EllipticCurvePublicKey,
        kind: Kind,
        name: str,
        organisation: str,
        days: int,
        now: datetime,
        hosts: Sequence[str],
    ) -> bytes:
        uri = peer_uri(self.federation, kind, name)
        if (
            not _URI.match(uri)
            or (bool(hosts) and kind not in SERVERS)
            or (kind == "coordinator" and not hosts)
        ):
            raise ValueError("kind, name or hosts")
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
        if hosts:
            uses.append(ExtendedKeyUsageOID.SERVER_AUTH)
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri), *map(_host, hosts)]
        issuer = self._certificate.public_key()
        assert isinstance(issuer, ec.EllipticCurvePublicKey)
        certificate = (
            _builder(subject, self._certificate.subject, key, days, now)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(Encoding.PEM)

    def __repr__(self) -> str:
        return "Authority(<private>)"


def peer_uri(federation: str, kind: str, name: str) -> str:
    """The SAN URI of a party."""
    return f"samklang://{federation}/{kind}/{name}"


def peer_from_certificate(pem: bytes) -> Peer:
    """Who a certificate speaks for. The TLS library has checked its chain and dates already.

    Raises:
        SamklangError: ``identity-certificate`` if it has not exactly one SAN URI of the right form.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        raise SamklangError("identity-certificate") from None
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    match = _URI.match(uris[0]) if len(uris) == 1 else None
    organisations = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    if match is None or len(organisations) != 1:
        raise SamklangError("identity-certificate")
    federation, kind, name = match.groups()
    return Peer(
        federation,
        kind,
        name,
        organisation=str(organisations[0].value),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

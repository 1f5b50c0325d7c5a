"""Certificates: accepted by an independent path validation, and naming exactly one party."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from samklang.errors import SamklangError
from samklang.identity.pki import LOCAL_HOSTS, Authority, Issued, Kind, peer_from_certificate

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create("odense", days=30, now=NOW)


def client_chain(authority: Authority, issued: Issued, at: datetime) -> None:
    store = Store([x509.load_pem_x509_certificate(authority.certificate)])
    verifier = PolicyBuilder().store(store).time(at).build_client_verifier()
    verifier.verify(x509.load_pem_x509_certificate(issued.certificate), [])


@pytest.mark.parametrize("kind", ["node", "analyst", "dpo", "operator"])
def test_a_client_certificate_names_its_party(authority: Authority, kind: Kind) -> None:
    issued = authority.issue(kind, "kommune-a", "Odense Kommune", days=7, now=NOW)
    client_chain(authority, issued, NOW)
    peer = peer_from_certificate(issued.certificate)
    assert (peer.federation, peer.kind, peer.name) == ("odense", kind, "kommune-a")
    assert peer.organisation == "Odense Kommune"
    assert peer.uri == f"samklang://odense/{kind}/kommune-a"
    certificate = x509.load_pem_x509_certificate(issued.certificate)
    assert peer.fingerprint == certificate.fingerprint(hashes.SHA256()).hex()
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_validity(authority: Authority) -> None:
    issued = authority.issue("node", "a", "A", days=7, now=NOW)
    client_chain(authority, issued, NOW - timedelta(minutes=4))
    client_chain(authority, issued, NOW + timedelta(days=6))
    for at in (NOW - timedelta(minutes=6), NOW + timedelta(days=8)):
        with pytest.raises(VerificationError):
            client_chain(authority, issued, at)


def test_another_authority_is_another_federation(authority: Authority) -> None:
    stranger = Authority.create("odense", days=30, now=NOW)
    with pytest.raises(VerificationError):
        client_chain(authority, stranger.issue("node", "a", "A", days=7, now=NOW), NOW)


def test_a_coordinator_serves_its_hosts(authority: Authority) -> None:
    issued = authority.issue(
        "coordinator", "coordinator", "Operator", days=7, now=NOW, hosts=(*LOCAL_HOSTS, "relay.example.dk")
    )
    store = Store([x509.load_pem_x509_certificate(authority.certificate)])
    builder = PolicyBuilder().store(store).time(NOW)
    leaf = x509.load_pem_x509_certificate(issued.certificate)
    for host in ("localhost", "relay.example.dk"):
        builder.build_server_verifier(x509.DNSName(host)).verify(leaf, [])
    with pytest.raises(VerificationError):
        builder.build_server_verifier(x509.DNSName("other.example.dk")).verify(leaf, [])
    assert peer_from_certificate(issued.certificate).kind == "coordinator"
    for kind, hosts in (("coordinator", ()), ("dpo", ("localhost",)), ("analyst", ("localhost",))):
        with pytest.raises(ValueError, match="hosts"):
            authority.issue(kind, "x", "X", days=1, now=NOW, hosts=hosts)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "A", "a/b", "a b", "../x", "a" * 64, "æ"])
def test_a_name_must_fit_into_the_uri(authority: Authority, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        authority.issue("node", name, "A", days=1, now=NOW)


def test_files_work_with_a_tls_library(authority: Authority, tmp_path: Path) -> None:
    authority.write(tmp_path / "ca.pem", tmp_path / "ca.key")
    again = Authority.load(tmp_path / "ca.pem", tmp_path / "ca.key")
    assert again.federation == "odense"
    again.issue("node", "a", "A", days=1, now=NOW).write(tmp_path / "tls.pem", tmp_path / "tls.key")
    assert (tmp_path / "tls.key").stat().st_mode & 0o777 == 0o600
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(tmp_path / "ca.pem")
    context.load_cert_chain(tmp_path / "tls.pem", tmp_path / "tls.key")
    with pytest.raises(SamklangError, match="identity-key-exists"):
        again.write(tmp_path / "ca.pem", tmp_path / "ca.key")
    with pytest.raises(SamklangError, match="identity-certificate"):
        Authority.load(tmp_path / "tls.pem", tmp_path / "ca.key")


def test_private_keys_do_not_print(authority: Authority) -> None:
    issued = authority.issue("node", "a", "A", days=1, now=NOW)
    assert b"PRIVATE KEY" in issued.key
    assert "PRIVATE" not in repr(issued)
    assert "private" in repr(authority)


def foreign(names: list[x509.GeneralName] | None, organisation: str | None) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    attributes = [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    subject = x509.Name(attributes)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
    )
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


URI = x509.UniformResourceIdentifier


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"not a certificate",
        foreign(None, "A"),
        foreign([x509.DNSName("samklang")], "A"),
        foreign([URI("samklang://f/node/a")], None),
        foreign([URI("samklang://f/node/a"), URI("samklang://f/node/b")], "A"),
        foreign([URI("samklang://f/node/a"), URI("https://example.dk")], "A"),
        foreign([URI("samklang://f/root/a")], "A"),
        foreign([URI("samklang://f/node/a/b")], "A"),
        foreign([URI("samklang://f/node/a\n")], "A"),
        foreign([URI("spiffe://f/node/a")], "A"),
    ],
)
def test_a_certificate_that_names_nobody_is_refused(pem: bytes) -> None:
    with pytest.raises(SamklangError, match="identity-certificate"):
        peer_from_certificate(pem)

"""An officer, and a node that can be overseen, come into being like every other member: by their own keys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from samklang.cli.enrolment.member import ask_to_join, install
from samklang.cli.enrolment.operator import admit
from samklang.cli.enrolment.setup import Federation, set_up
from samklang.cli.overseeing.config import load_officer_config
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.identity.pki import peer_from_certificate
from samklang.model.base import Label

NOW = datetime.now(UTC)
LABEL = Label(en="x", da="x")


@pytest.fixture
def operator(tmp_path: Path) -> Path:
    folder = tmp_path / "operator"
    set_up(
        folder,
        Federation("odense", LABEL, "coordinator", "drift", "hub.example.dk:7443", "hub.example.dk:7444"),
        NOW,
    )
    return folder


def joined(operator: Path, folder: Path, kind: str, hosts: tuple[str, ...] = (), name: str = "ouh") -> Path:
    """Enrol as one would by hand; returns the folder of the keys."""
    paper, found = ask_to_join(
        folder,
        federation="odense",
        kind=kind,  # type: ignore[arg-type]
        name=name,
        organisation="region",
        label=LABEL,
        sectors=("hospital",) if kind == "node" else (),
        hosts=hosts,
    )
    _, reply = admit(operator, paper, found.removeprefix("sha256:")[:32], NOW, kind, "region")  # type: ignore[arg-type]
    from samklang.identity.requests import fingerprint

    told = fingerprint((operator / "ca.pem").read_bytes())[:32]
    install(folder, reply, told, [SigningKey.from_seed(b"1" * 32).verify_key.text])
    return folder


def test_an_officers_certificate_and_configuration(operator: Path, tmp_path: Path) -> None:
    folder = joined(operator, tmp_path / "kirsten", "dpo", name="kirsten")
    peer = peer_from_certificate((folder / "tls.pem").read_bytes())
    assert (peer.kind, peer.name, peer.organisation) == ("dpo", "kirsten", "region")
    written = folder / "config.yaml"
    text = written.read_text().replace("# node: {id: NODE, address", "node: {id: ouh, address")
    written.write_text(text.replace("HOST:PORT", "10.0.0.5:7444"))
    config = load_officer_config(written)
    assert config.node.id == "ouh"
    assert config.seen == folder / "seen.json"


def test_a_node_gets_the_names_it_is_called_by_and_not_the_coordinators(
    operator: Path, tmp_path: Path
) -> None:
    folder = joined(operator, tmp_path / "ouh", "node", ("ouh.region.example.dk",))
    names = x509.load_pem_x509_certificate((folder / "tls.pem").read_bytes()).extensions
    found = names.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == ["ouh.region.example.dk"]
    with pytest.raises(SamklangError) as caught:
        joined(operator, tmp_path / "other", "node", ("hub.example.dk",), name="other")
    assert caught.value.code == "enrolment-file"
    assert "coordinator's own name" in caught.value.what

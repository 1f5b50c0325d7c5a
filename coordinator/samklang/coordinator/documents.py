"""What the coordinator works from: its configuration and the signed documents, verified and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.checks import check_codebook, check_manifest
from samklang.model.codebook import Codebook
from samklang.model.config import CoordinatorConfig, load_coordinator_config
from samklang.model.loading import about
from samklang.model.manifest import Manifest
from samklang.model.signing import Signed, verify_codebook, verify_manifest
from samklang.transport.peer import Peer, own_peer
from samklang.transport.tls import TlsFiles


@dataclass(frozen=True, slots=True)
class Documents:
    """Configuration, documents and keys of a coordinator; ``*_bytes`` are the signed envelopes."""

    config: CoordinatorConfig
    tls: TlsFiles
    certificate: Peer
    identity: SigningKey = field(repr=False)
    manifest: Signed[Manifest]
    manifest_bytes: bytes = field(repr=False)
    codebook: Signed[Codebook]
    codebook_bytes: bytes = field(repr=False)


def load_documents(path: Path | str) -> Documents:
    """Read everything that the configuration at ``path`` names.

    Raises:
        DocumentErrors, SamklangError: what is wrong with which of them; ``coordinator-not-member`` if the
            manifest names another coordinator, or another identity key.
    """
    config = load_coordinator_config(path)
    identity = SigningKey.load(config.identity)
    manifest_bytes = read(config.documents.manifest)
    codebook_bytes = read(config.documents.codebook)
    now = datetime.now(UTC)
    with about(config.documents.manifest):
        manifest = verify_manifest(manifest_bytes, verify_keys(config.trust.manifest), now)
        check_manifest(manifest.document)
    with about(config.documents.codebook):
        codebook = verify_codebook(codebook_bytes, verify_keys(config.trust.codebook), manifest.document)
        check_codebook(codebook.document)
    member = manifest.document.coordinator
    if (member.id, member.identity) != (config.coordinator.id, identity.verify_key.text):
        raise SamklangError("coordinator-not-member", name=config.coordinator.id)
    tls = TlsFiles(config.tls.ca, config.tls.certificate, config.tls.key)
    federation = manifest.document.federation.id
    certificate = own_peer(tls, federation, "coordinator", config.coordinator.id)
    return Documents(config, tls, certificate, identity, manifest, manifest_bytes, codebook, codebook_bytes)


def read(path: Path) -> bytes:
    """The bytes of a document; raises ``document-unreadable``."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise SamklangError("document-unreadable", reason=f"{path.name}: {problem.strerror}") from None


def verify_keys(texts: Sequence[str]) -> list[VerifyKey]:
    return [VerifyKey.from_text(text) for text in texts]

"""What a node works from: its configuration, and the signed documents it has pinned on its own disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.checks import check_codebook, check_manifest, check_policy
from samklang.model.codebook import Codebook
from samklang.model.config import NodeConfig, load_node_config
from samklang.model.loading import about
from samklang.model.manifest import Manifest, Node
from samklang.model.policy import Policy
from samklang.model.signing import Signed, verify_codebook, verify_document, verify_manifest
from samklang.transport.peer import Peer, own_peer
from samklang.transport.tls import TlsFiles


@dataclass(frozen=True, slots=True)
class Documents:
    """Configuration, documents and keys of a node; ``node`` is its entry in the manifest."""

    config: NodeConfig
    tls: TlsFiles
    certificate: Peer
    identity: SigningKey = field(repr=False)
    manifest: Signed[Manifest]
    codebook: Signed[Codebook]
    policy: Signed[Policy]
    node: Node


def load_documents(path: Path | str) -> Documents:
    """Read everything that the configuration at ``path`` names, but no data.

    Raises:
        DocumentErrors, SamklangError: what is wrong with which of them; ``transport-unknown-party`` if the
            manifest doesn't have this node, ``identity-not-pinned`` if it has it with another identity key,
            ``policy-other-node`` if the policy was written for another one.
    """
    config = load_node_config(path)
    identity = SigningKey.load(config.identity)
    documents, trust = config.documents, config.trust
    with about(documents.manifest):
        manifest = verify_manifest(_read(documents.manifest), _keys(trust.manifest), datetime.now(UTC))
        check_manifest(manifest.document)
    with about(documents.codebook):
        codebook = verify_codebook(_read(documents.codebook), _keys(trust.codebook), manifest.document)
        check_codebook(codebook.document)
    known = {node.id: node for node in manifest.document.nodes}
    node = known.get(config.node.id)
    if node is None:
        raise SamklangError("transport-unknown-party", name=config.node.id)
    if node.identity != identity.verify_key.text:
        raise SamklangError("identity-not-pinned", name=node.id, file=config.identity.name)
    with about(documents.policy):
        policy = read_policy(config)
        check_policy(policy.document, manifest.document, codebook.document)
        if policy.document.policy.node != node.id:
            found = policy.document.policy
            raise SamklangError("policy-other-node", policy=found.id, written_for=found.node, node=node.id)
    tls = TlsFiles(config.tls.ca, config.tls.certificate, config.tls.key)
    certificate = own_peer(tls, manifest.document.federation.id, "node", node.id)
    return Documents(config, tls, certificate, identity, manifest, codebook, policy, node)


def read_policy(config: NodeConfig) -> Signed[Policy]:
    """The node's policy by itself, with its signatures checked; raises like :func:`load_documents`."""
    with about(config.documents.policy):
        return verify_document(_read(config.documents.policy), Policy, _keys(config.trust.policy))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise SamklangError("document-unreadable", reason=f"{path.name}: {problem.strerror}") from None


def _keys(texts: Sequence[str]) -> list[VerifyKey]:
    return [VerifyKey.from_text(text) for text in texts]

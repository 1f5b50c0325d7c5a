"""What a node works from: its configuration, and the signed documents it has pinned on its own disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey, VerifyKey
from samklang.model.accession import Accession
from samklang.model.canonical import canonical, digest_bytes
from samklang.model.checks import check_codebook, check_manifest, check_policy
from samklang.model.codebook import Codebook
from samklang.model.config import NodeConfig, Signer, load_node_config
from samklang.model.loading import Loaded, about, load
from samklang.model.manifest import Manifest, Node
from samklang.model.policy import Policy
from samklang.model.signing import Signed, verify_codebook, verify_document, verify_manifest
from samklang.policy import Enforced, enforce
from samklang.transport.peer import Peer, own_peer
from samklang.transport.tls import TlsFiles


@dataclass(frozen=True, slots=True)
class Documents:
    """Configuration, documents and keys of a node; ``node`` is its entry in the manifest,
    ``source`` the file that the signed policy was written in, if it is kept here."""

    config: NodeConfig
    tls: TlsFiles
    certificate: Peer
    identity: SigningKey = field(repr=False)
    manifest: Signed[Manifest]
    codebook: Signed[Codebook]
    policy: Signed[Policy]
    node: Node
    source: Loaded[Policy] | None = field(default=None, repr=False)

    @property
    def rules(self) -> Enforced:
        """What the policy says under the manifest's floor: what decisions are made by."""
        return enforce(self.policy.document, self.manifest.document)

    @property
    def accession(self) -> Accession | None:
        """The policy's list of controllers, where the node's tables say whose their rows are."""
        return Accession.of(self.policy.document) if self.config.attributed else None

    @property
    def basis(self) -> str:
        """Digest of what decides what a snapshot is read from, and how; of no data."""
        config = self.config.model_dump(mode="json", include={"tables", "consent"})
        said = [config, self.codebook.digest, self.node.sectors, version("samklang")]
        return digest_bytes(json.dumps(said, sort_keys=True).encode())


def load_documents(path: Path | str) -> Documents:
    """Read everything that the configuration at ``path`` names, but no data.

    Raises:
        DocumentErrors, SamklangError: what is wrong with which of them; ``transport-unknown-party`` if the
            manifest doesn't have this node, ``identity-not-pinned`` if it has it with another identity key,
            ``policy-other-node`` if the policy was written for another one, ``node-controllers-half`` or
            ``node-controllers-ids`` if the tables don't say of all rows whose they are, or name nobody.
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
    _attribution(config, policy.document)
    source = policy_source(documents.policy_source, policy) if documents.policy_source else None
    tls = TlsFiles(config.tls.ca, config.tls.certificate, config.tls.key)
    certificate = own_peer(tls, manifest.document.federation.id, "node", node.id)
    return Documents(config, tls, certificate, identity, manifest, codebook, policy, node, source)


def _attribution(config: NodeConfig, policy: Policy) -> None:
    if config.half_attributed:
        raise SamklangError("node-controllers-half")
    if config.attributed and not Accession.of(policy).named:
        raise SamklangError("node-controllers-ids")


def policy_source(path: Path, policy: Signed[Policy]) -> Loaded[Policy]:
    """The file at ``path``, if it says exactly what was signed.

    Raises:
        SamklangError: ``policy-source-differs``, or what :func:`samklang.model.loading.load` raises.
    """
    source = load(path, Policy)
    if canonical(source.document) != canonical(policy.document):
        found, expected = source.document.policy.version, policy.document.policy.version
        raise SamklangError(
            "policy-source-differs",
            at=source.position(("policy",)),
            file=path.name,
            found=found,
            expected=expected,
        )
    return source


def signing_keys(trusted: Sequence[str | Signer]) -> list[str]:
    """The keys that must all have signed a policy.

    Raises:
        SamklangError: ``identity-signers`` if it is said who signs as what, and not both are named.
    """
    offices = {signer.as_ for signer in trusted if isinstance(signer, Signer)}
    if offices and offices != {"controller", "dpo"}:
        raise SamklangError("identity-signers", missing=" / ".join({"controller", "dpo"} - offices))
    return [signer.key if isinstance(signer, Signer) else signer for signer in trusted]


def read_policy(config: NodeConfig) -> Signed[Policy]:
    """The node's policy by itself, with its signatures checked; raises like :func:`load_documents`."""
    with about(config.documents.policy):
        keys = _keys(signing_keys(config.trust.policy))
        return verify_document(_read(config.documents.policy), Policy, keys)


def read_rules(config: NodeConfig) -> Enforced:
    """What the policy says under the manifest's floor, with the signatures of both checked; for looking at a
    node beside it. Raises like :func:`load_documents`."""
    with about(config.documents.manifest):
        keys = _keys(config.trust.manifest)
        manifest = verify_document(_read(config.documents.manifest), Manifest, keys)
    return enforce(read_policy(config).document, manifest.document)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise SamklangError("document-unreadable", reason=f"{path.name}: {problem.strerror}") from None


def _keys(texts: Sequence[str]) -> list[VerifyKey]:
    return [VerifyKey.from_text(text) for text in texts]

"""Where a replay reads a log, beside the node or from an export with queries; and which policy held there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from samklang.audit.encoding import bounded, load
from samklang.audit.export import Export, VerifiedExport, read_export, verify_export
from samklang.cli.audit_verifying import read_keys
from samklang.cli.policy.context import Context, context_with, read_document, read_manifest
from samklang.cli.policy.history import Source, told_apart
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import VerifyKey
from samklang.model.canonical import digest_bytes, parse_canonical
from samklang.model.codebook import Codebook
from samklang.model.loading import Loaded
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.signing import Signed
from samklang.model.yaml_tree import Tree
from samklang.policy import Caps

__all__ = ["Around", "beside_node", "caps_of", "exported", "is_export", "with_policy"]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Around:
    """Files to read instead of what the log has: the manifest, the codebook, the policy that holds."""

    federation: Path | None = None
    codebook: Path | None = None
    against: Path | None = None


def is_export(path: Path) -> bool:
    """Whether there is an export of a log at ``path`` (else it is a node's configuration)."""
    if path.suffix != ".json":
        return False
    try:
        found = load(bounded(path))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and str(found.get("version")).startswith("samklang/audit-export/")


def exported(path: Path, keys: Path | None, around: Around) -> tuple[Source, Context]:
    """An export, verified with nothing but the keys, and the policy that holds at its node.

    Raises:
        SamklangError: ``audit-*``: it doesn't hold, or has no queries.
    """
    try:
        export = read_export(bounded(path))
    except OSError as error:
        raise SamklangError("document-unreadable", reason=error.strerror or "unreadable") from None
    identities = read_keys(keys) if keys else {}
    return _read(verify_export(export, identities), identities, around)


def beside_node(config: Path, around: Around) -> tuple[Source, Context]:
    """A node's own log, which may be running; raises what is wrong with it or its documents."""
    from samklang.node.audit.export import beside, verified_log

    with beside(config) as found:
        verified = verified_log(found, queries=True)
        identities = {
            node.id: VerifyKey.from_text(node.identity) for node in found.documents.manifest.document.nodes
        }
        source, today = _read(verified, identities, around)
        source = replace(source, attributed=found.documents.config.attributed)
        written = found.documents.source
        if written is not None and not around.against:
            today = replace(today, policy=written)  # it says the same, and has lines
        return source, today


def with_policy(policy: Signed[Policy], manifest: Manifest, codebook: Codebook) -> Context:
    """A policy that was read from its signed form, where nothing has a line."""
    said = policy.document.policy
    name = f"{said.id} {said.version}"
    loaded = Loaded(policy.document, b"", name, Tree(None), policy.digest)
    return Context(Path(name), loaded, manifest, codebook)


def _read(
    verified: VerifiedExport, identities: Mapping[str, VerifyKey], around: Around
) -> tuple[Source, Context]:
    export = verified.export
    if export.questions is None:
        raise SamklangError("audit-no-queries")
    codebook = (
        read_document(around.codebook, Codebook)
        if around.codebook
        else _document(export, "codebook", Codebook)
    )
    pinned = (
        _document(export, "manifest", Manifest).document if "manifest" in export.questions.documents else None
    )
    for node in pinned.nodes if pinned else ():
        if node.id in identities and identities[node.id].text != node.identity:
            raise SamklangError("audit-keys-other", node=node.id)
    manifest = (
        read_manifest(around.federation, codebook.digest)
        if around.federation
        else _document(export, "manifest", Manifest).document
    )
    source = Source(
        node=export.node,
        entries=export.entries,
        bundles=export.questions.bundles,
        manifest=pinned or manifest,
        codebook=codebook.document,
        caps=caps_of(export.questions.caps),
        attributed=told_apart(export.entries),
    )
    if around.against:
        return source, context_with(around.against, manifest, codebook.document)
    return source, with_policy(_document(export, "policy", Policy), manifest, codebook.document)


def _document(export: Export, name: str, model: type[M]) -> Signed[M]:
    assert export.questions is not None, "the caller has looked"
    envelope = export.questions.documents.get(name)
    if envelope is None:
        raise SamklangError("audit-log-documents", document=name)
    payload = Envelope.from_bytes(envelope).payload
    return Signed(parse_canonical(payload, model), digest_bytes(payload))


def caps_of(found: Mapping[str, int]) -> Caps | None:
    """A node's own caps by period, nano-ρ; None if it doesn't say them."""
    if "month" not in found or "year" not in found:
        return None
    return Caps(month=found["month"], year=found["year"], lifetime=found.get("lifetime"))

"""The documents around a policy: the federation's manifest and its codebook.

A policy is read beside a folder's ``federation*.yaml`` and ``codebook.yaml``, one level up, unless it is said
where they are. Keys and the codebook's digest that a folder's manifest leaves open are filled in with
placeholders: no rule depends on them. A signed document (``*.json``) may stand in place of each.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.model.canonical import digest_bytes, parse_canonical
from samklang.model.checks import check_codebook, check_manifest, check_policy
from samklang.model.codebook import Codebook
from samklang.model.loading import Loaded, about, load
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.problems import DocumentErrors, from_validation
from samklang.model.yaml_tree import Tree, read_tree
from samklang.policy import Enforced, enforce
from samklang.policy.vocabulary import Vocabulary, vocabulary

__all__ = ["Context", "context_of", "context_with", "read_document", "read_manifest", "read_policy"]

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Context:
    """One policy with what it is read against; all of them have passed their checks."""

    path: Path
    policy: Loaded[Policy]
    manifest: Manifest
    codebook: Codebook
    codebook_digest: str | None = None
    """Where it was read from a file, which may be another one than the manifest names."""

    @property
    def node(self) -> str:
        return self.policy.document.policy.node

    @property
    def rules(self) -> Enforced:
        return enforce(self.policy.document, self.manifest)

    @property
    def words(self) -> Vocabulary:
        return vocabulary(self.node, self.manifest, self.codebook)


def context_of(policy: Path, federation: Path | None = None, codebook: Path | None = None) -> Context:
    """Read and check a policy with its federation.

    Raises:
        DocumentErrors, SamklangError: what is wrong with any of them; ``policy-no-federation`` if there is no
            manifest beside it that has the policy's node.
    """
    loaded = read_policy(policy)
    folder = policy.resolve().parent.parent
    book = read_document(codebook or folder / "codebook.yaml", Codebook)
    check_codebook(book)
    node = loaded.document.policy.node
    manifest = read_manifest(federation or _beside(folder, node), book.digest)
    check_policy(loaded, manifest, book.document)
    return Context(policy, loaded, manifest, book.document, book.digest)


def context_with(policy: Path, manifest: Manifest, codebook: Codebook) -> Context:
    """Read and check a policy with documents that are at hand; raises like :func:`context_of`."""
    loaded = read_policy(policy)
    check_policy(loaded, manifest, codebook)
    return Context(policy, loaded, manifest, codebook)


def read_policy(path: Path) -> Loaded[Policy]:
    """A policy's YAML, or a signed one.

    Raises:
        SamklangError: ``policy-is-cases`` for a file of test cases; what is wrong with a policy.
    """
    if path.name.endswith(".cases.yaml"):
        raise SamklangError("policy-is-cases", file=path)
    return read_document(path, Policy)


def read_document(path: Path, model: type[M]) -> Loaded[M]:
    """A document in YAML or in its signed envelope, whose signatures are not looked at here."""
    if path.suffix != ".json":
        return load(path, model)
    with about(path):
        source = _bytes(path)
        payload = Envelope.from_bytes(source).payload
        document = parse_canonical(payload, model)
        return Loaded(document, source, str(path), Tree(None), digest_bytes(payload))


def read_manifest(path: Path, codebook_digest: str) -> Manifest:
    """A manifest in YAML, with what is left open filled in, or a signed one; it has passed its check."""
    if path.suffix == ".json":
        loaded = read_document(path, Manifest)
    else:
        tree = read_tree(_bytes(path), str(path))
        data: Any = tree.data
        _fill(data, codebook_digest)
        source = json.dumps(data).encode()
        try:
            document = Manifest.model_validate_json(source, strict=True, by_alias=True, by_name=False)
        except ValidationError as error:
            raise DocumentErrors(from_validation(error, Manifest, data, tree.position), str(path)) from None
        loaded = Loaded(document, source, str(path), tree)
    check_manifest(loaded)
    return loaded.document


def _fill(data: Any, codebook_digest: str) -> None:
    if not isinstance(data, dict):
        return
    data.setdefault("codebook", codebook_digest)
    lists = [found for key in ("nodes", "evaluators") if isinstance(found := data.get(key), list)]
    for index, party in enumerate([data.get("coordinator"), *(one for many in lists for one in many)]):
        if isinstance(party, dict):
            placeholder = base64.b64encode(index.to_bytes(32, "big")).decode()
            party.setdefault("identity", f"ed25519:{placeholder}")


def _beside(folder: Path, node: str) -> Path:
    """The first manifest of the folder, by name, that has the node."""
    for path in sorted(folder.glob("federation*.yaml")):
        data = read_tree(_bytes(path), str(path)).data
        nodes = data.get("nodes") if isinstance(data, Mapping) else None
        if isinstance(nodes, list) and node in [n.get("id") for n in nodes if isinstance(n, Mapping)]:
            return path
    raise SamklangError("policy-no-federation", node=node, folder=folder.name)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        with about(path):
            raise SamklangError("document-unreadable", reason=reason) from None

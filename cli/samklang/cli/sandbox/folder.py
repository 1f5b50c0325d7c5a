"""A federation as a folder of documents, and where its data lie.

=========================== =====================================================================
``federation.yaml``         the manifest; identity keys and the codebook's digest may be left out
                            and are replaced if they are there
``codebook.yaml``           the codebook
``policies/NODE.yaml``      every node's policy
``nodes/NODE.yaml``         the part of the node's configuration that only the partner can know:
                            ``tables``, and if wanted ``consent``, ``caps``, ``limits`` and
                            ``oversight``; files are relative to the data folder
``queries/NAME.yaml``       drafts; ``federation`` and ``codebook`` may be left out
=========================== =====================================================================
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from samklang.errors import SamklangError
from samklang.model.config import NodeConfig
from samklang.model.loading import Loaded, load
from samklang.model.policy import Policy
from samklang.model.problems import DocumentErrors, from_validation
from samklang.model.yaml_tree import Tree, read_tree

OWN_PART = frozenset({"tables", "consent", "caps", "limits", "oversight"})
"""What ``nodes/NODE.yaml`` may say; the sandbox fills in the rest of the node's configuration."""

_KEY = f"ed25519:{'A' * 43}="
_REST: dict[str, Any] = {
    "node": {"id": "node"},
    "coordinator": {"address": "127.0.0.1:0"},
    "tls": {"ca": "ca", "certificate": "certificate", "key": "key"},
    "identity": "identity",
    "documents": {"manifest": "manifest", "codebook": "codebook", "policy": "policy"},
    "trust": {"manifest": [_KEY], "codebook": [_KEY], "policy": [_KEY]},
    "state": "state",
}
"""Stands for what the sandbox fills in when a node's own part is checked."""


@dataclass(frozen=True)
class Blueprint:
    """What a folder says, before keys exist.

    Attributes:
        manifest: the manifest as plain data, incomplete.
        places: where its parts stand.
        policies: by node.
        nodes: the partner's part of each node's configuration, with absolute file names.
        queries: files by name.
    """

    folder: Path
    manifest: dict[str, Any]
    places: Tree = field(repr=False)
    codebook: Path
    policies: dict[str, Loaded[Policy]] = field(repr=False)
    nodes: dict[str, dict[str, Any]] = field(repr=False)
    queries: dict[str, Path] = field(repr=False)

    @property
    def node_ids(self) -> list[str]:
        """In the manifest's order."""
        return [str(node["id"]) for node in self.manifest["nodes"]]

    def query(self, name: str) -> Path:
        """A query's file by name.

        Raises:
            SamklangError: ``sandbox-no-query``.
        """
        if name not in self.queries:
            known = ", ".join(sorted(self.queries)) or "none"
            raise SamklangError("sandbox-no-query", name=name, hint=f"There are: {known}.")
        return self.queries[name]


def check_extras() -> None:
    """Raises ``sandbox-extras`` where only the analyst's part is installed, before anything is made."""
    if not all(find_spec(name) for name in ("duckdb", "opendp", "ibis", "prometheus_client")):
        raise SamklangError("sandbox-extras")


def read_folder(folder: Path, data: Path | None = None, federation: str = "federation.yaml") -> Blueprint:
    """Read a folder.

    Args:
        folder: as the table above says.
        data: what the files of the nodes are relative to; ``folder/data`` by default.
        federation: the manifest, where a folder has several: its name there, or a path to it.

    Raises:
        SamklangError: ``sandbox-folder``, or what :func:`samklang.model.loading.load` raises.
    """
    folder = folder.resolve()
    data = (data or folder / "data").resolve()
    if (given := Path(federation).resolve()).parent == folder:
        federation = given.name
    tree = _tree(folder, federation)
    manifest: dict[str, Any] = tree.data
    try:
        ids = [str(node["id"]) for node in manifest["nodes"]]
    except (KeyError, TypeError):
        raise SamklangError("sandbox-folder", folder=folder, problem=f"{federation} names no nodes") from None
    if not (folder / "codebook.yaml").is_file():
        raise SamklangError("sandbox-folder", folder=folder, problem="codebook.yaml is missing")
    return Blueprint(
        folder=folder,
        manifest=manifest,
        places=tree,
        codebook=folder / "codebook.yaml",
        policies={node: _policy(folder, node) for node in ids},
        nodes={node: _own_part(folder, node, data) for node in ids},
        queries={path.stem: path for path in sorted((folder / "queries").glob("*.yaml"))},
    )


def _tree(folder: Path, name: str) -> Tree:
    path = folder / name
    if not path.is_file():
        raise SamklangError("sandbox-folder", folder=folder, problem=f"{name} is missing")
    tree = read_tree(path.read_bytes(), str(path))
    if not isinstance(tree.data, dict):
        raise SamklangError("sandbox-folder", folder=folder, problem=f"{name} is not a mapping")
    return tree


def _policy(folder: Path, node: str) -> Loaded[Policy]:
    path = folder / "policies" / f"{node}.yaml"
    if not path.is_file():
        raise SamklangError("sandbox-folder", folder=folder, problem=f"policies/{node}.yaml is missing")
    return load(path, Policy)


def _own_part(folder: Path, node: str, data: Path) -> dict[str, Any]:
    tree = _tree(folder, f"nodes/{node}.yaml")
    part: dict[str, Any] = tree.data
    if unknown := sorted(part.keys() & _REST.keys()):
        problem = f"nodes/{node}.yaml has the key {unknown[0]}, which the sandbox fills in by itself"
        raise SamklangError("sandbox-folder", folder=folder, problem=problem)
    whole = {**_REST, **part}
    try:
        NodeConfig.model_validate_json(json.dumps(whole), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        name = str(folder / "nodes" / f"{node}.yaml")
        raise DocumentErrors(from_validation(error, NodeConfig, whole, tree.position), name) from None
    for section in ("tables", "consent"):
        for source in part.get(section, {}).values():
            if "file" in source:
                source["file"] = _placed(source["file"], data)
            for controller, files in source.get("files_of", {}).items():
                source["files_of"][controller] = _placed(files, data)
    return part


def _placed(files: str | list[str], data: Path) -> list[str]:
    return [str(data / file) for file in (files if isinstance(files, list) else [files])]

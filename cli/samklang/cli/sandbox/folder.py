"""A federation as a folder of documents, and where its data lie.

=========================== =====================================================================
``federation.yaml``         the manifest; identity keys and the codebook's digest may be left out
                            and are replaced if they are there
``codebook.yaml``           the codebook
``policies/NODE.yaml``      every node's policy
``nodes/NODE.yaml``         the part of the node's configuration that only the partner can know:
                            ``tables``, and if wanted ``consent``, ``caps`` and ``limits``; files are
                            relative to the data folder
``queries/NAME.yaml``       drafts; ``federation`` and ``codebook`` may be left out
=========================== =====================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samklang.errors import SamklangError
from samklang.model.loading import load
from samklang.model.policy import Policy
from samklang.model.yaml_tree import read_tree

OWN_PART = frozenset({"tables", "consent", "caps", "limits"})
"""What ``nodes/NODE.yaml`` may say; the sandbox fills in the rest of the node's configuration."""


@dataclass(frozen=True)
class Blueprint:
    """What a folder says, before keys exist.

    Attributes:
        manifest: the manifest as plain data, incomplete.
        policies: by node.
        nodes: the partner's part of each node's configuration, with absolute file names.
        queries: files by name.
    """

    folder: Path
    manifest: dict[str, Any]
    codebook: Path
    policies: dict[str, Policy] = field(repr=False)
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


def read_folder(folder: Path, data: Path | None = None, federation: str = "federation.yaml") -> Blueprint:
    """Read a folder.

    Args:
        folder: as the table above says.
        data: what the files of the nodes are relative to; ``folder/data`` by default.
        federation: the manifest's file name, where a folder has several.

    Raises:
        SamklangError: ``sandbox-folder``, or what :func:`samklang.model.loading.load` raises.
    """
    folder = folder.resolve()
    data = (data or folder / "data").resolve()
    manifest = _tree(folder, federation)
    try:
        ids = [str(node["id"]) for node in manifest["nodes"]]
    except (KeyError, TypeError):
        raise SamklangError("sandbox-folder", folder=folder, problem=f"{federation} names no nodes") from None
    if not (folder / "codebook.yaml").is_file():
        raise SamklangError("sandbox-folder", folder=folder, problem="codebook.yaml is missing")
    return Blueprint(
        folder=folder,
        manifest=manifest,
        codebook=folder / "codebook.yaml",
        policies={node: _policy(folder, node) for node in ids},
        nodes={node: _own_part(folder, node, data) for node in ids},
        queries={path.stem: path for path in sorted((folder / "queries").glob("*.yaml"))},
    )


def asker(blueprint: Blueprint, organisations: Sequence[str]) -> tuple[str, str]:
    """(organisation, role) of an analyst whom every policy knows: the first of ``organisations``, with the
    first role, that all of them name; if there is none, the first organisation's ``analyst``."""
    known = [
        {(org, people.role) for people in policy.people.values() for org in people.organisations}
        for policy in blueprint.policies.values()
    ]
    common = set.intersection(*known) if known else set()
    for organisation in organisations:
        if roles := sorted(role for org, role in common if org == organisation):
            return organisation, "analyst" if "analyst" in roles else roles[0]
    return organisations[0], "analyst"


def _tree(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    if not path.is_file():
        raise SamklangError("sandbox-folder", folder=folder, problem=f"{name} is missing")
    data = read_tree(path.read_bytes(), str(path)).data
    if not isinstance(data, dict):
        raise SamklangError("sandbox-folder", folder=folder, problem=f"{name} is not a mapping")
    return data


def _policy(folder: Path, node: str) -> Policy:
    path = folder / "policies" / f"{node}.yaml"
    if not path.is_file():
        raise SamklangError("sandbox-folder", folder=folder, problem=f"policies/{node}.yaml is missing")
    return load(path, Policy).document


def _own_part(folder: Path, node: str, data: Path) -> dict[str, Any]:
    part = _tree(folder, f"nodes/{node}.yaml")
    if unknown := sorted(map(str, part.keys() - OWN_PART)):
        problem = f"nodes/{node}.yaml has the key {unknown[0]}, which the sandbox fills in by itself"
        raise SamklangError("sandbox-folder", folder=folder, problem=problem)
    for section in ("tables", "consent"):
        for source in (part.get(section) or {}).values():
            if isinstance(source, dict) and "file" in source:
                files = source["file"] if isinstance(source["file"], list) else [source["file"]]
                source["file"] = [str(data / str(file)) for file in files]
    return part

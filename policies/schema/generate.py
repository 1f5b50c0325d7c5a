"""Writes the JSON Schemas beside this file; ``--check`` says whether the committed ones are fresh.

Usage: ``python policies/schema/generate.py [--check]``. Exit code 1 if a committed schema differs from what
the models say, or if one is missing or left over. An editor finds a file's schema by its first line:
``# yaml-language-server: $schema=PATH``, relative to the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from samklang.analyst.config import ClientConfig
from samklang.cli.sandbox.folder import OWN_PART
from samklang.model.cases import Cases
from samklang.model.codebook import Codebook
from samklang.model.config import CoordinatorConfig, NodeConfig
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.query import Draft, Query
from samklang.model.reference_schema import json_schema
from samklang.model.signing import Credential

HERE = Path(__file__).resolve().parent


def schemas() -> dict[str, dict[str, Any]]:
    """File name to schema."""
    made_at_setup = {"Manifest": ["codebook"], "Coordinator": ["identity"], "Node": ["identity"]}
    made_at_setup["Evaluator"] = ["identity"]
    of_today = {"Draft": ["federation", "codebook"]}
    return {
        "federation.json": json_schema(
            Manifest,
            "A federation, before its keys and the codebook's digest are filled in",
            filled_in=made_at_setup,
        ),
        "manifest.json": json_schema(Manifest, "Federation manifest"),
        "codebook.json": json_schema(Codebook, "Codebook"),
        "question.json": json_schema(
            Draft,
            "A question; without federation and codebook it is for those of the client",
            filled_in=of_today,
        ),
        "query.json": json_schema(Query, "A query as it is signed"),
        "credential.json": json_schema(Credential, "An analyst's credential as it is signed"),
        "policy.json": json_schema(Policy, "A node's policy"),
        "cases.json": json_schema(Cases, "Test cases of a node's policy"),
        "node.json": json_schema(NodeConfig, "Configuration of a node"),
        "node-part.json": json_schema(
            NodeConfig,
            "What a node's configuration says about its data; a sandbox fills in the rest",
            only=OWN_PART,
        ),
        "coordinator.json": json_schema(CoordinatorConfig, "Configuration of a coordinator"),
        "client.json": json_schema(ClientConfig, "Configuration of an analyst's client"),
    }


def texts() -> dict[str, str]:
    """File name to content."""
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas().items()
    }


def main(arguments: list[str], folder: Path = HERE) -> int:
    """Write or check the schemas in ``folder``."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    fresh = texts()
    if not arguments:
        for name, text in fresh.items():
            (folder / name).write_text(text, encoding="utf-8")
        return 0
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    wrong = sorted(n for n in fresh.keys() | committed.keys() if fresh.get(n) != committed.get(n))
    for name in wrong:
        print(
            f"policies/schema/{name}: not what the models say; run python policies/schema/generate.py",
            file=sys.stderr,
        )
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""A federation in one process: its documents with fresh keys, the nodes' engines, the protocol's roles."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from samklang.cli.sandbox.folder import Blueprint
from samklang.identity.keys import SigningKey
from samklang.model.accession import Accession
from samklang.model.canonical import digest
from samklang.model.codebook import Codebook
from samklang.model.config import AnyTable, RegisterConfig, attributed
from samklang.model.loading import load
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.model.yaml_tree import read_tree
from samklang.node.data.features import compute
from samklang.node.data.snapshot import Snapshot, load_snapshot
from samklang.privacy.noise import NoiseSource
from samklang.protocol.agreement import Terms, accept
from samklang.protocol.compile import compile_query
from samklang.protocol.opening import Outcome
from samklang.protocol.participant import Participant
from samklang.protocol.program import Program
from samklang.protocol.simulation import Simulation

DAY = date(2026, 9, 1)
"""On which it is asked who has joined."""

TABLE: TypeAdapter[AnyTable] = TypeAdapter(AnyTable)


class InProcess:
    """Every party of ``blueprint``'s federation, and every node's snapshot of its files."""

    def __init__(self, blueprint: Blueprint, spill: Path) -> None:
        self.blueprint = blueprint
        self.codebook = load(blueprint.codebook, Codebook).document
        coordinator = blueprint.manifest["coordinator"]["id"]
        self.keys = {n: SigningKey.generate() for n in [*blueprint.node_ids, coordinator]}
        tree: dict[str, Any] = {**blueprint.manifest, "codebook": digest(self.codebook)}
        for member in [*tree["nodes"], tree["coordinator"]]:
            member["identity"] = self.keys[member["id"]].verify_key.text
        for evaluator in tree.get("evaluators", ()):
            evaluator["identity"] = SigningKey.generate().verify_key.text
        self.manifest = Manifest.model_validate(tree)
        self.snapshots = {
            node.id: self._snapshot(node.id, node.sectors, spill) for node in self.manifest.nodes
        }

    def _snapshot(self, node: str, sectors: tuple[str, ...], spill: Path) -> Snapshot:
        part = self.blueprint.nodes[node]
        tables = {name: TABLE.validate_python(table) for name, table in part["tables"].items()}
        accession = Accession.of(self.blueprint.policies[node].document)
        return load_snapshot(
            tables,
            self.codebook,
            sectors,
            spill_dir=spill / node,
            threads=1,
            memory_mb=256,
            members=accession.on(DAY) if all(map(attributed, tables.values())) else None,
            registers={n: RegisterConfig.model_validate(r) for n, r in part.get("consent", {}).items()},
        )

    def close(self) -> None:
        for snapshot in self.snapshots.values():
            snapshot.close()

    def draft(self, name: str, **changes: Any) -> Draft:
        """A question of the folder, asked of this federation and codebook."""
        tree = read_tree(self.blueprint.query(name).read_bytes(), name).data
        tree |= {"federation": self.manifest.federation.id, "codebook": digest(self.codebook)}
        return Draft.model_validate({**tree, **changes})

    def run(self, draft: Draft, noise: NoiseSource) -> tuple[Program, Outcome]:
        """The protocol from its acceptances to what the coordinator opens."""
        program = compile_query(self.manifest, self.codebook, draft)
        terms = Terms("sha256:" + "0" * 64, digest(self.manifest), draft.codebook, program.digest(), 1)
        pledges = {p: accept(terms, p, self.keys[p], certificate="00") for p in program.participants}

        def prepare(node: str) -> Any:
            def values() -> dict[str, Any]:
                return {
                    sector: compute(
                        self.snapshots[node],
                        self.codebook,
                        sector,
                        program.features(sector),
                        draft.period,
                        filters=program.filters.get(sector, ()),
                    )
                    for sector in program.sectors[node]
                }

            return values if node in program.inputs else None

        roles = {
            p: Participant(
                p,
                program=program,
                manifest=self.manifest,
                pledge=pledges[p],
                envelopes={q: pledge.envelope for q, pledge in pledges.items()},
                identity=self.keys[p],
                noise=noise,
                prepare=prepare(p),
            )
            for p in program.participants
        }
        return program, Simulation(roles).run()[self.manifest.coordinator.id]

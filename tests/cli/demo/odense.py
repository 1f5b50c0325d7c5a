"""A federation of the project in one process: generated files, the nodes' engines, the protocol's roles."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from samklang.cli.sandbox.folder import read_folder
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
from samklang.protocol.participant import Participant
from samklang.protocol.simulation import Simulation

DAY = date(2026, 9, 1)
"""On which it is asked who has joined."""

TABLE: TypeAdapter[AnyTable] = TypeAdapter(AnyTable)
FOLDER = Path(__file__).parents[3] / "policies" / "integrated-care"
QUERIES = sorted(path.stem for path in (FOLDER / "queries").glob("*.yaml"))


def codebook(folder: Path = FOLDER) -> Codebook:
    return load(folder / "codebook.yaml", Codebook).document


def draft(name: str, folder: Path = FOLDER, **changes: Any) -> Draft:
    tree = read_tree((folder / "queries" / f"{name}.yaml").read_bytes(), name).data
    return Draft.model_validate(
        {**tree, "federation": folder.name, "codebook": digest(codebook(folder)), **changes}
    )


class Odense:
    """One of a folder's federations over generated data."""

    def __init__(self, data: Path, spill: Path, federation: str, folder: Path = FOLDER) -> None:
        blueprint = read_folder(folder, data, federation)
        self.codebook = codebook(folder)
        coordinator = blueprint.manifest["coordinator"]["id"]
        self.keys = {n: SigningKey.generate() for n in [*blueprint.node_ids, coordinator]}
        tree: dict[str, Any] = {**blueprint.manifest, "codebook": digest(self.codebook)}
        for member in [*tree["nodes"], tree["coordinator"]]:
            member["identity"] = self.keys[member["id"]].verify_key.text
        for evaluator in tree.get("evaluators", ()):
            evaluator["identity"] = SigningKey.generate().verify_key.text
        self.manifest = Manifest.model_validate(tree)
        self.snapshots: dict[str, Snapshot] = {}
        for node in self.manifest.nodes:
            part = blueprint.nodes[node.id]
            tables = {name: TABLE.validate_python(table) for name, table in part["tables"].items()}
            accession = Accession.of(blueprint.policies[node.id].document)
            whose = accession.on(DAY) if all(map(attributed, tables.values())) else None
            self.snapshots[node.id] = load_snapshot(
                tables,
                self.codebook,
                node.sectors,
                spill_dir=spill / node.id,
                threads=1,
                memory_mb=256,
                members=whose,
                registers={n: RegisterConfig.model_validate(r) for n, r in part["consent"].items()},
            )

    def close(self) -> None:
        for snapshot in self.snapshots.values():
            snapshot.close()

    def ask(self, query: Draft, noise: NoiseSource) -> pd.DataFrame:
        """The protocol's counts and sums: a row per released cell, as ``exact_table`` names its columns."""
        program = compile_query(self.manifest, self.codebook, query)
        terms = Terms("sha256:" + "0" * 64, digest(self.manifest), query.codebook, program.digest(), 1)
        pledges = {p: accept(terms, p, self.keys[p], certificate="00") for p in program.participants}

        def prepare(node: str) -> Any:
            def values() -> dict[str, Any]:
                return {
                    sector: compute(
                        self.snapshots[node],
                        self.codebook,
                        sector,
                        program.features(sector),
                        query.period,
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
        outcome = Simulation(roles).run()[self.manifest.coordinator.id]
        hidden = {a.name for a in program.axes if a.hidden}
        table = pd.DataFrame(program.cells.names()).drop(columns=[*hidden])
        table["count"] = outcome.counts
        plain = program.table.plain_sums(outcome.counts, outcome.sums)
        for measure, sums in zip(program.measures, plain, strict=True):
            table[f"{measure.name}_{'count' if measure.count else 'sum'}"] = sums / measure.scale
        table.attrs["sd"] = program.noise.released_sd
        return table

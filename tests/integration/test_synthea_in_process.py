"""All seventeen parties of the synthetic tables in one process: their files, engines and protocol roles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.support.quiet import NoNoise
from tests.support.synthea import DATA, FOLDER, QUERIES, Cell, Figures, expected, needs_synthea, nonzero

from samklang.cli.sandbox.folder import Blueprint, read_folder
from samklang.identity.keys import SigningKey
from samklang.model.canonical import digest
from samklang.model.codebook import Codebook
from samklang.model.config import TableConfig
from samklang.model.loading import load
from samklang.model.manifest import Manifest
from samklang.model.query import Draft
from samklang.model.yaml_tree import read_tree
from samklang.node.data.features import compute
from samklang.node.data.snapshot import Snapshot, load_snapshot
from samklang.privacy.noise import NoiseSource, OpenDPNoise
from samklang.protocol.agreement import Terms, accept
from samklang.protocol.compile import compile_query
from samklang.protocol.opening import Outcome
from samklang.protocol.participant import Participant
from samklang.protocol.program import Program
from samklang.protocol.simulation import Simulation

pytestmark = needs_synthea


class World:
    """The federation's documents with fresh keys, and every node's snapshot."""

    def __init__(self, folder: Path, spill: Path) -> None:
        blueprint: Blueprint = read_folder(folder, DATA)
        self.blueprint = blueprint
        self.codebook = load(blueprint.codebook, Codebook).document
        coordinator = blueprint.manifest["coordinator"]["id"]
        self.keys = {n: SigningKey.generate() for n in [*blueprint.node_ids, coordinator]}
        tree: dict[str, Any] = {**blueprint.manifest, "codebook": digest(self.codebook)}
        for member in [*tree["nodes"], tree["coordinator"]]:
            member["identity"] = self.keys[member["id"]].verify_key.text
        self.manifest = Manifest.model_validate(tree)
        self.snapshots: dict[str, Snapshot] = {}
        for node in self.manifest.nodes:
            tables = {
                name: TableConfig.model_validate(table)
                for name, table in blueprint.nodes[node.id]["tables"].items()
            }
            self.snapshots[node.id] = load_snapshot(
                tables, self.codebook, node.sectors, spill_dir=spill / node.id, threads=1, memory_mb=256
            )

    def ask(self, name: str, noise: NoiseSource) -> tuple[Program, Outcome]:
        tree = read_tree(self.blueprint.query(name).read_bytes(), name).data
        tree |= {"federation": self.manifest.federation.id, "codebook": digest(self.codebook)}
        draft = Draft.model_validate(tree)
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
        outcome = Simulation(roles).run()[self.manifest.coordinator.id]
        return program, outcome


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(FOLDER, tmp_path_factory.mktemp("spill"))
    yield made
    for snapshot in made.snapshots.values():
        snapshot.close()


def figures(program: Program, outcome: Outcome, axes: list[str]) -> list[tuple[Cell, Figures]]:
    out = []
    plain = program.table.plain_sums(outcome.counts, outcome.sums)
    for index, names in enumerate(program.cells.names()):
        found = {"n": Decimal(int(outcome.counts[index]))}
        for measure, sums in zip(program.measures, plain, strict=True):
            key = f"{measure.name}_{'n' if measure.count else 'sum'}"
            found[key] = Decimal(float(sums[index])) / measure.scale
        out.append((tuple(names[a] for a in axes), found))
    return out


@pytest.mark.parametrize("query", QUERIES)
def test_known_answers_come_out_exactly(world: World, query: str) -> None:
    axes, cells = expected(query)
    program, outcome = world.ask(query, NoNoise())
    assert len(program.contributors) >= 14 or query in ("S1",)
    assert nonzero(figures(program, outcome, axes)) == nonzero(cells.items())
    assert outcome.conflicts == 0


def test_with_noise_every_cell_is_within_what_sigma_allows(world: World) -> None:
    """All cells of all queries within 7.5 released standard deviations: a false alarm has probability
    below 300 · 1e-13 by the Gaussian tail, and every cell has noise of its own."""
    noise = OpenDPNoise()
    errors: list[float] = []
    for query in QUERIES:
        axes, cells = expected(query)
        program, outcome = world.ask(query, noise)
        sds = program.table.plain_sd()
        for index, (cell, found) in enumerate(figures(program, outcome, axes)):
            exact = cells.get(cell, {})
            off = float(found["n"] - exact.get("n", 0)) / program.noise.released_sd
            errors.append(off)
            for measure, sd in zip(program.measures, sds, strict=True):
                key = f"{measure.name}_{'n' if measure.count else 'sum'}"
                away = float(found[key] - exact.get(key, 0)) * measure.scale / float(sd[index])
                assert abs(away) < 7.5, (query, index, key)
    assert max(map(abs, errors)) < 7.5
    # Root mean square of n independent standard normals: sd about 1/√(2n); 8 of those is far out.
    spread = math.sqrt(sum(e * e for e in errors) / len(errors))
    assert abs(spread - 1) < 8 / math.sqrt(2 * len(errors))

"""All seventeen parties of the synthetic tables in one process: their files, engines and protocol roles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.support.in_process import InProcess
from tests.support.quiet import NoNoise
from tests.support.synthea import DATA, FOLDER, QUERIES, Cell, Figures, expected, needs_synthea, nonzero

from samklang.cli.sandbox.folder import read_folder
from samklang.privacy.noise import OpenDPNoise
from samklang.protocol.opening import Outcome
from samklang.protocol.program import Program

pytestmark = needs_synthea


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    made = InProcess(read_folder(FOLDER, DATA), tmp_path_factory.mktemp("spill"))
    yield made
    made.close()


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
def test_known_answers_come_out_exactly(world: InProcess, query: str) -> None:
    axes, cells = expected(query)
    program, outcome = world.run(world.draft(query), NoNoise())
    assert len(program.contributors) >= 14 or query in ("S1",)
    assert nonzero(figures(program, outcome, axes)) == nonzero(cells.items())
    assert outcome.conflicts == 0


@pytest.mark.statistical
def test_with_noise_every_cell_is_within_what_sigma_allows(world: InProcess) -> None:
    """All cells of all queries within 7.5 released standard deviations: false-alarm rate below 3e-11 by the
    Gaussian tail, and every cell has noise of its own."""
    noise = OpenDPNoise()
    errors: list[float] = []
    for query in QUERIES:
        axes, cells = expected(query)
        program, outcome = world.run(world.draft(query), noise)
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

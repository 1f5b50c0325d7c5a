"""The synthetic tables asked through four real processes over mTLS: three nodes and a coordinator."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.synthea import DATA, FOLDER, QUERIES, ROOT, Cell, Figures, expected, needs_synthea, nonzero

from samklang.analyst import Release
from samklang.cli.sandbox.federation import Sandbox

pytestmark = [needs_synthea, pytest.mark.processes]
MANIFEST = "federation-three.yaml"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    import os

    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Sandbox(
        FOLDER,
        tmp_path_factory.mktemp("quiet") / "work",
        data=DATA,
        federation=MANIFEST,
        entry=("-m", "tests.support.quiet_main"),
        environment=environment,
    ) as sandbox:
        assert len(sandbox.processes) == 4
        yield sandbox


def figures(release: Release, axes: list[str]) -> list[tuple[Cell, Figures]]:
    out = []
    for cell in release.document["cells"]:
        found: Figures = {"n": Decimal(cell["count"] or 0)}
        for part, name in (("count", "pris_n"), ("sum", "pris_sum")):
            if part in cell.get("pris", {}):
                found[name] = Decimal(cell["pris"][part])
        out.append((tuple(cell["levels"][a] for a in axes), found))
    return out


@pytest.mark.parametrize("query", QUERIES)
def test_known_answers_come_out_exactly(quiet: Sandbox, query: str) -> None:
    axes, cells = expected(query)
    release = quiet.ask(query)
    assert nonzero(figures(release, axes)) == nonzero(cells.items())
    assert release.header["conflicts"]["count"] == 0


def test_with_noise_the_answer_is_within_sigma_and_no_number_shows_elsewhere(tmp_path: Path) -> None:
    """7.5 released standard deviations per cell: a false alarm below 1e-11. Six cells are always shown, and
    noise is 0 in one of 24: that all are exact happens once in 10^8 runs."""
    axes, cells = expected("S1")
    work = tmp_path / "work"
    with Sandbox(FOLDER, work, data=DATA, federation=MANIFEST) as sandbox:
        release = sandbox.ask("S1")
        sd = float(release.header["privacy"]["count_sd"])
        threshold = release.header["threshold"]
        shown = {}
        for cell in release.document["cells"]:
            levels = tuple(cell["levels"][a] for a in axes)
            exact = float(cells.get(levels, {}).get("n", 0))
            if cell["shown"]:
                shown[levels] = cell["count"]
                assert cell["count"] >= threshold
                assert abs(cell["count"] - exact) < 7.5 * sd
            else:
                assert cell["count"] is None
                assert exact < threshold + 7.5 * sd
        assert set(shown) <= set(cells)
        assert any(shown[c] != int(cells[c]["n"]) for c in shown), "this is no noise"
    assert_no_person_in(work)


def assert_no_person_in(work: Path) -> None:
    """No CPR number and no name of the tables stands in anything that the processes wrote."""
    import csv

    people: set[bytes] = set()
    for file in ("kommune_a.csv", "kommune_b.csv"):
        with (DATA / file).open(encoding="utf-8") as handle:
            for row in csv.DictReader(handle):
                people |= {row["cpr"].encode(), f"{row['cpr'][:6]}-{row['cpr'][6:]}".encode()}
                people.add(f"{row['fornavn']},{row['efternavn']}".encode())
    written = [p for p in work.rglob("*") if p.is_file() and "snapshots" not in p.parts]
    assert any(p.name == "log.jsonl" and p.stat().st_size for p in written)
    for path in written:
        content = path.read_bytes()
        assert not any(person in content for person in people), path.name

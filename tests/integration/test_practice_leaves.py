"""Real processes: a practice leaves, and in the next answer its citizens are absent.

The region's node hosts two practices. Its rows are once in a file each, once in one file with a column.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.node.tiny import people, write_folder
from tests.support.synthea import ROOT

from samklang.analyst.release import Release
from samklang.cli.main import main
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes

COUNT = 600
TABLES = {
    "files": "tables: {contact: {files_of: {p0: p0.csv, p1: p1.csv}}}\n",
    "column": "tables: {contact: {file: both.csv, "
    "controller: {column: ydernummer, ids: {'012': p0, '034': p1}}}}\n",
}
LEFT = ("node-controllers-differ", "node-snapshot-overdue")


def practice(number: int) -> int:
    """Whose citizen somebody is."""
    return number % 2


def write(folder: Path, part: str) -> Path:
    """p0 stays; p1 takes part until tomorrow."""
    made = write_folder(folder, COUNT)
    lines: list[list[str]] = [[], []]
    for number, (cpr, _, days) in enumerate(people(COUNT)):
        lines[practice(number)] += [f"{cpr},{d}" for d in days]
    for n, rows in enumerate(lines):
        (made / "data" / f"p{n}.csv").write_text("\n".join(["cpr,days", *rows, ""]))
    both = [f"{row},{yder}" for rows, yder in zip(lines, ("012", "034"), strict=True) for row in rows]
    (made / "data" / "both.csv").write_text("\n".join(["cpr,days,ydernummer", *both, ""]))
    (made / "nodes" / "region.yaml").write_text(f"{part}oversight: {{listen: '127.0.0.1:0'}}\n")
    policy = made / "policies" / "region.yaml"
    one = "  - {name: region, dpia: none, record_of_processing: none}\n"
    text = policy.read_text()
    assert one in text
    joined = f"joined: {{from: 2026-01-01, until: {date.today() + timedelta(days=1)}}}"
    two = one.replace("{name", "{id: p0, name") + one.replace("{name", f"{{id: p1, {joined}, name")
    policy.write_text(text.replace(one, two))
    return made


def expected(*joined: int) -> dict[tuple[str, str], int]:
    """(area, contacts) → citizens, by counting; whom no joined practice knows is absent there."""
    cells: Counter[tuple[str, str]] = Counter()
    for number, (_, area, days) in enumerate(people(COUNT)):
        seen = len(days) if practice(number) in joined else 0
        cells[area, "ABSENT" if not seen else "1" if seen == 1 else "2+"] += 1
    return dict(cells)


def cells(release: Release) -> dict[tuple[str, str], int]:
    table = release.to_pandas()
    names = zip(table["area"].astype(str), table["contacts"].astype(str), table["count"], strict=True)
    return {(area, contacts): int(count) for area, contacts, count in names if count and count == count}


def ahead(clock: Path, days: int) -> None:
    """Set the nodes' clock; written beside and renamed, so that nobody reads half of it."""
    beside = clock.with_suffix(".new")
    beside.write_text(str(days * 86_400))
    beside.replace(clock)


def answered(sandbox: Sandbox, seconds: float = 60) -> Release:
    """The next answer; until the new snapshots are there, nodes refuse by name."""
    end = time.monotonic() + seconds
    while True:
        try:
            return sandbox.ask("areas")
        except SamklangError as error:
            if error.code not in LEFT or time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture(params=TABLES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Sandbox, Path]]:
    folder, clock = write(tmp_path / "folder", TABLES[request.param]), tmp_path / "clock"
    clock.write_text("0")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SAMKLANG_TEST_CLOCK": str(clock)}
    entry = ("-m", "tests.support.clocked_main")
    with Sandbox(folder, tmp_path / "work", entry=entry, environment=environment) as sandbox:
        yield sandbox, clock


def test_the_next_answer_is_without_a_practice_that_has_left(
    world: tuple[Sandbox, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox, clock = world
    config = str(sandbox.material.nodes["region"])
    before = sandbox.ask("areas")
    assert cells(before) == expected(0, 1)
    assert main(["node", "snapshots", "--config", config]) == 0
    assert "it holds rows of: p0, p1" in capsys.readouterr().out
    ahead(clock, 3)
    after = answered(sandbox)
    assert cells(after) == expected(0)
    assert cells(after) != cells(before)
    snapshots = [{p["node"]: p["snapshot"] for p in r.document["participants"]} for r in (before, after)]
    assert snapshots[0]["region"] != snapshots[1]["region"]
    kept = os.listdir(sandbox.workdir / "node-region" / "state" / "snapshots")
    assert snapshots[0]["region"] not in kept
    officer = str(sandbox.workdir / "dpo-region" / "config.yaml")
    assert main(["dpo", "snapshots", "--config", officer]) == 0
    assert "the newest holds rows of: p0\n" in capsys.readouterr().out

    # Beside the node it is still the day on which both take part; so it is for the node when its clock is
    # right again, and a start doesn't go on with what it finds on disk.
    assert main(["node", "check", "--config", config]) == 0
    assert "rows of the controllers that have joined today: p0, p1" in capsys.readouterr().out
    process = sandbox.processes.pop("region").process
    process.terminate()
    process.wait()
    ahead(clock, 0)
    sandbox.start("region")
    sandbox.await_ready("region")
    assert cells(answered(sandbox)) == expected(0, 1)

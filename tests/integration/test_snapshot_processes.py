"""Real nodes over the turn of a snapshot: killed in the middle of making one, and unable to make one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.tiny import cpr, write_folder
from tests.support.synthea import ROOT

from samklang.cli.main import main
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes

COUNT = 20_000
DAY = 86_400
REGISTER = "consent: {no: {kind: objection, file: no.csv}}\n"


class World:
    def __init__(self, sandbox: Sandbox, data: Path, clock: Path) -> None:
        self.sandbox, self.data, self.clock = sandbox, data, clock

    def ahead(self, days: float) -> None:
        """Set the clock; written beside and renamed, so that nobody reads half of it."""
        beside = self.clock.with_suffix(".new")
        beside.write_text(str(days * DAY))
        beside.replace(self.clock)

    def object(self, *lines: str) -> None:
        (self.data / "no.csv").write_text("\n".join(["cpr", *lines, ""]))

    def kept(self, node: str) -> list[str]:
        return sorted(os.listdir(self.sandbox.workdir / f"node-{node}" / "state" / "snapshots"))

    def asked(self) -> dict[str, str]:
        """The snapshot of each node in an answer."""
        release = self.sandbox.ask("areas")
        return {p["node"]: p["snapshot"] for p in release.document["participants"]}

    def until_asked(self, seconds: float = 60) -> dict[str, str]:
        """As :meth:`asked`, when everybody has the snapshot it needs."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.asked()
            except SamklangError as error:
                if error.code != "node-snapshot-overdue" or time.monotonic() > end:
                    raise
                time.sleep(0.2)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    base = tmp_path_factory.mktemp("turn")
    folder, clock = write_folder(base / "folder", COUNT, part=REGISTER), base / "clock"
    clock.write_text("0")
    (folder / "data" / "no.csv").write_text("cpr\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SAMKLANG_TEST_CLOCK": str(clock)}
    entry = ("-m", "tests.support.clocked_main")
    with Sandbox(folder, base / "work", entry=entry, environment=environment) as sandbox:
        yield World(sandbox, folder / "data", clock)


def test_a_node_killed_while_it_makes_a_snapshot_uses_no_half_one(world: World) -> None:
    first = world.asked()
    assert world.kept("region") == [first["region"]]
    folder = world.sandbox.workdir / "node-region" / "state" / "snapshots"
    process = world.sandbox.processes["region"].process
    world.ahead(2)
    with pytest.raises(SamklangError, match="node-snapshot-overdue"):
        world.asked()  # overdue, and asking wakes the keeper
    end = time.monotonic() + 60
    while not any(name.startswith(".building-") for name in os.listdir(folder)):
        assert time.monotonic() < end
    process.kill()
    process.wait()
    left = world.kept("region")
    assert first["region"] in left
    half = [name for name in left if name.startswith(".building-")]
    assert half
    assert len(left) == 2
    world.sandbox.processes.pop("region")
    world.sandbox.start("region")
    world.sandbox.await_ready("region")
    second = world.until_asked()
    assert second["region"] not in (first["region"], half[0].removeprefix(".building-"))
    assert world.kept("region") == [second["region"]]
    assert world.kept("kommune") == [second["kommune"]]
    assert second["kommune"] != first["kommune"]


def test_a_register_that_cannot_be_read_stops_the_node_by_name_until_it_can(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = world.until_asked()
    world.object("not a number")
    world.ahead(4)
    end = time.monotonic() + 60
    while "problem.json" not in world.kept("kommune"):
        with pytest.raises(SamklangError, match="node-snapshot-overdue"):
            world.asked()
        assert time.monotonic() < end
    main(["node", "snapshots", "--config", str(world.sandbox.material.nodes["kommune"])])
    printed = capsys.readouterr()
    assert "node-objections-unreadable" in printed.err
    assert before["kommune"] in printed.out
    assert "not a number" not in printed.out + printed.err
    world.object(cpr(0))
    after = world.until_asked()
    assert set(after.values()).isdisjoint(before.values())

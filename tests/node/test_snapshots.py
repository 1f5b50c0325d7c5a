"""Snapshots over time: one per period, whole or not at all, held until their attempts end, fail closed."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.node.data.builders import YEAR, codebook

from samklang.errors import SamklangError
from samklang.model.config import RegisterConfig
from samklang.model.snapshot_calendar import SnapshotCalendar
from samklang.node.data import frozen as on_disk
from samklang.node.data.features import compute
from samklang.node.data.frozen import freeze, frozen, sweep, thaw
from samklang.node.data.snapshot import Contents
from samklang.node.data.sources import TableSource
from samklang.node.snapshots import PROBLEM, Snapshots, usable

PEOPLE = ["0101014000", "0201014000", "0301014000"]
BOOK = codebook(
    {"t": {"x": "integer"}},
    {
        "x": {
            "kind": "measure",
            "unit": {"en": "-", "da": "-"},
            "sql": {"region": "SELECT cpr, x AS value FROM t"},
            "clip": [0, 9],
        }
    },
)
DAY = datetime(2026, 11, 25, 1, tzinfo=UTC)  # 02:00 in Copenhagen


class World:
    """Files, a clock that tests set, and the snapshots made of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = DAY + timedelta(hours=8)
        self.taken: list[str] = []
        self.write(PEOPLE)
        self.object([])
        (folder / "state").mkdir()

    def write(self, people: list[str]) -> None:
        (self.folder / "t.csv").write_text(
            "\n".join(["cpr,x", *(f"{p},{i}" for i, p in enumerate(people)), ""])
        )

    def object(self, people: list[str]) -> None:
        (self.folder / "no.csv").write_text("\n".join(["cpr", *people, ""]))

    def contents(self) -> Contents:
        no = RegisterConfig(kind="objection", file=(self.folder / "no.csv",))
        source = TableSource(("t.csv",), self.folder)
        return Contents({"t": source}, BOOK, ("region",), self.folder / "spill", 1, 256, {"no": no})

    def snapshots(self, basis: str = "b", **calendar: Any) -> Snapshots:
        return Snapshots(
            self.folder / "state" / "snapshots",
            self.contents(),
            SnapshotCalendar(**calendar),
            basis,
            taken=lambda snapshot: self.taken.append(snapshot.id),
            clock=lambda: self.now,
        )

    @contextmanager
    def opened(self, **more: Any) -> Iterator[Snapshots]:
        snapshots = self.snapshots(**more)
        snapshots.open()
        try:
            yield snapshots
        finally:
            snapshots.close()

    @property
    def kept(self) -> list[str]:
        return sorted(p.name for p in (self.folder / "state" / "snapshots").iterdir())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def citizens(snapshots: Snapshots) -> list[str]:
    hold = snapshots.hold()
    try:
        return [p.decode() for p in compute(hold.snapshot, BOOK, "region", [], YEAR).cpr]
    finally:
        hold.let_go()


def current(snapshots: Snapshots) -> str:
    hold = snapshots.hold()
    hold.let_go()
    return hold.snapshot.id


def test_a_restart_within_the_period_goes_on_with_the_same_data_under_the_same_id(world: World) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)
        assert citizens(snapshots) == PEOPLE
    world.write(PEOPLE[:1])  # what comes in now counts from the next snapshot
    world.object(PEOPLE)
    world.now += timedelta(hours=10)
    with world.opened() as snapshots:
        assert current(snapshots) == first
        assert citizens(snapshots) == PEOPLE
    assert world.taken == [first, first]
    assert world.kept == [first]


def test_a_withdrawal_counts_from_the_next_snapshot(world: World) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)
        world.object(PEOPLE[:1])
        assert snapshots.tick()
        assert (current(snapshots), citizens(snapshots)) == (first, PEOPLE)
        world.now = DAY + timedelta(days=1)
        assert snapshots.tick()
        assert current(snapshots) != first
        assert citizens(snapshots) == PEOPLE[1:]
        assert world.kept == [current(snapshots)]


def test_an_attempt_keeps_its_snapshot_until_it_ends(world: World) -> None:
    with world.opened() as snapshots:
        hold, second = snapshots.hold(), snapshots.hold()
        old = hold.snapshot
        world.write(PEOPLE[:1])
        world.now = DAY + timedelta(days=1)
        assert snapshots.tick()
        assert citizens(snapshots) == PEOPLE[:1]
        assert old.id in world.kept
        assert len(compute(old, BOOK, "region", [], YEAR).cpr) == 3
        hold.let_go()
        hold.let_go()  # twice is once
        snapshots.tick()
        assert len(compute(old, BOOK, "region", [], YEAR).cpr) == 3
        second.let_go()
        snapshots.tick()
        assert world.kept == [current(snapshots)]
        with pytest.raises(SamklangError, match="node-snapshot-closed"):
            compute(old, BOOK, "region", [], YEAR)


def test_ids_are_random_and_say_nothing_of_the_data(world: World) -> None:
    ids = set()
    for _ in range(3):
        with world.opened() as snapshots:
            ids.add(current(snapshots))
        for one in frozen(world.folder / "state" / "snapshots"):
            on_disk.remove(one.path)
    assert len(ids) == 3
    assert all(len(i) == 32 and int(i, 16) >= 0 for i in ids)


def test_without_the_next_snapshot_it_answers_for_the_grace_and_no_longer(world: World) -> None:
    with world.opened(grace_minutes=30) as snapshots:
        first = current(snapshots)
        world.object(["not a number"])
        world.now = DAY + timedelta(days=1, minutes=30)
        assert not snapshots.tick()
        assert current(snapshots) == first
        world.now += timedelta(seconds=1)
        with pytest.raises(SamklangError) as caught:
            snapshots.hold()
        assert caught.value.code == "node-snapshot-overdue"
        problem = (world.folder / "state" / "snapshots" / PROBLEM).read_text()
        assert "node-objections-unreadable" in problem
        assert "not a number" not in problem
        assert not snapshots.tick()
        assert [k for k in world.kept if k.startswith(".")] == []  # no half one is left
        world.object(PEOPLE[:2])
        assert snapshots.tick()
        assert citizens(snapshots) == PEOPLE[2:]
        assert PROBLEM not in world.kept


def test_a_start_after_the_due_time_makes_the_new_one_first_or_fails(world: World) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)
    world.now += timedelta(days=1)
    world.object(["?"])
    with pytest.raises(SamklangError, match="node-objections-unreadable"), world.opened():
        pass
    world.object([])
    with world.opened() as snapshots:
        assert current(snapshots) != first
    assert len(world.kept) == 1


def test_another_configuration_or_codebook_makes_another_snapshot(world: World) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)
    with world.opened(basis="other") as snapshots:
        assert current(snapshots) != first
    assert len(world.kept) == 1


@pytest.mark.parametrize("back", [timedelta(minutes=4), timedelta(hours=5)])
def test_a_clock_that_is_set_back_a_little_changes_nothing(world: World, back: timedelta) -> None:
    """Within the skew, or within the period, the snapshot stays."""
    world.now = DAY + (timedelta(0) if back < timedelta(hours=1) else timedelta(hours=6))
    with world.opened() as snapshots:
        first = current(snapshots)
        world.now -= back
        assert snapshots.tick()
        assert current(snapshots) == first
    with world.opened() as snapshots:
        assert current(snapshots) == first


def test_a_snapshot_of_the_future_is_not_gone_on_with(world: World) -> None:
    """The clock was a year ahead when it was made: its consents would pass for fresh for a year."""
    world.now += timedelta(days=365)
    with world.opened() as snapshots:
        future = current(snapshots)
        world.now -= timedelta(days=365)
        with pytest.raises(SamklangError, match="node-snapshot-overdue"):
            snapshots.hold()
        assert snapshots.tick()
        assert current(snapshots) != future
    with world.opened() as snapshots:
        assert current(snapshots) == world.taken[-1]


def test_a_clock_that_is_set_forward_has_a_new_one_at_once(world: World) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)
        world.now += timedelta(days=40)
        assert snapshots.tick()
        assert current(snapshots) != first


def test_the_grace_is_of_the_last_due_time_however_long_ago_it_was() -> None:
    daily = SnapshotCalendar(grace_minutes=60)
    assert usable(DAY, daily, DAY + timedelta(hours=24, minutes=60))
    assert not usable(DAY, daily, DAY + timedelta(hours=24, minutes=61))
    # Two periods old: each due time has its grace, but not for what an earlier one should have replaced.
    assert not usable(DAY - timedelta(days=1), daily, DAY + timedelta(days=1, minutes=1))


@pytest.mark.parametrize("step", ["mkdir", "tables", "metadata", "rename"])
def test_what_breaks_off_halfway_is_never_used(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    world.now += timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(on_disk, "remove", lambda path: None)  # a killed process tidies nothing up
        target: tuple[Any, str] = {
            "mkdir": (on_disk, "_on_disk"),
            "tables": (Contents, "fill"),
            "metadata": (on_disk, "_write"),
            "rename": (Path, "rename"),
        }[step]
        patch.setattr(*target, die)
        with pytest.raises(Killed):
            freeze(world.folder / "state" / "snapshots", world.contents(), due=world.now, basis="b")
    assert [f.id for f in frozen(world.folder / "state" / "snapshots")] == [first]
    with world.opened() as snapshots:
        assert current(snapshots) != first
        assert citizens(snapshots) == PEOPLE
    assert len(world.kept) == 1


@pytest.mark.parametrize("damage", ["register", "tables", "metadata", "missing"])
def test_a_damaged_snapshot_is_not_answered_from(world: World, damage: str) -> None:
    world.object(PEOPLE[:1])
    with world.opened() as snapshots:
        first = current(snapshots)
    path = world.folder / "state" / "snapshots" / first
    if damage == "register":
        np.save(path / "registers" / "no.npy", np.empty(0, "S10"))
    elif damage == "tables":
        data = bytearray((path / "data.duckdb").read_bytes())
        data[: 1 << 12] = os.urandom(1 << 12)
        (path / "data.duckdb").write_bytes(data)
    elif damage == "metadata":
        (path / "metadata.json").write_text("{")
    else:
        (path / "registers" / "no.npy").unlink()
    with world.opened() as snapshots:
        assert current(snapshots) != first
        assert citizens(snapshots) == PEOPLE[1:]
    assert len(world.kept) == 1


def test_nobody_else_may_read_it(world: World) -> None:
    with world.opened() as snapshots:
        folder = world.folder / "state" / "snapshots"
        for path in [folder, *folder.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path.name
        assert current(snapshots)


def test_deleting_overwrites_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.opened() as snapshots:
        path = world.folder / "state" / "snapshots" / current(snapshots)
    seen: dict[str, bytes] = {}
    unlink = Path.unlink

    def look(file: Path, **more: Any) -> None:
        if file.is_file():
            seen[file.name] = file.read_bytes()
        unlink(file, **more)

    monkeypatch.setattr(Path, "unlink", look)
    on_disk.remove(path)
    assert {"data.duckdb", "no.npy", "metadata.json"} <= seen.keys()
    assert all(data.strip(b"\0") == b"" for data in seen.values())
    assert not path.exists()


def test_nothing_can_be_written_into_a_snapshot(world: World) -> None:
    with world.opened() as snapshots:
        hold = snapshots.hold()
        with pytest.raises(Exception, match="read-only"):
            hold.snapshot.engine.con.execute("CREATE TABLE more AS SELECT 1")
        hold.let_go()


def test_registers_are_no_table_that_a_codebook_could_name(world: World) -> None:
    world.object(PEOPLE[:1])
    with world.opened() as snapshots:
        hold = snapshots.hold()
        found = hold.snapshot.engine.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert found == [("t",)]
        hold.let_go()


def test_the_keeper_makes_the_next_one_by_itself_and_stops(world: World) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)
        world.now = DAY + timedelta(days=2)
        snapshots.keep()
        deadline = time.monotonic() + 20
        while len(world.taken) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert current(snapshots) == world.taken[-1] != first


def test_sweeping_leaves_whole_snapshots_alone(world: World) -> None:
    with world.opened() as snapshots:
        first = current(snapshots)
    folder = world.folder / "state" / "snapshots"
    for left in (".building-x", ".leaving-y", "f" * 32):
        (folder / left / "registers").mkdir(parents=True)
        (folder / left / "data.duckdb").write_bytes(b"x" * 10)
    sweep(folder)
    assert world.kept == [first]
    (one,) = frozen(folder)
    thaw(one, spill_dir=world.folder / "spill", threads=1, memory_mb=256).close()

"""A disk without room: every step fails by name or is made whole, and goes on when there is room again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.node.audit.world import AT
from tests.node.test_approvals import PEOPLE, Asked
from tests.node.test_daemon_decisions import World
from tests.node.test_snapshots import World as Files
from tests.support.full_disk import no_room

from samklang.audit.deletions import withheld
from samklang.audit.entry import Event
from samklang.errors import SamklangError
from samklang.node.audit import retention
from samklang.node.audit.anchor import anchor
from samklang.node.audit.retention import prune
from samklang.node.audit.trail import open_trail
from samklang.protocol.compile import compile_query


@pytest.fixture
def region(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, "region")
    yield world
    world.close()


def code(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(SamklangError) as caught:
        call(*arguments)
    return caught.value.code


def test_the_log_takes_an_entry_whole_or_not_at_all(tmp_path: Path) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    for number in range(5):
        trail.append(Event(kind="asked", at=AT, actor=f"anna-{number}"))
    written = (tmp_path / "audit.sqlite-wal").stat().st_size
    before = trail.checkpoint()
    for room in (0, written, written + 100, written + 4200):  # none, at the end, and in the middle of a page
        with no_room(room):
            assert code(trail.append, Event(kind="asked", at=AT, actor="lost")) == "ledger-unavailable"
        assert trail.checkpoint() == before
    assert trail.append(Event(kind="asked", at=AT, actor="bo")) == 5
    again = open_trail(tmp_path, "fed", "kommune")
    assert [e.value("actor") for e in again.entries()] == [*(f"anna-{n}" for n in range(5)), "bo"]
    assert trail.consistency(5, 6)
    again.close()
    trail.close()


def test_pruning_without_room_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    for number in range(50):
        trail.append(Event(kind="asked", at=AT, actor=f"secret-{number}"), keep="P1Y")
    with no_room():
        assert code(prune, trail, date(2028, 3, 1)) == "ledger-unavailable"
    assert [e.number for e in trail.entries()] == [*range(50)]
    delete = retention._delete

    def full(*arguments: Any) -> None:
        with no_room():
            delete(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(retention, "_delete", full)  # there is room to say it, and none to do it
        for _ in range(2):
            assert code(prune, trail, date(2028, 3, 1)) == "ledger-unavailable"
    assert [e.number for e in trail.entries()] == [*range(51)]
    assert prune(trail, date(2028, 3, 1)).entries == 50
    assert [e.value("kind") for e in trail.entries()].count("pruned") == 1
    assert withheld([*trail.entries()]) == []
    trail.close()
    assert b"secret-" not in b"".join(p.read_bytes() for p in tmp_path.glob("audit.sqlite*"))


def test_a_charge_whose_entry_had_no_room_is_entered_before_the_next_one(
    region: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = compile_query(region.material.manifest, region.material.codebook, region.query()).noise
    first, second = region.offer(region.bundle()), region.offer(region.bundle(), 2)
    append = region.trail.append

    def full(event: Event, **more: Any) -> int:
        if event.kind == "charged":
            with no_room():
                return append(event, **more)
        return append(event, **more)

    with monkeypatch.context() as patch:
        patch.setattr(region.trail, "append", full)
        assert code(first.charge, noise.rho_charged, noise.delta) == "ledger-unavailable"
        assert code(second.charge, noise.rho_charged, noise.delta) == "ledger-unavailable"
    assert region.ledger.head.entries == 1, "the second is not charged while the first isn't on record"
    second.charge(noise.rho_charged, noise.delta)
    charged = [e for e in region.trail.entries() if e.value("kind") == "charged"]
    assert [e.value("attempt") for e in charged] == [1, 2]
    assert [e.value("rho_after") for e in charged] == [noise.rho_charged, 2 * noise.rho_charged]
    assert anchor(region.trail, region.ledger) == 0


def test_a_decision_that_can_not_be_written_holds_no_snapshot(
    region: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    hold = region.snapshot.hold

    def counted() -> Any:
        held.append(1)
        found = hold()
        let_go = found.let_go
        found.let_go = lambda: (held.pop(), let_go())  # type: ignore[method-assign, func-returns-value]
        return found

    with monkeypatch.context() as patch:
        patch.setattr(region.snapshot, "hold", counted)
        with no_room():
            assert code(region.offer, region.bundle()) == "ledger-unavailable"
        assert held == []
        part = region.offer(region.bundle())
        assert held == [1]
        part.close()
        assert held == []


def test_a_question_that_can_not_be_recorded_stands_against_nobody(region: World) -> None:
    noise = compile_query(region.material.manifest, region.material.codebook, region.query()).noise
    part = region.offer(region.bundle())
    with no_room():
        assert code(part.charge, noise.rho_charged, noise.delta) == "ledger-unavailable"
    assert region.answers._about == set()
    assert region.ledger.head.entries == 0
    part.charge(noise.rho_charged, noise.delta)


def test_an_approval_that_can_not_be_noted_lets_no_rows_leave(tmp_path: Path) -> None:
    """Its use comes last: the charge is on record then, and the attempt fails."""
    here = Asked(tmp_path, "manual")
    bundle = here.world.bundle()
    case = here.waits(bundle)
    here.desk.say(case.request.id, PEOPLE["ann"], "approve")
    part = here.world.offer(bundle)
    with no_room():
        assert code(here.charge, part) == "ledger-unavailable"
    assert here.desk.cases()[0].uses == ()
    here.charge(here.world.offer(bundle, 2))
    (used,) = here.desk.cases()[0].uses
    assert used.attempt == 2
    assert here.world.ledger.head.entries == 1
    here.close()


def test_a_snapshot_that_can_not_take_over_is_not_left_behind(tmp_path: Path) -> None:
    """Else every try, at most five minutes apart, would leave another copy of everybody's records."""
    files = Files(tmp_path)
    with files.opened() as snapshots:
        (first,) = files.kept
        files.now = files.now.replace(day=files.now.day + 1)

        def full(snapshot: object) -> None:
            raise SamklangError("ledger-unavailable", kind="audit log")

        snapshots._taken = full
        for _ in range(3):
            assert snapshots.tick() is False
            assert [name for name in files.kept if name != "problem.json"] == [first]
        snapshots._taken = lambda snapshot: None
        assert snapshots.tick() is True
        assert len(files.kept) == 1
        assert files.kept != [first]

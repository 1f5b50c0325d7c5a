"""Killed between two durable steps and started again: no ledger under-counts, no answer is given twice.

The short form of ``make soak``: the points where a crash could do most harm, one after the other.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.soak.crashes import COORDINATOR, NODES, Crash, Soak

pytestmark = pytest.mark.processes

CRASHES = (
    Crash("region", "ledger: before commit"),
    Crash("region", "ledger: committed"),
    Crash(COORDINATOR, "store releasing: committed"),
)


def test_whatever_is_killed_everything_that_left_is_charged(tmp_path: Path) -> None:
    soak = Soak(tmp_path, seed=1)
    with soak.sandbox:
        ended = [soak.round(crash) for crash in CRASHES]
    report = soak.audited()
    assert report.problems == []
    assert ended == ["done"] * len(CRASHES)
    assert sum(report.killed.values()) == len(CRASHES), report.missed
    region, kommune = (report.figures[node] for node in ("region", "kommune"))
    # The first was killed before its charge was on disk: nothing is charged. The second after: once more.
    assert region["charges without a release"] == region["of these, rows never left"] == 1
    assert region["charges"] == len(CRASHES) + 1
    assert len(CRASHES) <= kommune["charges"] <= len(CRASHES) + 2


def test_a_day_begins_people_decide_and_what_was_kept_is_deleted_while_processes_are_killed(
    tmp_path: Path,
) -> None:
    soak, once = Soak(tmp_path, seed=1), {"kommune": 1, "region": 1}
    with soak.sandbox:
        # The next day's snapshot is whole on disk, with another objection in it, and answers not yet.
        assert soak.turn(Crash("region", "switching audit log: before commit")) == "done"
        # A practice leaves; the snapshot that has its rows is half deleted.
        assert soak.turn(Crash("region", "snapshot leaving")) == "done"
        assert [len(soak.snapshots(node)) for node in NODES] == [1, 1]
        # A decision is in the log and not in the file of approvals; it is entered again.
        assert soak.approve(None, Crash("region", "audit log: committed")) == "done"
        assert soak.charged() == once
        # The request is on disk, and nobody has heard of it.
        assert soak.approve(Crash("kommune", "asking people approvals: committed")) == "done"
        assert soak.charged() == once
        # A witness has put a checkpoint on record, and hasn't cosigned it.
        assert soak.round(Crash("region", "receipt cosign audit log: committed")) == "done"
        assert soak.charged() == once
        # Deleted, and not overwritten yet.
        soak.prune(Crash("region", "pruning audit log: committed", at=2))
        soak.prune(Crash(COORDINATOR, "store deleting: committed"))
    report = soak.audited()
    assert report.problems == []
    assert sum(report.killed.values()) == 7, report.missed

"""Killed between two durable steps and started again: no ledger under-counts, no answer is given twice.

The short form of ``make soak``: the points where a crash could do most harm, one after the other.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.soak.crashes import COORDINATOR, Crash, Soak

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

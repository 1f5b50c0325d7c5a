"""Real processes whose disk is full or read-only: a coded error, nothing half written, on when there is room.

The state folders lie on small file systems of their own (tmpfs), which only root can mount.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import write_folder

from samklang.analyst.release import Release
from samklang.cli.sandbox.federation import Sandbox
from samklang.cli.sandbox.material import COORDINATOR
from samklang.cli.sandbox.processes import Managed
from samklang.errors import SamklangError
from samklang.node.audit.trail import open_trail
from samklang.node.ledger import Ledger
from samklang.policy import Caps

pytestmark = pytest.mark.processes

FILLER = "filler"


def mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


class Disks(Sandbox):
    """A federation whose state folders have 24 MB each."""

    mounted: list[Path]

    def state(self, who: str) -> Path:
        made = self.material
        return (made.coordinator if who == COORDINATOR else made.nodes[who]).parent / "state"

    def start(self, name: str) -> Managed:
        if (state := self.state(name)) not in self.mounted:
            state.mkdir(mode=0o700, exist_ok=True)
            if not mount("-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", str(state)):
                pytest.skip("no file system can be mounted here")
            self.mounted.append(state)
        return super().start(name)

    def fill(self, who: str) -> None:
        with suppress(OSError), (self.state(who) / FILLER).open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def empty(self, who: str) -> None:
        (self.state(who) / FILLER).unlink()

    def draft(self, number: int) -> Any:
        draft = self.client.draft(self.blueprint.query("areas"))
        price = draft.privacy.model_copy(update={"epsilon": Decimal("0.1") + Decimal(number) / 1000})
        return draft.model_copy(update={"privacy": price})

    def answered(self, number: int) -> Release:
        return self.client.ask(self.draft(number))


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Disks]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    disks = Disks(write_folder(tmp_path / "f"), tmp_path / "w", entry=("-m", "tests.support.quiet_main"))
    disks.mounted = []
    try:
        with disks:
            yield disks
    finally:
        for folder in disks.mounted:
            subprocess.run(["umount", str(folder)], check=False)


def test_a_full_or_read_only_disk_costs_no_more_than_the_time_until_there_is_room(disks: Disks) -> None:
    disks.answered(1)

    # At a node: a refusal by name; what it can't put on record, it doesn't do.
    disks.fill("region")
    with pytest.raises(SamklangError) as caught:
        disks.answered(2)
    assert caught.value.code == "ledger-unavailable"
    disks.empty("region")
    disks.answered(3)

    # At the coordinator: nothing is taken in; and what was, is answered when there is room again.
    disks.fill(COORDINATOR)
    with pytest.raises(SamklangError) as caught:
        disks.client.submit(disks.draft(4))
    assert caught.value.code == "coordinator-store"
    disks.empty(COORDINATOR)
    query = disks.client.submit(disks.draft(5))
    disks.fill(COORDINATOR)
    time.sleep(3)
    (status,) = [q for q in disks.client.queries() if q.query == query]
    assert not status.ended
    disks.empty(COORDINATOR)
    assert disks.client.wait(query).state == "done"

    # A folder that can't be written to at all is named at the start.
    disks.stop("region")
    state = disks.state("region")
    assert mount("-o", "remount,ro", str(state))
    process = disks.start("region")
    assert process.process.wait(60) != 0
    last = (state.parent / "log.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["code"] in ("transport-state", "ledger-unavailable")
    disks.stop("region")
    assert mount("-o", "remount,rw", str(state))
    disks.start("region")
    disks.await_ready("region")
    disks.answered(6)

    disks.stop("region")
    trail = open_trail(state, "tiny", "region")
    ledger = Ledger(state / "ledger.sqlite", Caps(month=10**12, year=10**12))
    try:
        kinds = [entry.value("kind") for entry in trail.entries()]
        assert ledger.verify().entries == kinds.count("charged")
        assert kinds.count("released") == 4
    finally:
        ledger.close()
        trail.close()

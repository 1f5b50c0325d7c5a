"""Megabytes through the real relay: memory stays bounded, event loops stay free, streams end by name."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.coordinator.federation import RingFederation, codes_of, state_of
from tests.coordinator.ring import COORDINATOR

pytestmark = pytest.mark.processes

MIB = 1 << 20


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RingFederation]:
    made = RingFederation(tmp_path_factory.mktemp("ring"), ["a", "b"], stage=300)
    try:
        made.start_all()
        yield made
    finally:
        made.end()


def peak(pid: int) -> int:
    """Most resident memory so far, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def spending(ring: RingFederation, seconds: float) -> list[float]:
    """Processor time of every process during the next ``seconds``."""
    before = {name: cpu(p.pid) for name, p in ring.processes.items()}
    time.sleep(seconds)
    return [cpu(p.pid) - before[name] for name, p in ring.processes.items()]


def test_a_sender_outruns_nobody(ring: RingFederation) -> None:
    """The receiver thinks before it takes anything; what is sent meanwhile isn't kept anywhere."""
    with ring.analyst() as anna:
        assert state_of(anna.ask(size=8 * MIB, pairs=[["a", "b"]])) == "done"
        before = {name: peak(process.pid) for name, process in ring.processes.items()}
        slow = {"b": {"wait": 1.0}}
        assert state_of(anna.ask(size=512 * MIB, pairs=[["a", "b"]], trouble=slow)) == "done"
        # A few chunks are under way in buffers of three processes: 5 to 40 MiB also on a busy machine.
        grown = {name: (peak(p.pid) - before[name]) // MIB for name, p in ring.processes.items()}
        assert all(mib < 120 for mib in grown.values()), grown


def test_both_directions_and_the_coordinator_at_once(ring: RingFederation) -> None:
    parties = ["a", "b", COORDINATOR]
    pairs = [[x, y] for x in parties for y in parties if x != y]
    with ring.analyst() as anna:
        status = anna.ask(size=20 * MIB + 7, pairs=pairs)
    assert state_of(status) == "done", status


def test_a_node_killed_in_the_middle_of_a_stream(ring: RingFederation) -> None:
    with ring.analyst() as anna:
        query = anna.submit(size=4096 * MIB, pairs=[["a", "b"]])
        anna.until(query, "RUNNING")
        time.sleep(1.0)
        os.kill(ring.processes["b"].pid, 9)
        began = time.monotonic()
        status = anna.watch(query)[-1]
        seconds = time.monotonic() - began
        ring.start("b")  # whatever is wrong here is not the other tests' concern
        assert seconds < 60, "long before the stage's deadline"
        assert (state_of(status), codes_of(status)) == ("failed", ["coordinator-node-lost"])
        assert "b disappeared" in status.reasons[0].what
        assert state_of(anna.ask()) == "done"


def test_a_cancelled_stream_leaves_nothing_running(ring: RingFederation) -> None:
    from samklang.v1 import federation_pb2 as v1

    with ring.analyst() as anna:
        query = anna.submit(size=4096 * MIB, pairs=[["a", "b"]])
        anna.until(query, "RUNNING")
        time.sleep(0.5)
        anna.call("Cancel", v1.CancelRequest(query_id=query))
        end = time.monotonic() + 30
        while any(spent >= 0.3 for spent in spending(ring, 1.0)):
            assert time.monotonic() < end, "something goes on"
        assert state_of(anna.ask()) == "done"
    for process in ring.processes.values():
        assert "never retrieved" not in process.text()
        assert "was destroyed but it is pending" not in process.text()


def test_a_gibibyte_passes_in_bounded_memory_and_leaves_loops_free(ring: RingFederation) -> None:
    processes = ring.processes
    with ring.analyst() as anna:
        assert state_of(anna.ask(size=8 * MIB, pairs=[["a", "b"]])) == "done"
        before = {name: peak(process.pid) for name, process in processes.items()}
        began = time.monotonic()
        assert state_of(anna.ask(seconds=240, size=1024 * MIB, pairs=[["a", "b"]])) == "done"
        seconds = time.monotonic() - began
        grown = {name: (peak(p.pid) - before[name]) // MIB for name, p in processes.items()}
    print(f"{1024 * MIB / seconds / 1e6:.0f} MB/s, grown by {grown} MiB")
    assert all(mib < 150 for mib in grown.values()), grown
    for process in processes.values():
        process.end()
    for name in processes:
        late = sorted(json.loads((ring.folder / f"{name}.late").read_text()))
        assert len(late) > 100
        # A busy machine may stop a process at any time; a loop that is held up is late again and again.
        assert late[int(len(late) * 0.995)] < 0.1, (name, late[-20:])


def cpu(pid: int) -> float:
    """Seconds of processor time used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

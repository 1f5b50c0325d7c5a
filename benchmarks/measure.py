"""One run: real processes over mTLS from submit to release, and what it took.

Stages are told by the coordinator's progress: the time between two changes is booked on the stage that was
reached by the second. Bytes are those the relay passed on in bulk, read from its log; memory is VmHWM of
every process, read before it is stopped.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.compare import Agreement, agreement
from benchmarks.population import Shape, generate
from samklang.analyst import Status
from samklang.cli.sandbox.federation import Sandbox

FEDERATION = Path(__file__).with_name("federation")
QUERY = "four-axes"
ROOT = Path(__file__).resolve().parents[1]
REPEATS = 3
"""Runs of the plain join; its fastest counts, so that a busy machine doesn't flatter the ratio."""


@dataclass(frozen=True)
class Run:
    """One size, measured.

    Attributes:
        rows: per node, padding not counted.
        start_s: start of all processes until every node is linked, reading its files included.
        total_s: submit to release.
        stages: seconds by stage, in the order they were reached.
        relayed_mb: bulk bytes that the relay passed on, ciphertext, 10^6.
        peak_mb: VmHWM by process, 2^20.
        yardsticks: what :mod:`benchmarks.baseline` measured, without its cells.
        ratio: ``total_s`` over a yardstick's join alone, and over reading and join.
    """

    citizens: int
    shape: str
    rows: dict[str, int]
    start_s: float
    total_s: float
    stages: dict[str, float]
    relayed_mb: float
    peak_mb: dict[str, float]
    yardsticks: dict[str, dict[str, Any]]
    ratio: dict[str, float]
    agreement: Agreement

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(workdir: Path, citizens: int, *, shape: Shape, seed: int) -> Run:
    """Generate, run, compare; leaves tables and logs in ``workdir``."""
    population = generate(workdir / "data", citizens, shape=shape, seed=seed)
    began = time.perf_counter()
    with Sandbox(FEDERATION, workdir / "sandbox", data=workdir / "data", ready_seconds=600) as sandbox:
        sandbox.client.codebook()  # connected, documents verified: what follows is the query alone
        ready = time.perf_counter()
        seen: list[tuple[float, Status]] = []
        release = sandbox.ask(QUERY, lambda status: seen.append((time.perf_counter(), status)))
        done = time.perf_counter()
        peaks = {name: (p.peak_memory() or 0) / 2**20 for name, p in sandbox.processes.items()}
        log = sandbox.processes["coordinator"].log
    yardsticks = {key: yardstick(workdir / "data", key) for key in ("text", "int")}
    exact = yardsticks["text"].pop("cells")
    assert yardsticks["int"].pop("cells") == exact
    ratio = {}
    for key, measured in yardsticks.items():
        ratio[f"{key}, join"] = (done - ready) / measured["join_s"]
        ratio[f"{key}, read and join"] = (done - ready) / (measured["read_s"] + measured["join_s"])
    return Run(
        citizens=citizens,
        shape=shape,
        rows=population.rows,
        start_s=ready - began,
        total_s=done - ready,
        stages=stages(ready, seen, done),
        relayed_mb=relayed(log) / 1e6,
        peak_mb=peaks,
        yardsticks=yardsticks,
        ratio=ratio,
        agreement=agreement(release, exact),
    )


def stages(start: float, seen: list[tuple[float, Status]], end: float) -> dict[str, float]:
    """Seconds until each stage was reached, counted from the one before."""
    found: dict[str, float] = {}
    before = start
    for at, status in seen:
        name = status.stage if status.state == "running" and status.stage else status.state
        found[name] = found.get(name, 0.0) + at - before
        before = at
    found["fetch"] = end - before
    return found


def relayed(log: Path) -> int:
    """Bytes that the relay passed on, over all attempts."""
    total = 0
    for line in log.read_text().splitlines():
        fields = json.loads(line)
        total += int(fields.get("relayed_bytes", 0))
    return total


def yardstick(data: Path, key: str) -> dict[str, Any]:
    """Run the plain join, each time in a process of its own; the fastest of :data:`REPEATS`."""
    command = [sys.executable, "-m", "benchmarks.baseline", str(data), key]
    found: list[dict[str, Any]] = []
    for _ in range(REPEATS):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
    return min(found, key=lambda measured: float(measured["join_s"]))

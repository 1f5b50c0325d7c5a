"""One run: real processes over mTLS from submit to release, and what it took.

Stages are told by the coordinator's progress: the time between two changes is booked on the stage that was
reached by the second. Bytes are those the relay passed on in bulk, read from its log; memory is VmHWM of
every process, read before it is stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.compare import Agreement, agreement
from benchmarks.layout import LAYOUTS
from benchmarks.population import Shape, generate
from samklang.analyst import Status
from samklang.cli.sandbox.federation import Sandbox

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 1_800
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
        together_mb: resident memory of all processes at the same time, at most, 2^20; sampled, and pages
            that processes share are counted for each.
        yardsticks: what :mod:`benchmarks.baseline` measured (or :mod:`benchmarks.exact`), without its cells.
        ratio: ``total_s`` over a pandas yardstick's join alone, and over reading and join.
    """

    citizens: int
    shape: str
    rows: dict[str, int]
    start_s: float
    total_s: float
    stages: dict[str, float]
    relayed_mb: float
    peak_mb: dict[str, float]
    together_mb: float
    yardsticks: dict[str, dict[str, Any]]
    ratio: dict[str, float]
    agreement: Agreement

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    workdir: Path, citizens: int, *, shape: Shape, seed: int, nodes: int = 3, with_pandas: bool = True
) -> Run:
    """Generate, run, compare; leaves tables and logs in ``workdir``.

    Args:
        nodes: a key of :data:`benchmarks.layout.LAYOUTS`.
        with_pandas: False: no yardstick, and the released table is compared with :mod:`benchmarks.exact`.
    """
    layout, data = LAYOUTS[nodes], workdir / "data"
    population = generate(data, citizens, shape=shape, seed=seed, nodes=nodes)
    began = time.perf_counter()
    with Sandbox(layout.folder, workdir / "sandbox", data=data, ready_seconds=READY_SECONDS) as sandbox:
        sandbox.client.codebook()  # connected, documents verified: what follows is the query alone
        ready = time.perf_counter()
        seen: list[tuple[float, Status]] = []
        with Resident([p.pid for p in sandbox.processes.values()]) as resident:
            release = sandbox.ask(layout.query, lambda status: seen.append((time.perf_counter(), status)))
        done = time.perf_counter()
        peaks = {name: (p.peak_memory() or 0) / 2**20 for name, p in sandbox.processes.items()}
        log = sandbox.processes["coordinator"].log
    yardsticks = yardsticks_of(data, nodes, with_pandas)
    exact, *others = [measured.pop("cells") for measured in yardsticks.values()]
    assert all(other == exact for other in others)
    ratio = {}
    for key, measured in yardsticks.items() if with_pandas else ():
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
        together_mb=resident.most / 2**20,
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


class Resident:
    """Memory of processes over time: ``most`` is the largest sum of their resident sizes, in bytes."""

    def __init__(self, pids: list[int]) -> None:
        self.most = 0
        self._pids = pids
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._stop.wait(0.1):
            with contextlib.suppress(OSError):  # one has ended: the query fails by itself
                sizes = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in self._pids]
                self.most = max(self.most, page * sum(map(int, sizes)))


def yardsticks_of(data: Path, nodes: int, with_pandas: bool) -> dict[str, dict[str, Any]]:
    """The plain join by key, with its ``cells``."""
    if not with_pandas:
        return {"sql": yardstick("benchmarks.exact", [str(data), str(nodes)], repeats=1)}
    return {key: yardstick("benchmarks.baseline", [str(data), key, str(nodes)]) for key in ("text", "int")}


def yardstick(module: str, words: list[str], repeats: int = REPEATS) -> dict[str, Any]:
    """Run a plain join, each time in a process of its own; the fastest."""
    command = [sys.executable, "-m", module, *words]
    found: list[dict[str, Any]] = []
    for _ in range(repeats):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout))
    return min(found, key=lambda measured: float(measured["join_s"]))

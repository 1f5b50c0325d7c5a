"""The command line of processes that kill themselves at a named point, and that say what leaves them.

Beside a process's configuration, ``crash.json`` = ``{"point": NAME, "at": N}`` says where: at the N-th time
that the point is reached from now on. Every point that is reached goes to ``points.txt``, and every message
that carries rows, before its first byte, to ``left.txt``: the witness that ledgers are compared with. There
is no noise, so that answers can be compared.

Points stand around every durable step: ``KIND: begin``, ``KIND: before commit`` and ``KIND: committed`` of
each of a node's files, ``store: …`` of the coordinator's. A step that is part of something larger has a
second name with that in front: ``charging ledger: committed``, ``store done: begin``. Besides there are the
steps between which snapshots change.

``clock`` beside the configuration, seconds, sets the process's clock ahead, as if that time had passed. Any
other command than ``run`` is the real command line, under the same points (``approvals``, ``audit``); its
plan is ``crash-beside.json``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support import quiet_main
from tests.support.quiet import NoNoise

ROWS = "rows/"


class Points:
    """The points of this process; ``folder`` is that of its configuration."""

    def __init__(self, folder: Path, plan: str = "crash.json") -> None:
        self._plan = folder / plan
        self._reached = os.open(folder / "points.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._left = os.open(folder / "left.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lock = threading.Lock()
        self._parts = threading.local()

    def reach(self, *names: str) -> None:
        """Die here if the plan says so, by any of the names that this point has."""
        with self._lock:
            os.write(self._reached, "".join(f"{name}\n" for name in names).encode())
            try:
                plan = json.loads(self._plan.read_text())
            except (OSError, ValueError):
                return
            if plan["point"] not in names:
                return
            if plan["at"] > 1:
                self._plan.write_text(json.dumps(plan | {"at": plan["at"] - 1}))
                return
            self._plan.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def leaves(self, query: str, attempt: int, stage: str, to: str) -> None:
        """A message is about to leave."""
        if stage.startswith(ROWS):
            os.write(self._left, f"{query} {attempt} {stage} {to}\n".encode())

    @contextmanager
    def within(self, part: str) -> Iterator[None]:
        """What this thread does meanwhile is part of ``part``."""
        before = getattr(self._parts, "now", "")
        self._parts.now = part
        try:
            yield
        finally:
            self._parts.now = before

    @contextmanager
    def around(self, name: str, writing: Callable[[], Any]) -> Iterator[Any]:
        """A transaction: before it, before its commit, after it."""
        names = [name, *([f"{part} {name}"] if (part := getattr(self._parts, "now", "")) else [])]
        self.reach(*(f"{one}: begin" for one in names))
        with writing() as found:
            yield found
            self.reach(*(f"{one}: before commit" for one in names))
        self.reach(*(f"{one}: committed" for one in names))

    def part(self, owner: Any, name: str, called: str | Callable[..., str]) -> None:
        """Calls of ``owner.name`` are the part ``called``, and reach a point when they have returned."""
        function = getattr(owner, name)

        def watched(*arguments: Any, **more: Any) -> Any:
            part = called if isinstance(called, str) else called(*arguments)
            with self.within(part):
                found = function(*arguments, **more)
            self.reach(f"{part}: done")
            return found

        setattr(owner, name, watched)


def watch_files(points: Points) -> None:
    """The durable steps of a node, and of a command beside it."""
    from samklang.node.append_only import AppendOnlyFile
    from samklang.node.approvals.gate import Gate
    from samklang.node.audit import retention
    from samklang.node.audit.service import AuditService

    writing, shrink = AppendOnlyFile.writing, AppendOnlyFile.shrink

    def watched(self: AppendOnlyFile) -> Any:
        return points.around(self.kind, lambda: writing(self))

    def shrunk(self: AppendOnlyFile) -> None:
        points.reach(f"{self.kind}: before overwriting")
        shrink(self)

    AppendOnlyFile.writing, AppendOnlyFile.shrink = watched, shrunk  # type: ignore[method-assign]
    points.part(retention, "prune", "pruning")
    points.part(Gate, "require", "asking people")
    points.part(AuditService, "_answer", lambda _, asked: f"receipt {asked.WhichOneof('question')}")


def watch_node(points: Points) -> None:
    from samklang.node.data import frozen
    from samklang.node.part import NodePart
    from samklang.node.snapshots import Snapshots
    from samklang.node.wire import NodeWire

    watch_files(points)
    points.part(NodePart, "charge", "charging")
    push, send = NodeWire.push, NodeWire.send

    async def pushed(self: Any, to: str, stage: str, frames: Any) -> None:
        points.leaves(self._attempt.query, self._attempt.number, stage, to)
        await push(self, to, stage, frames)
        points.reach(f"pushed {stage}")

    async def sent(self: Any, to: str, stage: str, payload: bytes) -> None:
        points.leaves(self._attempt.query, self._attempt.number, stage, to)
        await send(self, to, stage, payload)

    NodeWire.push, NodeWire.send = pushed, sent  # type: ignore[method-assign]
    points.part(Snapshots, "_take", "switching")
    points.part(Snapshots, "_made", "snapshot made")
    points.part(frozen, "_save", "register saved")
    erase = frozen._erase

    def erased(folder: Path) -> None:
        points.reach("snapshot leaving")
        erase(folder)
        points.reach("snapshot gone")

    frozen._erase = erased


def watch_coordinator(points: Points) -> None:
    from samklang.coordinator.store import Store

    transaction, move, delete = Store._transaction, Store.move, Store.delete_kept
    doing = threading.local()

    def watched(self: Store) -> Any:
        name = f"store {getattr(doing, 'state', '')}".strip()
        return points.around(name, lambda: transaction(self))

    def named(name: str, work: Callable[[], Any]) -> Any:
        doing.state = name
        try:
            return work()
        finally:
            doing.state = ""

    def moved(self: Store, query: str, state: Any, now_us: int, **details: Any) -> Any:
        return named(str(state), lambda: move(self, query, state, now_us, **details))

    def deleted(self: Store, today: str) -> Any:
        return named("deleting", lambda: delete(self, today))

    Store._transaction, Store.move = watched, moved  # type: ignore[method-assign, assignment]
    Store.delete_kept = deleted  # type: ignore[method-assign]


class Ahead:
    """A clock that is ahead by what a file says, as if that time had passed; read at every look."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def seconds(self) -> float:
        with suppress(OSError, ValueError):
            return float(self._file.read_text())
        return 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds())

    def running(self) -> float:
        return time.monotonic() + self.seconds()


def main() -> int:
    config = Path(sys.argv[sys.argv.index("--config") + 1])
    plan = "crash.json" if sys.argv[2] == "run" else "crash-beside.json"
    points, ahead = Points(config.parent, plan), Ahead(config.parent / "clock")
    if sys.argv[1:3] == ["node", "run"]:
        watch_node(points)
        from samklang.node.main import run

        return run(config, noise=NoNoise(), clock=ahead.now, running=ahead.running)
    if sys.argv[1:3] == ["coordinator", "run"]:
        watch_coordinator(points)
        return quiet_main.coordinator(config, clock=ahead.now, running=ahead.running)
    from samklang.cli.main import main as command

    watch_files(points)
    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

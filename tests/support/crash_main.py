"""The command line of processes that kill themselves at a named point, and that say what leaves them.

Beside a process's configuration, ``crash.json`` = ``{"point": NAME, "at": N}`` says where: at the N-th time
that the point is reached from now on. Points stand around every durable step: ``KIND: begin``, ``KIND: before
commit`` and ``KIND: committed`` of each of a node's files, ``store STATE: …`` of the coordinator's. Every
point that is reached goes to ``points.txt``, and every message that carries rows, before its first byte, to
``left.txt``: the witness that ledgers are compared with. There is no noise, so that answers can be compared.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import quiet_main

ROWS = "rows/"


class Points:
    """The points of this process; ``folder`` is that of its configuration."""

    def __init__(self, folder: Path) -> None:
        self._plan = folder / "crash.json"
        self._reached = os.open(folder / "points.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._left = os.open(folder / "left.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lock = threading.Lock()

    def reach(self, point: str) -> None:
        """Die here if the plan says so."""
        with self._lock:
            os.write(self._reached, f"{point}\n".encode())
            try:
                plan = json.loads(self._plan.read_text())
            except (OSError, ValueError):
                return
            if plan["point"] != point:
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
    def around(self, name: str, writing: Callable[[], Any]) -> Iterator[Any]:
        """A transaction: before it, before its commit, after it."""
        self.reach(f"{name}: begin")
        with writing() as found:
            yield found
            self.reach(f"{name}: before commit")
        self.reach(f"{name}: committed")


def watch_node(points: Points) -> None:
    from samklang.node.append_only import AppendOnlyFile
    from samklang.node.wire import NodeWire

    writing, push, send = AppendOnlyFile.writing, NodeWire.push, NodeWire.send

    def watched(self: AppendOnlyFile) -> Any:
        return points.around(self.kind, lambda: writing(self))

    async def pushed(self: Any, to: str, stage: str, frames: Any) -> None:
        points.leaves(self._attempt.query, self._attempt.number, stage, to)
        await push(self, to, stage, frames)
        points.reach(f"pushed {stage}")

    async def sent(self: Any, to: str, stage: str, payload: bytes) -> None:
        points.leaves(self._attempt.query, self._attempt.number, stage, to)
        await send(self, to, stage, payload)

    AppendOnlyFile.writing = watched  # type: ignore[method-assign]
    NodeWire.push, NodeWire.send = pushed, sent  # type: ignore[method-assign]


def watch_coordinator(points: Points) -> None:
    from samklang.coordinator.store import Store

    transaction, move = Store._transaction, Store.move
    doing = threading.local()

    def watched(self: Store) -> Any:
        name = f"store {getattr(doing, 'state', '')}".strip()
        return points.around(name, lambda: transaction(self))

    def moved(self: Store, query: str, state: Any, now_us: int, **details: Any) -> Any:
        doing.state = str(state)
        try:
            return move(self, query, state, now_us, **details)
        finally:
            doing.state = ""

    Store._transaction, Store.move = watched, moved  # type: ignore[method-assign, assignment]


def main() -> int:
    config = Path(sys.argv[sys.argv.index("--config") + 1])
    points = Points(config.parent)
    watch_node(points) if sys.argv[1] == "node" else watch_coordinator(points)
    return quiet_main.main()


if __name__ == "__main__":
    sys.exit(main())

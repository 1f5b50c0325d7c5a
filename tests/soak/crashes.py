"""Queries on real processes that are killed, at random moments and at named points, and started again.

``python -m tests.soak.crashes --rounds 100`` (``make soak SOAK_ARGS="--rounds 100"``). Every round asks one
query; in most of them one process, a node or the coordinator, is killed on the way and started again. In the
end the files of all of them are compared with what was seen to leave: see :func:`audited`.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.node.tiny import write_folder

from samklang.analyst import connect
from samklang.cli.sandbox.federation import Sandbox
from samklang.cli.sandbox.material import COORDINATOR
from samklang.errors import SamklangError
from samklang.node.answers import Answers
from samklang.node.audit.anchor import anchor
from samklang.node.audit.trail import open_trail
from samklang.node.ledger import Ledger
from samklang.policy import Caps

ENTRY = ("-m", "tests.support.crash_main")
NODES = ("kommune", "region")
WIDE = Caps(month=10**12, year=10**12)
QUERY_SECONDS = 120.0
ATTEMPTS = 3

FILES = (
    "ledger", "store of answered questions", "journal", "audit log", "release keys", "record of citizens",
)  # fmt: skip
WHEN = ("begin", "before commit", "committed")
NODE_POINTS = (*(f"{kind}: {when}" for kind in FILES for when in WHEN), "pushed rows/share")
COORDINATOR_POINTS = tuple(
    f"store{state}: {when}"
    for state in ("", " authorising", " running", " releasing", " done")
    for when in WHEN
)


@dataclass
class Crash:
    """One process to be killed: at the ``at``-th time it reaches ``point``, or after so many seconds."""

    who: str
    point: str = ""
    at: int = 1
    seconds: float = 0.0


@dataclass
class Report:
    """What happened; ``problems`` must be empty."""

    rounds: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class Soak:
    """A federation of two nodes and a coordinator that computes, under fire."""

    def __init__(self, folder: Path, seed: int, citizens: int = 400) -> None:
        part = "caps: {month: 64, year: 64, lifetime: 64}\n"
        self.sandbox = Sandbox(write_folder(folder / "f", citizens, part=part), folder / "w", entry=ENTRY)
        self.random = random.Random(seed)
        self.report = Report()
        self._asked = 0
        self._lock = threading.Lock()
        self._releases: dict[str, set[bytes]] = {}

    def folder(self, who: str) -> Path:
        made = self.sandbox.material
        return (made.coordinator if who == COORDINATOR else made.nodes[who]).parent

    def round(self, crash: Crash | None) -> str:
        """Ask; kill and start again on the way; returns how the query ended."""
        self.report.rounds += 1
        outcome: list[str] = []
        asking = threading.Thread(target=lambda: outcome.append(self._ask()))
        if crash and crash.point:
            plan = self.folder(crash.who) / "crash.json"
            plan.write_text(json.dumps({"point": crash.point, "at": crash.at}))
        asking.start()
        if crash:
            self._kill(crash, asking)
        asking.join(QUERY_SECONDS + 60)
        if not outcome:
            self.report.problems.append(f"round {self.report.rounds}: the query never ended")
            return "stuck"
        self.report.ended[outcome[0]] += 1
        return outcome[0]

    def _kill(self, crash: Crash, asking: threading.Thread) -> None:
        name = f"{crash.who}: {crash.point or 'at random'}"
        process = self.sandbox.processes[crash.who]
        if crash.point:
            while asking.is_alive() and process.running():
                time.sleep(0.02)
            time.sleep(0.05)
        else:
            time.sleep(crash.seconds)
            process.process.kill()
            process.process.wait(10)
        with suppress(FileNotFoundError):
            (self.folder(crash.who) / "crash.json").unlink()
        if process.running():
            self.report.missed[name] += 1
            return
        self.report.killed[name] += 1
        self.sandbox.stop(crash.who)
        self.sandbox.start(crash.who)
        self.sandbox.await_ready(crash.who)
        if crash.who == COORDINATOR:
            for node in NODES:  # they link again by themselves
                assert self.sandbox.processes[node].running()

    def _ask(self) -> str:
        """One query, through whatever happens to the coordinator; the release is fetched twice."""
        with self._lock:
            self._asked += 1
            number = self._asked
        deadline = time.monotonic() + QUERY_SECONDS
        query = ""
        while time.monotonic() < deadline:
            try:
                with connect(self.sandbox.client_config) as client:
                    if not query:
                        query = client.submit(self._draft(client, number))
                    status = client.wait(query)
                    for _ in range(2):
                        raw = client.release(query).document
                        self._releases.setdefault(query, set()).add(json.dumps(raw).encode())
                    return str(status.state)
            except SamklangError as error:
                if error.code in ("transport-unreachable", "transport-lost", "transport-cut"):
                    time.sleep(0.3)
                    continue
                return error.code
        return "deadline"

    def _draft(self, client: Any, number: int) -> Any:
        draft = client.draft(self.sandbox.blueprint.query("areas"))
        epsilon = Decimal("0.05") + Decimal(number) / 1_000_000  # no two have the same answer in the store
        return draft.model_copy(update={"privacy": draft.privacy.model_copy(update={"epsilon": epsilon})})

    def plan(self) -> Crash | None:
        """What happens in the next round: in one of ten nothing, in a third a kill at a random moment."""
        dice = self.random.random()
        if dice < 0.1:
            return None
        who = self.random.choice((*NODES, COORDINATOR))
        if dice < 0.4:
            return Crash(who, seconds=self.random.uniform(0.0, 2.5))
        points = COORDINATOR_POINTS if who == COORDINATOR else NODE_POINTS
        return Crash(who, self.random.choice(points), self.random.choice((1, 1, 1, 2, 3)))

    def audited(self) -> Report:
        """Compare the files of all processes, once they have stopped; fills and returns the report.

        - every (query, attempt) whose rows were about to leave a node is charged there;
        - a release that is done has its charge at every contributing node, for the attempt that it names;
        - a query has one release, whenever it is fetched;
        - every chain verifies; every charge has its question in the guard's store and its entry in the log.
        """
        report, figures = self.report, self.report.figures
        with closing(sqlite3.connect(self.folder(COORDINATOR) / "state" / "coordinator.sqlite")) as db:
            digests = dict(db.execute("SELECT id, digest FROM query"))
            done = "SELECT digest, attempt FROM release JOIN query ON id = query WHERE state = 'done'"
            released = set(db.execute(done))
        for node in NODES:
            figures[node] = self._audited(node, digests, released)
        figures["releases"] = len(released)
        several = {q: len(found) for q, found in self._releases.items() if len(found) > 1}
        report.problems += [f"{query}: {count} different releases" for query, count in several.items()]
        return report

    def _audited(self, node: str, digests: dict[str, str], released: set[tuple[str, int]]) -> dict[str, int]:
        problems, state = self.report.problems, self.folder(node) / "state"
        with closing(Ledger(state / "ledger.sqlite", WIDE)) as ledger:
            head = ledger.verify()
            Answers(state / "answers.sqlite", ledger).close()
            with closing(open_trail(state, "tiny", node)) as trail:
                if missing := anchor(trail, ledger):
                    # A charge that was cut off from its entry: the next start of the node makes up for it.
                    self.report.figures[f"{node}: charges logged afterwards"] = missing
        with closing(sqlite3.connect(state / "ledger.sqlite")) as db:
            charged = {
                (q, a): rho for q, a, rho in db.execute("SELECT query, attempt, nano_rho FROM entries")
            }
        with closing(sqlite3.connect(state / "answers.sqlite")) as db:
            known = {row[0] for row in db.execute("SELECT query FROM answers")}
        lines = (self.folder(node) / "left.txt").read_text().splitlines()
        left = {(digests.get(q, q), int(a)) for q, a, *_ in map(str.split, lines)}
        problems += [f"{node}: rows left uncharged: {pair}" for pair in left - charged.keys()]
        problems += [f"{node}: charged, unknown to the guard: {q}" for q, _ in charged if q not in known]
        problems += [f"{node}: released uncharged: {pair}" for pair in released - charged.keys()]
        unused = {pair: rho for pair, rho in charged.items() if pair not in released}
        most = max(Counter(q for q, _ in charged).values(), default=0)
        if most > ATTEMPTS:
            problems.append(f"{node}: a query was charged {most} times")
        return {
            "charges": head.entries,
            "attempts whose rows left": len(left),
            "charges without a release": len(unused),
            "of these, rows never left": len(unused.keys() - left),
            "over-count, nano-rho": sum(unused.values()),
            "charged in all, nano-rho": sum(charged.values()),
            "most charges of one query": most,
        }

    def points(self) -> Counter[str]:
        """How often each point was reached."""
        found: Counter[str] = Counter()
        for who in (*NODES, COORDINATOR):
            kind = "coordinator" if who == COORDINATOR else "node"
            reached = (self.folder(who) / "points.txt").read_text().splitlines()
            found.update(f"{kind}: {point}" for point in reached)
        return found


def run(rounds: int, seed: int, folder: Path) -> Report:
    """So many rounds; prints a line about each."""
    soak = Soak(folder, seed)
    began = time.monotonic()
    with soak.sandbox:
        for number in range(1, rounds + 1):
            crash = soak.plan()
            ended = soak.round(crash)
            said = "nobody" if crash is None else f"{crash.who}: {crash.point or 'at random'}"
            print(f"{number:4} {time.monotonic() - began:7.1f} s  {said:50} {ended}", flush=True)
        material = soak.sandbox.material
    report = soak.audited()
    report.figures["seconds"] = round(time.monotonic() - began)
    report.figures["points reached"] = len(soak.points())
    assert material is not None
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(datetime.now(UTC).timestamp()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory(prefix="samklang-soak-") as folder:
        report = run(arguments.rounds, arguments.seed, Path(folder))
    print(json.dumps({"rounds": report.rounds, "killed": sum(report.killed.values()),
                      "missed": sum(report.missed.values()), "ended": report.ended,
                      "killed at": dict(sorted(report.killed.items())), **report.figures,
                      "problems": report.problems}, indent=1))  # fmt: skip
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())

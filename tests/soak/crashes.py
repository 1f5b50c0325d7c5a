"""Queries on real processes that are killed, at random moments and at named points, and started again.

``python -m tests.soak.crashes --rounds 100`` (``make soak SOAK_ARGS="--rounds 100"``). In most rounds one
process, a node, the coordinator or the command of somebody who approves, is killed on the way and started
again. A round asks one query (:meth:`Soak.round`), while a day begins and the snapshots change
(:meth:`Soak.turn`), or one that waits for three people (:meth:`Soak.approve`); or what has been kept long
enough is deleted
(:meth:`Soak.prune`). In the end the files of all of them are compared with what was seen to leave:
:mod:`tests.soak.audit`.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.node.tiny import people
from tests.soak.audit import Report, audit
from tests.soak.federation import object_to, write
from tests.soak.points import (
    APPROVAL_POINTS,
    COORDINATOR_POINTS,
    DELETE_POINTS,
    DESK_POINTS,
    NODE_POINTS,
    PRUNE_POINTS,
    SWITCH_POINTS,
    WAITING_POINTS,
)
from tests.support.synthea import ROOT

from samklang.analyst import connect
from samklang.cli.sandbox.federation import Sandbox
from samklang.cli.sandbox.material import COORDINATOR
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.model.approval import Word, sign_statement
from samklang.node.approvals.desk import open_desk, word_of
from samklang.node.documents import load_documents
from samklang.transport.settled import FILE as SETTLED

ENTRY = ("-m", "tests.support.crash_main")
NODES = ("kommune", "region")
QUERY_SECONDS = 120.0

DAY = 86_400
KEPT_DAYS = 400
"""Ahead of the clock when everything has been kept long enough."""
TURN_SECONDS = 20.0
"""A query may be quicker than the day's snapshot."""
YES = (("kommune", "bo"), ("region", "ann"), ("region", "cat"))

PASSING = ("transport-unreachable", "transport-lost", "transport-cut", "coordinator-stopping")
TURNING = ("node-snapshot-overdue", "node-controllers-differ", "node-controller-left")
"""A node that hasn't its new snapshot yet says so; whoever asks asks again."""


@dataclass
class Crash:
    """One process to be killed: at the ``at``-th time it reaches ``point``, or after so many seconds."""

    who: str
    point: str = ""
    at: int = 1
    seconds: float = 0.0


class Soak:
    """A federation of two nodes and a coordinator that computes, under fire."""

    def __init__(self, folder: Path, seed: int, citizens: int = 400) -> None:
        self.citizens = citizens
        self._data = write(folder / "f", citizens) / "data"
        self.sandbox = Sandbox(folder / "f", folder / "w", entry=ENTRY, ready_seconds=600)
        self._day = 0
        self._objected: list[str] = []
        self.random = random.Random(seed)
        self.report = Report()
        self._asked = 0
        self.last = ""
        self._by: Crash | None = None
        self._no = False
        self._dead: set[str] = set()
        self._lock = threading.Lock()
        self._releases: dict[str, set[bytes]] = {}

    def folder(self, who: str) -> Path:
        made = self.sandbox.material
        return (made.coordinator if who == COORDINATOR else made.nodes[who]).parent

    def round(self, crash: Crash | None, *, purpose: str = "overview", turn: float | None = None) -> str:
        """Ask; kill and start again on the way; returns how the query ended.

        Args:
            purpose: the grant.
            turn: a day begins after so many seconds.
        """
        self.report.rounds += 1
        outcome: list[str] = []
        asking = threading.Thread(target=lambda: outcome.append(self._ask(purpose, turn is not None)))
        self._plan(crash)
        asking.start()
        if turn is not None:
            time.sleep(turn)
            self._next_day()
        if purpose == "asked":
            self._decide(asking)
        if crash and crash.who in self.sandbox.processes:
            self._kill(crash, asking, TURN_SECONDS if turn is not None else 0.0)
        asking.join(QUERY_SECONDS + 60)
        if not outcome:
            self.report.problems.append(f"round {self.report.rounds}: the query never ended")
            return "stuck"
        self.report.ended[outcome[0]] += 1
        return outcome[0]

    def turn(self, crash: Crash | None, seconds: float = 0.3) -> str:
        """A day begins while a query is on its way: another citizen objects, practices leave and join."""
        return self.round(crash, turn=seconds)

    def approve(self, crash: Crash | None, by: Crash | None = None, *, no: bool = False) -> str:
        """A query that waits for three people.

        Args:
            by: the command of one of them is killed (``who``: the node), and called until the decision is
                entered.
            no: the last of them says no; nobody may be charged then.
        """
        self._by, self._no = by, no
        ended = self.round(crash, purpose="asked")
        if no and (ended != "approval-rejected" or any(self.charged().values())):
            self.report.problems.append(f"somebody said no, and it ended {ended}: {self.charged()}")
        self._no = False
        return ended

    def prune(self, crash: Crash) -> None:
        """The process starts with a clock by which everything has been kept long enough, as if it had run by
        that for a day, and is killed while it deletes; then it starts again, and nothing of what should have
        gone is left."""
        self.report.rounds += 1
        who, name = crash.who, f"{crash.who}: {crash.point}"
        kept = self._kept(who)
        self.sandbox.stop(who)
        self._set_clock(who, KEPT_DAYS)
        readings = {"ran": 0.0, "readings": [[0.0, time.time() + KEPT_DAYS * DAY]]}
        (self.folder(who) / "state" / SETTLED).write_text(json.dumps(readings))
        self._plan(crash)
        before = len(self._reached(who))
        process = self.sandbox.start(who)
        end = time.monotonic() + 60
        while process.running() and time.monotonic() < end:
            time.sleep(0.05)
            if {"pruning: done", "store deleting: committed"} & {*self._reached(who)[before:]}:
                time.sleep(0.2)
                break
        self._unplan(crash)
        if process.running():
            self.report.missed[name] += 1
        else:
            self.report.killed[name] += 1
            self.sandbox.stop(who)
            self.sandbox.start(who)
        self.sandbox.await_ready(who)
        self._until_gone(who, kept)
        self._set_clock(who, self._day if who != COORDINATOR else 0)
        self.report.ended["pruned"] += 1

    def _until_gone(self, who: str, kept: list[bytes]) -> None:
        end = time.monotonic() + 30
        while kept and time.monotonic() < end:
            there = b"".join(f.read_bytes() for f in (self.folder(who) / "state").glob("*.sqlite*"))
            kept = [one for one in kept if one in there]
            time.sleep(0.1)
        if kept:
            self.report.problems.append(f"{who}: {len(kept)} that should have been deleted are on the disk")

    def _kept(self, who: str) -> list[bytes]:
        """Pieces of what is to be deleted, as they lie on the disk: releases, or salts."""
        state = self.folder(who) / "state"
        if who == COORDINATOR:
            select = "SELECT substr(bytes, 1, 300) FROM release JOIN query ON id = query WHERE state = 'done'"
            file = state / "coordinator.sqlite"
        else:
            newest = "(SELECT max(number) FROM entry WHERE kind = 'charged')"
            day = datetime.now(UTC).date() + timedelta(days=KEPT_DAYS)
            select = (
                "SELECT salt FROM body JOIN entry USING (number) WHERE field = 'actor' AND kind <> 'pruned' "
                f"AND number <> {newest} AND expires < '{day}'"
            )
            file = state / "audit.sqlite"
        with closing(sqlite3.connect(file)) as db:
            return [bytes(row[0]) for row in db.execute(select)]

    def _reached(self, who: str) -> list[str]:
        return (self.folder(who) / "points.txt").read_text().splitlines()

    def _next_day(self) -> None:
        self._day += 1
        self._objected.append(people(self.citizens)[self._day][0])
        object_to(self._data, self._objected)
        for node in NODES:
            self._set_clock(node, self._day)

    def _set_clock(self, who: str, days: int) -> None:
        beside = self.folder(who) / "clock.new"
        beside.write_text(str(days * DAY))
        beside.replace(self.folder(who) / "clock")

    def _decide(self, asking: threading.Thread) -> None:
        """Everybody says yes, as soon as they are asked; each decision is entered by a process of its own."""
        for node, person in YES:
            config = self.sandbox.material.nodes[node]
            key = SigningKey.load(config.parent / "approvers" / f"{person}.key")
            case = None
            while asking.is_alive() and case is None:
                self._start_again()
                with suppress(SamklangError), open_desk(load_documents(config)) as desk:
                    case = next((one for one in desk.cases() if one.state == "waiting"), None)
                time.sleep(0.1)
            if case is None:
                return
            role = load_documents(config).policy.document.approvers[person].role
            no = self._no and (node, person) == YES[-1]
            word: Word = "reject" if no else "approve"
            why = "Too fine for us" if no else ""
            said = sign_statement(word_of(case, person, role, word, why, datetime.now(UTC)), key)
            file = config.parent / f"decision-{person}.json"
            file.write_bytes(said)
            if self._by and self._by.who == node:
                plan = {"point": self._by.point, "at": self._by.at}
                (config.parent / "crash-beside.json").write_text(json.dumps(plan))
            words = ["approvals", "enter", str(file), "--config", str(config), "--json"]
            for _ in range(5):
                command = [sys.executable, *ENTRY, *words]
                entered = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
                if entered.returncode == -signal.SIGKILL:
                    assert self._by is not None
                    self.report.killed[f"command at {node}: {self._by.point}"] += 1
                    self._by = None
                    continue
                if entered.returncode and "approval-repeated" not in entered.stderr:
                    problem = f"{node}: a decision can't be entered: {entered.stderr[:300]}"
                    self.report.problems.append(problem)
                break
        self._by = None

    def _start_again(self) -> None:
        """Whoever was killed before anybody was asked."""
        for who in (COORDINATOR, *NODES):
            if not self.sandbox.processes[who].running():
                self._dead.add(who)
                self.sandbox.stop(who)
                self.sandbox.start(who)
                self.sandbox.await_ready(who)

    def _plan(self, crash: Crash | None) -> None:
        self._dead = set()
        if crash and crash.point:
            plan = self.folder(crash.who) / "crash.json"
            plan.write_text(json.dumps({"point": crash.point, "at": crash.at}))

    def _unplan(self, crash: Crash) -> None:
        with suppress(FileNotFoundError):
            (self.folder(crash.who) / "crash.json").unlink()

    def _kill(self, crash: Crash, asking: threading.Thread, seconds: float) -> None:
        """``seconds``: for which the point may still be reached when the query has ended."""
        name = f"{crash.who}: {crash.point or 'at random'}"
        process = self.sandbox.processes[crash.who]
        if crash.who in self._dead:
            self.report.killed[name] += 1
            return
        if crash.point:
            end = time.monotonic() + seconds
            while process.running() and (asking.is_alive() or time.monotonic() < end):
                time.sleep(0.02)
            time.sleep(0.05)
        else:
            time.sleep(crash.seconds)
            process.process.kill()
            process.process.wait(10)
        self._unplan(crash)
        if process.running():
            self.report.missed[name] += 1
            return
        self.report.killed[name] += 1
        self.sandbox.stop(crash.who)
        self.sandbox.start(crash.who)
        self.sandbox.await_ready(crash.who)
        self._alive()

    def _alive(self) -> None:
        """Nodes link again by themselves: none may have ended that nobody has killed."""
        for node in NODES:
            if not self.sandbox.processes[node].running():
                last = (self.folder(node) / "log.jsonl").read_text().splitlines()[-3:]
                self.report.problems.append(f"{node}: ended by itself: {' '.join(last)}")

    def _ask(self, purpose: str, turning: bool) -> str:
        """One query, through whatever happens to the coordinator; the release is fetched twice.

        Args:
            turning: ask anew when a node says that it hasn't the day's snapshot yet.
        """
        with self._lock:
            self._asked += 1
            number = self._asked
        deadline = time.monotonic() + QUERY_SECONDS
        query = ""
        while time.monotonic() < deadline:
            try:
                with connect(self.sandbox.client_config) as client:
                    if not query:
                        query = self.last = client.submit(self._draft(client, number, purpose))
                    status = client.wait(query)
                    for _ in range(2):
                        raw = client.release(query).document
                        self._releases.setdefault(query, set()).add(json.dumps(raw).encode())
                    return str(status.state)
            except SamklangError as error:
                if error.code in PASSING:
                    time.sleep(0.3)
                    continue
                if turning and error.code in TURNING:
                    query = ""
                    time.sleep(0.3)
                    continue
                return error.code
        return "deadline"

    def _draft(self, client: Any, number: int, purpose: str) -> Any:
        draft = client.draft(self.sandbox.blueprint.query("areas"))
        epsilon = Decimal("0.05") + Decimal(number) / 1_000_000  # no two have the same answer in the store
        price = draft.privacy.model_copy(update={"epsilon": epsilon})
        asked = draft.purpose.model_copy(update={"id": purpose})
        return draft.model_copy(update={"privacy": price, "purpose": asked})

    def next(self) -> tuple[str, str]:
        """One more round; (what it was, how it ended)."""
        dice = self.random.random()
        node, at = self.random.choice(NODES), self.random.choice((1, 1, 2))
        if dice < 0.2:
            crash = Crash(node, self.random.choice(SWITCH_POINTS))
            return f"a day begins; {_said(crash)}", self.turn(crash, self.random.uniform(0, 1.5))
        if dice < 0.3:
            crash = Crash(node, self.random.choice(APPROVAL_POINTS), at)
            return f"people; {_said(crash)}", self.approve(crash)
        if dice < 0.34:
            crash = Crash(COORDINATOR, self.random.choice(WAITING_POINTS))
            return f"people; {_said(crash)}", self.approve(crash)
        if dice < 0.4:
            crash = Crash(node, self.random.choice(DESK_POINTS), at)
            return f"people; command at {_said(crash)}", self.approve(
                None, crash, no=self.random.random() < 0.3
            )
        if dice < 0.5:
            who = self.random.choice((*NODES, COORDINATOR))
            crash = Crash(who, self.random.choice(DELETE_POINTS if who == COORDINATOR else PRUNE_POINTS), at)
            self.prune(crash)
            return f"deleting; {_said(crash)}", "pruned"
        planned = self.plan()
        return _said(planned), self.round(planned)

    def plan(self) -> Crash | None:
        """A plain round: in one of ten nothing, in a third a kill at a random moment."""
        dice = self.random.random()
        if dice < 0.1:
            return None
        who = self.random.choice((*NODES, COORDINATOR))
        if dice < 0.4:
            return Crash(who, seconds=self.random.uniform(0.0, 2.5))
        points = COORDINATOR_POINTS if who == COORDINATOR else NODE_POINTS
        return Crash(who, self.random.choice(points), self.random.choice((1, 1, 1, 2, 3)))

    def snapshots(self, node: str) -> list[str]:
        """What lies there; the old one goes when the attempts that hold it have ended."""
        folder, end = self.folder(node) / "state" / "snapshots", time.monotonic() + 30
        while len(found := [f.name for f in folder.iterdir() if f.is_dir()]) > 1 and time.monotonic() < end:
            time.sleep(0.2)
        return found

    def charged(self) -> dict[str, int]:
        """How often the last query was charged at each node."""
        with closing(sqlite3.connect(self.folder(COORDINATOR) / "state" / "coordinator.sqlite")) as db:
            (digest,) = db.execute("SELECT digest FROM query WHERE id = ?", (self.last,)).fetchone()
        found = {}
        for node in NODES:
            with closing(sqlite3.connect(self.folder(node) / "state" / "ledger.sqlite")) as db:
                count = "SELECT count(*) FROM entries WHERE query = ?"
                found[node] = int(db.execute(count, (digest,)).fetchone()[0])
        return found

    def audited(self) -> Report:
        """See :mod:`tests.soak.audit`; once all processes have stopped."""
        folders = {who: self.folder(who) for who in (*NODES, COORDINATOR)}
        audit(self.report, folders[COORDINATOR], {node: folders[node] for node in NODES}, self._releases)
        return self.report

    def points(self) -> Counter[str]:
        """How often each point was reached."""
        found: Counter[str] = Counter()
        for who in (*NODES, COORDINATOR):
            kind = "coordinator" if who == COORDINATOR else "node"
            reached = (self.folder(who) / "points.txt").read_text().splitlines()
            found.update(f"{kind}: {point}" for point in reached)
        return found


def _said(crash: Crash | None) -> str:
    return "nobody" if crash is None else f"{crash.who}: {crash.point or 'at random'}"


def run(rounds: int, seed: int, folder: Path, until: datetime | None = None) -> Report:
    """So many rounds, or until then, or until a problem shows; prints a line about each."""
    soak = Soak(folder, seed)
    began = time.monotonic()
    with soak.sandbox:
        for number in range(1, rounds + 1):
            said, ended = soak.next()
            print(f"{number:4} {time.monotonic() - began:7.1f} s  {said:70} {ended}", flush=True)
            if soak.report.problems or (until and datetime.now(UTC) >= until):
                break
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
    parser.add_argument("--until", type=datetime.fromisoformat, help="stop then: 2026-11-25T12:00+00:00")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory(prefix="samklang-soak-") as folder:
        report = run(arguments.rounds, arguments.seed, Path(folder), arguments.until)
    print(json.dumps({"rounds": report.rounds, "killed": sum(report.killed.values()),
                      "missed": sum(report.missed.values()), "ended": report.ended,
                      "killed at": dict(sorted(report.killed.items())), **report.figures,
                      "problems": report.problems}, indent=1))  # fmt: skip
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())

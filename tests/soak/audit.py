"""After the fire: the files of all processes, held against what was seen to leave them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samklang.audit.deletions import withheld
from samklang.coordinator.states import State
from samklang.node.answers import Answers
from samklang.node.audit.anchor import anchor
from samklang.node.audit.trail import open_trail
from samklang.node.ledger import Ledger
from samklang.policy import Caps

WIDE = Caps(month=10**12, year=10**12)
ATTEMPTS = 3


@dataclass
class Report:
    """What happened; ``problems`` must be empty."""

    rounds: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    figures: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def audit(
    report: Report, coordinator: Path, nodes: Mapping[str, Path], releases: Mapping[str, set[bytes]]
) -> None:
    """Compare the files of all processes, once they have stopped; fills and returns the report.

    - every (query, attempt) whose rows were about to leave a node is charged there;
    - a release that is done has its charge at every contributing node, for the attempt that it names;
    - a query has one release, whenever it is fetched, and has ended; nothing is done without receipts;
    - what a log doesn't show, it says that it deleted;
    - every chain verifies; every charge has its question in the guard's store and its entry in the log.
    """
    figures = report.figures
    with closing(sqlite3.connect(coordinator / "state" / "coordinator.sqlite")) as db:
        digests = dict(db.execute("SELECT id, digest FROM query"))
        released = set(db.execute("SELECT digest, attempt FROM query WHERE state = 'done'"))
        bare = "SELECT id FROM query WHERE (state = 'done') <> (id IN (SELECT query FROM receipts))"
        report.problems += [f"receipts and result don't go together: {q}" for (q,) in db.execute(bare)]
        for query, state in db.execute("SELECT id, state FROM query"):
            if not State(state).ended:
                report.problems.append(f"{query} has not ended: {state}")
    for node, folder in nodes.items():
        figures[node] = _node(report, node, folder / "state", digests, released)
    figures["releases"] = len(released)
    several = {q: len(found) for q, found in releases.items() if len(found) > 1}
    report.problems += [f"{query}: {count} different releases" for query, count in several.items()]


def _node(
    report: Report, node: str, state: Path, digests: dict[str, str], released: set[tuple[str, int]]
) -> dict[str, int]:
    problems = report.problems
    with closing(Ledger(state / "ledger.sqlite", WIDE)) as ledger:
        head = ledger.verify()
        Answers(state / "answers.sqlite", ledger).close()
        with closing(open_trail(state, "tiny", node)) as trail:
            if missing := anchor(trail, ledger):
                # A charge that was cut off from its entry: the next start of the node makes up for it.
                report.figures[f"{node}: charges logged afterwards"] = missing
            entries = [*trail.entries()]
            if found := withheld(entries):
                problems.append(f"{node}: gone from the log without a word: {found}")
            # Those of before the newest deletion are in their year; none was left out before it.
            heads = [str(e.value("ledger")).split("/")[1] for e in entries if e.value("kind") == "charged"]
            numbers = [int(head) for head in heads]
            if numbers != [*range(numbers[0], numbers[0] + len(numbers))]:
                problems.append(f"{node}: charges are missing in the log, or out of order: {numbers}")
    with closing(sqlite3.connect(state / "ledger.sqlite")) as db:
        charged = {(q, a): rho for q, a, rho in db.execute("SELECT query, attempt, nano_rho FROM entries")}
    with closing(sqlite3.connect(state / "answers.sqlite")) as db:
        known = {row[0] for row in db.execute("SELECT query FROM answers")}
    lines = (state.parent / "left.txt").read_text().splitlines()
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

"""How long salts and values are kept, and what deletes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from samklang.audit.entry import FIELDS, Event
from samklang.model.calendar import day_of
from samklang.transport.log import Log

if TYPE_CHECKING:
    from samklang.node.audit.citizens import Citizens
    from samklang.node.audit.trail import Trail

__all__ = ["DEFAULT", "Pruned", "delete_kept", "forget", "prune"]

log = Log(__name__)

DEFAULT = "P5Y"
"""Where no grant says otherwise."""

ERASURE = "erasure"


@dataclass(frozen=True, slots=True)
class Pruned:
    """``entries``: how many lost salts and values, numbers from ``first`` to ``last``; ``queries``: how many
    signed queries went, since no entry speaks of them any more; ``attempts``: of
    citizens, from the art. 15 store."""

    entries: int
    first: int
    last: int
    queries: int = 0
    attempts: int = 0


def due(trail: Trail, today: date) -> list[int]:
    """Numbers of entries that have been kept long enough. The newest charge stays, it holds the ledger; and
    so does what says that something was deleted: without it, what is gone would seem to be withheld."""
    with trail.file.reading() as db:
        rows = db.execute(
            "SELECT number FROM entry WHERE expires <= ? AND kind <> 'pruned' AND number <> "
            "(SELECT coalesce(max(number), -1) FROM entry WHERE kind = 'charged') ORDER BY number",
            (today.isoformat(),),
        ).fetchall()
    return [row[0] for row in rows]


def prune(trail: Trail, today: date) -> Pruned:
    """Delete salts and values that have been kept long enough, and say so in the log.

    Leaves and roots stay what they were: whatever was proven stays proven.
    """
    finish(trail)
    numbers = due(trail, today)
    pruned = Pruned(0, 0, 0)
    if numbers:
        pruned = Pruned(len(numbers), numbers[0], numbers[-1])
        numbers_said = {"entries": pruned.entries, "first": pruned.first, "last": pruned.last}
        said = {name: str(number) for name, number in numbers_said.items()} | {"why": "retention ended"}
        before = trail.newest("pruned")
        if before is None or before.value("details") != said:  # else a killed process has said it already
            trail.append(Event(kind="pruned", actor=trail.node, details=said))
        _delete(trail, [(number,) for number in numbers], FIELDS)
    return replace(pruned, queries=trail.questions.sweep(trail.spoken_of(), datetime.now(UTC)))


def finish(trail: Trail) -> None:
    """End what a process that was killed has begun: erase what the log says was erased, and overwrite what
    was deleted and lies in the write-ahead log yet."""
    with trail.file.reading() as db:
        rows = db.execute(
            "SELECT value FROM entry JOIN body USING (number) WHERE kind = 'pruned' AND field = 'details'"
        ).fetchall()
        said = [details for row in rows if (details := json.loads(row[0]))["why"] == ERASURE]
        erased = [(int(details["first"]), details["fields"].split(", ")) for details in said]
        there = "SELECT 1 FROM body WHERE number = ? AND field IN ({})"
        left = [
            (number, names)
            for number, names in erased
            if db.execute(there.format(_marks(names)), (number, *names)).fetchone()
        ]
    for number, names in left:
        _erase(trail, number, names)
    trail.file.shrink()
    trail.questions.shrink()


def delete_kept(trail: Trail, citizens: Citizens, clock: Callable[[], datetime]) -> Pruned:
    """What a running node does by itself: :func:`prune`, and the same for what citizens took part in."""
    today = day_of(clock())
    attempts = citizens.prune(today)
    pruned = replace(prune(trail, today), attempts=attempts)
    if pruned.entries or pruned.queries or attempts:
        said = {"entries": pruned.entries, "queries": pruned.queries, "attempts": attempts}
        log.info("deleted what has been kept long enough", **said)
    return pruned


def forget(trail: Trail, number: int, names: Sequence[str]) -> None:
    """Delete fields of one entry (GDPR art. 17), and say so in the log. The signed query that it is about
    goes with them: it says the same once more.

    Raises:
        ValueError: no such entry or field, or an entry about a deletion, which says nothing of anybody.
    """
    if number < 0 or number >= len(trail) or not set(names) <= {*FIELDS}:
        raise ValueError("no such entry or field")
    if trail.entry(number).value("kind") == "pruned":
        raise ValueError("no such entry or field")
    said = {"first": str(number), "last": str(number), "fields": ", ".join(names), "why": ERASURE}
    trail.append(Event(kind="pruned", actor=trail.node, details=said))
    _erase(trail, number, names)


def _erase(trail: Trail, number: int, names: Sequence[str]) -> None:
    with trail.file.reading() as db:
        about = [row[0] for row in db.execute("SELECT query FROM entry WHERE number = ?", (number,))]
    trail.questions.delete([query for query in about if query])
    _delete(trail, [(number,)], names)


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def _delete(trail: Trail, numbers: Sequence[tuple[int]], names: Sequence[str]) -> None:
    """Overwrite and delete, in the write-ahead log too as soon as nobody reads there."""
    with trail.file.reading() as db:
        db.execute("PRAGMA secure_delete=ON")
    with trail.file.writing() as db:
        db.executemany(
            f"DELETE FROM body WHERE number = ? AND field IN ({_marks(names)})",
            [(*n, *names) for n in numbers],
        )
        if len(names) == len(FIELDS):
            db.executemany("DELETE FROM entry WHERE number = ?", numbers)
    trail.file.shrink()

"""Queries, releases and events survive; what has ended stays; nothing is half done."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from samklang.coordinator.states import NEXT, Awaited, Reason, Record, State
from samklang.coordinator.store import Store
from samklang.errors import SamklangError

ROOT = Path(__file__).resolve().parents[2]


def record(query: str = "q", analyst: str = "anna", submitted: int = 1) -> Record:
    return Record(
        query, f"sha256:{query}", analyst, State.SUBMITTED, "", 0, 0, 3, (), 10**18, submitted, submitted
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def walk(store: Store, *states: State, query: str = "q") -> Record:
    found = store.get(query)
    for state in states:
        release = b"{}" if state == State.RELEASING else None
        receipts = b"[]" if state == State.DONE else None
        found = store.move(query, state, 5, release=release, receipts=receipts)
    assert found
    return found


WAY = (State.AUTHORISING, State.RUNNING, State.RELEASING, State.DONE)


def test_what_is_written_is_read_by_the_next_process(path: Path) -> None:
    store = Store(path)
    assert store.submit(record(), b"bundle")
    reasons = (Reason("transport-lost", "hvad", "gør", "ærø"),)
    store.move("q", State.AUTHORISING, 2, attempt=1)
    store.move("q", State.RUNNING, 3, stage="rows", per_mille=250, reasons=reasons)
    store.close()
    again = Store(path)
    found = again.get("q")
    assert found == Record("q", "sha256:q", "anna", State.RUNNING, "rows", 250, 1, 3, reasons, 10**18, 1, 3)
    assert again.bundle("q") == b"bundle"
    assert [r.id for r in again.open_queries()] == ["q"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_query_is_kept_once(path: Path) -> None:
    store = Store(path)
    assert store.submit(record(), b"one")
    walk(store, State.AUTHORISING)
    assert not store.submit(record(), b"two")
    assert store.bundle("q") == b"one"
    found = store.get("q")
    assert found
    assert found.state == State.AUTHORISING


def test_no_receipt_no_result(path: Path) -> None:
    store = Store(path)
    store.submit(record(), b"")
    walk(store, *WAY[:2])
    with pytest.raises(ValueError, match="release"):
        store.move("q", State.RELEASING, 9)
    walk(store, State.RELEASING)
    with pytest.raises(ValueError, match="receipts"):
        store.move("q", State.DONE, 9)
    with pytest.raises(ValueError, match="release"):
        store.move("q", State.FAILED, 9, release=b"{}")
    assert store.release("q") is None
    assert store.unreceipted("q") == b"{}"
    walk(store, State.DONE)
    assert store.release("q") == (b"{}", b"[]")
    with pytest.raises(SamklangError) as caught:
        store.move("q", State.FAILED, 9)
    assert caught.value.code == "coordinator-ended"
    assert not store.open_queries()


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_only_the_changes_of_the_life_cycle_are_possible(path: Path, before: State, after: State) -> None:
    store = Store(path)
    store.submit(record(), b"")
    with store._transaction():
        store._db.execute("UPDATE query SET state = ?", (before,))
    release = b"{}" if after == State.RELEASING else None
    receipts = b"[]" if after == State.DONE else None
    waits = (Awaited("gp", 7),) if after == State.AWAITING_APPROVAL else ()
    with_it = {"release": release, "receipts": receipts, "awaiting": waits}
    if after in NEXT[before]:
        assert store.move("q", after, 2, **with_it).awaiting == waits
        found = store.get("q")
        assert found
        assert (found.state, found.awaiting) == (after, waits)
    else:
        with pytest.raises((ValueError, SamklangError)):
            store.move("q", after, 2, **with_it)
        found = store.get("q")
        assert found
        assert found.state == before


def test_where_a_query_waits_is_kept_until_it_moves_on(path: Path) -> None:
    store = Store(path)
    store.submit(record(), b"")
    store.move("q", State.AUTHORISING, 1, attempt=1)
    for waits in ((), (Awaited("gp", 7), Awaited("gp", 8))):
        with pytest.raises((ValueError, sqlite3.IntegrityError)):
            store.move("q", State.AWAITING_APPROVAL, 2, awaiting=waits)
    with pytest.raises(ValueError, match="waits"):
        store.move("q", State.RUNNING, 2, awaiting=(Awaited("gp", 7),))
    store.move("q", State.AWAITING_APPROVAL, 2, awaiting=(Awaited("gp", 7), Awaited("ouh", 8)))
    store.close()
    store = Store(path)
    (found,) = store.open_queries()
    assert found.awaiting == (Awaited("gp", 7), Awaited("ouh", 8))
    assert [(a.node, a.until_us) for a in found.to_wire().awaiting] == [("gp", 7), ("ouh", 8)]
    assert found.attempt == 1
    assert store.move("q", State.AUTHORISING, 3, attempt=1).awaiting == ()


def test_an_officer_finds_queries_by_the_nodes_that_take_part(path: Path) -> None:
    store = Store(path)
    for number, nodes in enumerate((["gp", "ouh"], ["ouh"], ["gp"])):
        one = replace(record(), id=f"q{number}", digest=f"d{number}", submitted_us=number)
        assert store.submit(one, b"", nodes)
        assert not store.submit(one, b"", ["other"]), "the same query, not other nodes"
    found = [(r.id, nodes) for r, nodes in store.with_nodes(["gp", "elsewhere"], 10)]
    assert found == [("q2", ["gp"]), ("q0", ["gp"])]
    assert [r.id for r, _ in store.with_nodes(["gp", "ouh"], 2)] == ["q2", "q1"]
    assert store.with_nodes([], 10) == store.with_nodes(["other"], 10) == []


def test_an_event_is_recorded_once(path: Path) -> None:
    store = Store(path)
    store.record("q", 1, "grouping sent")
    store.record("q", 2, "grouping sent")
    store.close()
    with pytest.raises(SamklangError) as caught:
        Store(path).record("q", 1, "grouping sent")
    assert caught.value.code == "protocol-repeated"


def test_an_analysts_queries_newest_first(path: Path) -> None:
    store = Store(path)
    for number in range(5):
        store.submit(record(f"q{number}", submitted=number), b"")
    store.submit(record("other", analyst="bo"), b"")
    assert [r.id for r in store.of_analyst("anna", 3)] == ["q4", "q3", "q2"]


def test_threads_take_turns(path: Path) -> None:
    store = Store(path)
    store.submit(record(), b"")
    failures: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for i in range(30):
                store.record("q", name, f"event {i}")
                store.get("q")
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert store._db.execute("SELECT count(*) FROM event").fetchone()[0] == 120


_WRITER = """
import sys
from pathlib import Path
from tests.coordinator.test_store import Store, State, record, walk, WAY
store = Store(Path(sys.argv[1]))
for number in range(10**6):
    name = f"q{number}"
    store.submit(record(name), b"bundle")
    walk(store, *WAY, query=name)
    print(name, flush=True)
"""


def test_killed_at_any_moment_every_acknowledged_release_is_there(path: Path) -> None:
    acknowledged: list[str] = []
    for count in (3, 11):
        path.unlink(missing_ok=True)
        for extra in path.parent.glob("store.sqlite-*"):
            extra.unlink()
        child = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        acknowledged = [child.stdout.readline().strip() for _ in range(count)]
        os.kill(child.pid, signal.SIGKILL)
        acknowledged += child.stdout.read().split()
        child.wait()
        child.stdout.close()
        store = Store(path)
        for name in acknowledged:
            assert store.release(name) == (b"{}", b"[]")
        for row in store._db.execute("SELECT id, state FROM query").fetchall():
            assert (row[1] == "done") == (store.release(row[0]) is not None)
        store.close()


def kept(store: Store, query: str, until: str, *, computed: str | None = None) -> None:
    """A query that is done, with a release of its own bytes, or of the query's that it was computed for."""
    assert store.submit(record(query), b"bundle")
    walk(store, State.AUTHORISING, State.RUNNING, query=query)
    more = {"computed": computed} if computed else {"until": until, "key": f"key of {query}"}
    text = f"the release of {computed or query}".encode()
    store.move(query, State.RELEASING, 5, release=text, **more)  # type: ignore[arg-type]
    walk(store, State.DONE, query=query)


def test_a_release_goes_on_its_day_with_every_copy(path: Path) -> None:
    store = Store(path)
    kept(store, "old", "2028-11-25")
    kept(store, "copy", "", computed="old")
    kept(store, "young", "2028-11-26")
    kept(store, "free", "")
    assert store.delete_kept("2028-11-24") == []
    assert sorted(store.delete_kept("2028-11-25")) == ["copy", "old"]
    assert store.delete_kept("2028-11-25") == []
    assert [store.release(query) is None for query in ("old", "copy", "young", "free")] == [1, 1, 0, 0]
    assert (store.answer("key of old"), store.answer("key of young") is None) == (None, False)
    found = {query: store.get(query) for query in ("old", "copy", "young", "free")}
    assert [(f.kept_until, f.deleted) for f in found.values() if f] == [
        ("2028-11-25", True),
        ("2028-11-25", True),
        ("2028-11-26", False),
        ("", False),
    ]
    assert b"the release of old" not in b"".join(f.read_bytes() for f in path.parent.iterdir())


def test_a_release_without_receipts_goes_when_its_query_ends(path: Path) -> None:
    store = Store(path)
    assert store.submit(record(), b"bundle")
    walk(store, *WAY[:-1])
    assert store.delete_kept("9999-12-31") == []
    walk(store, State.FAILED)
    assert store.delete_kept("2026-01-01") == ["q"]
    assert store.unreceipted("q") is None


class Killed(BaseException):
    """Stands where the process ends."""


def test_a_release_is_overwritten_though_the_process_ended_between(path: Path) -> None:
    """Deleted, and killed before the write-ahead log was cut off: the next pass does it."""
    store = Store(path)
    kept(store, "old", "2028-11-25")

    def killed(statement: str) -> None:
        if "checkpoint" in statement:
            raise Killed

    database = store._db

    class Dying:
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            killed(statement)
            return database.execute(statement, *values)

        def __getattr__(self, name: str) -> object:
            return getattr(database, name)

    store._db = Dying()  # type: ignore[assignment]
    with pytest.raises(Killed):
        store.delete_kept("2028-11-25")
    written = b"the release of old"
    assert written in b"".join(f.read_bytes() for f in path.parent.iterdir())
    again = Store(path)
    assert again.delete_kept("2028-11-25") == []
    assert written not in b"".join(f.read_bytes() for f in path.parent.iterdir())

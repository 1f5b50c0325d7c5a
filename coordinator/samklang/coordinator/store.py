"""What the coordinator keeps: queries, every change of their state, releases, and what an attempt recorded.

SQLite, write-ahead log, synchronous FULL: a method that returns has its change on disk, and one that can't
(``coordinator-store``: a full disk, say) has changed nothing; the next call may go well. A release is written
in the transaction that makes its query ``releasing``, its receipts in the one that makes it ``done``, and it
is handed out only then, until the day comes on which it has been kept long enough. Neither CPR numbers nor
shares nor tags ever come here.

Any thread may call; calls run one after the other. Time is passed in (UTC, microseconds since 1970).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from samklang.coordinator.answers import Stored
from samklang.coordinator.states import NEXT, Awaited, Reason, Record, State
from samklang.errors import SamklangError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS query (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    analyst TEXT NOT NULL,
    bundle BLOB NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL DEFAULT '',
    per_mille INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    reasons TEXT NOT NULL DEFAULT '[]',
    not_after_us INTEGER NOT NULL,
    submitted_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS query_analyst ON query (analyst, submitted_us);
CREATE TABLE IF NOT EXISTS change (
    query TEXT NOT NULL REFERENCES query (id),
    at_us INTEGER NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    codes TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS release (
    query TEXT PRIMARY KEY REFERENCES query (id),
    bytes BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS receipts (
    query TEXT PRIMARY KEY REFERENCES query (id),
    bytes BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY,
    query TEXT NOT NULL REFERENCES query (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS served (
    query TEXT PRIMARY KEY REFERENCES query (id),
    computed TEXT NOT NULL REFERENCES query (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (
    query TEXT PRIMARY KEY REFERENCES query (id),
    until TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kept_until ON kept (until) WHERE NOT deleted;
CREATE TABLE IF NOT EXISTS event (
    query TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (query, attempt, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint (
    node TEXT PRIMARY KEY,
    note BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS awaiting (
    query TEXT NOT NULL REFERENCES query (id),
    node TEXT NOT NULL,
    until_us INTEGER NOT NULL,
    PRIMARY KEY (query, node)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS participant (
    query TEXT NOT NULL REFERENCES query (id),
    node TEXT NOT NULL,
    PRIMARY KEY (query, node)
) STRICT, WITHOUT ROWID;
"""

_COLUMNS = (
    "id, digest, analyst, state, stage, per_mille, attempt, max_attempts, reasons,"
    " not_after_us, submitted_us, changed_us,"
    " EXISTS (SELECT 1 FROM served WHERE served.query = query.id),"
    " (SELECT until FROM kept WHERE kept.query = query.id),"
    " (SELECT deleted FROM kept WHERE kept.query = query.id)"
)


class Store:
    """The database at ``path``; made if it isn't there."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        path.chmod(0o600)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "secure_delete=ON",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def submit(self, record: Record, bundle: bytes, nodes: Iterable[str] = ()) -> bool:
        """Keep a new query that ``nodes`` take part in; False if it is known already (the same signed query
        is one query)."""
        with self._transaction():
            done = self._db.execute(
                "INSERT INTO query (id, digest, analyst, bundle, state, max_attempts, not_after_us,"
                " submitted_us, changed_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    record.id,
                    record.digest,
                    record.analyst,
                    bundle,
                    record.state,
                    record.max_attempts,
                    record.not_after_us,
                    record.submitted_us,
                    record.changed_us,
                ),
            )
            if done.rowcount:
                self._db.executemany(
                    "INSERT INTO participant VALUES (?, ?)", [(record.id, node) for node in nodes]
                )
                self._log(record.id, record.submitted_us, record.state, "", 0, ())
        return bool(done.rowcount)

    def get(self, query: str) -> Record | None:
        rows = self._select("WHERE id = ?", (query,))
        return rows[0] if rows else None

    def bundle(self, query: str) -> bytes:
        with self._using():
            row = self._db.execute("SELECT bundle FROM query WHERE id = ?", (query,)).fetchone()
        return bytes(row[0])

    def of_analyst(self, analyst: str, limit: int) -> list[Record]:
        """Newest first."""
        return self._select("WHERE analyst = ? ORDER BY submitted_us DESC LIMIT ?", (analyst, limit))

    def with_nodes(self, nodes: Iterable[str], limit: int) -> list[tuple[Record, list[str]]]:
        """Queries that some of ``nodes`` take part in, newest first, each with those that do."""
        wanted = sorted(set(nodes))
        marks = ", ".join("?" * len(wanted))
        some = f"SELECT query FROM participant WHERE node IN ({marks})"
        records = self._select(f"WHERE id IN ({some}) ORDER BY submitted_us DESC LIMIT ?", (*wanted, limit))
        found = []
        with self._using():
            for record in records:
                rows = self._db.execute("SELECT node FROM participant WHERE query = ?", (record.id,))
                found.append((record, [node for (node,) in rows if node in wanted]))
        return found

    def newest(self) -> datetime | None:
        """When anything was changed last."""
        with self._using():
            row = self._db.execute("SELECT max(at_us) FROM change").fetchone()
        return None if row[0] is None else datetime.fromtimestamp(row[0] / 1e6, UTC)

    def open_queries(self) -> list[Record]:
        """Those that have not ended, oldest first."""
        ended = ", ".join(f"'{state}'" for state in State if state.ended)
        return self._select(f"WHERE state NOT IN ({ended}) ORDER BY submitted_us", ())

    def move(
        self,
        query: str,
        state: State,
        now_us: int,
        *,
        attempt: int | None = None,
        stage: str = "",
        per_mille: int = 0,
        reasons: tuple[Reason, ...] = (),
        release: bytes | None = None,
        receipts: bytes | None = None,
        awaiting: tuple[Awaited, ...] = (),
        key: str | None = None,
        computed: str | None = None,
        until: str = "",
    ) -> Record:
        """Change a query's state: with its release if and only if it is ``releasing``, with the receipts if
        and only if it is ``done``, with where approval is awaited if and only if it waits for that.

        Args:
            key: with a release that was computed for this query: its name in the store of answers.
            computed: with a release from the store: the query that it was computed for.
            until: with a release that was computed: the first day on which it may be deleted, empty if nobody
                says. One from the store is deleted with the first.

        Raises:
            SamklangError: ``coordinator-ended`` if it has ended.
            ValueError: no such change is possible.
        """
        if (state == State.RELEASING) != (release is not None):
            raise ValueError("a release comes when a query is releasing, and only then")
        if (state == State.DONE) != (receipts is not None):
            raise ValueError("receipts make a query done, and nothing else does")
        if (state == State.AWAITING_APPROVAL) != bool(awaiting):
            raise ValueError("a query waits for approval somewhere, or not at all")
        with self._transaction():
            before = self.get(query)
            if before is None:
                raise ValueError("no such query")
            if before.state.ended:
                raise SamklangError("coordinator-ended", query=query, state=before.state)
            if state not in NEXT[before.state]:
                raise ValueError(f"{state} can't follow {before.state}")
            attempt = before.attempt if attempt is None else attempt
            self._db.execute(
                "UPDATE query SET state = ?, stage = ?, per_mille = ?, attempt = ?, reasons = ?,"
                " changed_us = ? WHERE id = ?",
                (state, stage, per_mille, attempt, _dump(reasons), now_us, query),
            )
            self._db.execute("DELETE FROM awaiting WHERE query = ?", (query,))
            self._db.executemany(
                "INSERT INTO awaiting VALUES (?, ?, ?)", [(query, a.node, a.until_us) for a in awaiting]
            )
            if release is not None:
                self._db.execute("INSERT INTO release VALUES (?, ?)", (query, release))
            if computed is not None:
                self._db.execute("INSERT INTO served VALUES (?, ?)", (query, computed))
                self._db.execute(
                    "INSERT INTO kept (query, until) SELECT ?, until FROM kept WHERE query = ?",
                    (query, computed),
                )
            elif key is not None:
                # What has a name already but was never done gives its name up.
                self._db.execute(
                    "INSERT INTO answer VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET query = excluded.query"
                    " WHERE (SELECT state FROM query WHERE id = answer.query) != 'done'",
                    (key, query),
                )
            if until:
                self._db.execute("INSERT INTO kept (query, until) VALUES (?, ?)", (query, until))
            if receipts is not None:
                self._db.execute("INSERT INTO receipts VALUES (?, ?)", (query, receipts))
            self._log(query, now_us, state, stage, attempt, reasons)
            after = self.get(query)
        assert after is not None
        return after

    def release(self, query: str) -> tuple[bytes, bytes] | None:
        """(release, receipts) of a query that is done."""
        with self._using():
            columns = "release.bytes, receipts.bytes FROM release JOIN receipts USING (query)"
            row = self._db.execute(f"SELECT {columns} WHERE query = ?", (query,)).fetchone()
        return (bytes(row[0]), bytes(row[1])) if row else None

    def delete_kept(self, today: str) -> list[str]:
        """Overwrite releases whose day has come, and those of queries that ended without receipts, in the
        write-ahead log too; ids of their queries.

        What was asked, when, and the receipts stay. Nobody is answered from the store any more.

        Args:
            today: ``2028-11-25``, in Copenhagen.
        """
        never = ", ".join(f"'{state}'" for state in State if state.ended and state != State.DONE)
        with self._transaction():
            rows = self._db.execute(
                "SELECT id FROM query JOIN release ON release.query = id LEFT JOIN kept ON kept.query = id"
                f" WHERE state = 'done' AND until <= ? OR state IN ({never})",
                (today,),
            ).fetchall()
            self._db.executemany("DELETE FROM release WHERE query = ?", rows)
            self._db.executemany("DELETE FROM answer WHERE query = ?", rows)
            self._db.executemany("UPDATE kept SET deleted = 1 WHERE query = ?", rows)
        # Also where nothing is due: the process before this one may have ended between the two.
        with self._using():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return [query for (query,) in rows]

    def answer(self, key: str) -> Stored | None:
        """The answer of this name, if it is done."""
        with self._using():
            row = self._db.execute(
                "SELECT id, digest, attempt, changed_us FROM answer JOIN query ON id = answer.query"
                " WHERE key = ? AND state = 'done'",
                (key,),
            ).fetchone()
        return Stored(*row) if row else None

    def computed(self, query: str) -> Stored | None:
        """What answers a query from the store; None if its answer was computed for it, or there is none."""
        with self._using():
            row = self._db.execute(
                "SELECT id, digest, attempt, changed_us FROM served JOIN query ON id = computed"
                " WHERE served.query = ?",
                (query,),
            ).fetchone()
        return Stored(*row) if row else None

    def unreceipted(self, query: str) -> bytes | None:
        """The release of a query that is releasing: not to be handed out yet."""
        with self._using():
            row = self._db.execute("SELECT bytes FROM release WHERE query = ?", (query,)).fetchone()
        return bytes(row[0]) if row else None

    def keep_checkpoint(self, node: str, note: bytes) -> None:
        """The newest checkpoint of a node's log that its partners have cosigned."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", (node, note))

    def checkpoint(self, node: str) -> bytes:
        """What :meth:`keep_checkpoint` kept last; empty if nothing."""
        with self._lock:
            row = self._db.execute("SELECT note FROM checkpoint WHERE node = ?", (node,)).fetchone()
        return bytes(row[0]) if row else b""

    def record(self, query: str, attempt: int, event: str) -> None:
        """Note that ``event`` happened in an attempt. Raises ``protocol-repeated`` the second time."""
        with self._transaction():
            try:
                self._db.execute("INSERT INTO event VALUES (?, ?, ?)", (query, attempt, event))
            except sqlite3.IntegrityError:
                raise SamklangError("protocol-repeated", event=event) from None

    def _select(self, rest: str, values: tuple[object, ...]) -> list[Record]:
        select = f"SELECT {_COLUMNS} FROM query {rest}"
        with self._using(), closing(self._db.execute(select, values)) as rows:
            return [self._with_awaiting(_record(row)) for row in rows.fetchall()]

    def _with_awaiting(self, record: Record) -> Record:
        if record.state != State.AWAITING_APPROVAL:
            return record
        rows = self._db.execute("SELECT node, until_us FROM awaiting WHERE query = ?", (record.id,))
        return replace(record, awaiting=tuple(Awaited(*row) for row in rows))

    def _log(
        self, query: str, now_us: int, state: State, stage: str, attempt: int, reasons: tuple[Reason, ...]
    ) -> None:
        codes = ",".join(f"{r.node}:{r.code}" if r.node else r.code for r in reasons)
        self._db.execute(
            "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", (query, now_us, state, stage, attempt, codes)
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._using():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # a full disk may have ended it already
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _using(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
                raise  # a defect of ours, not of the disk
            except sqlite3.Error as error:
                name = getattr(error, "sqlite_errorname", type(error).__name__)
                raise SamklangError("coordinator-store", private=name) from None


def _record(row: tuple[Any, ...]) -> Record:
    query, digest, analyst, state, stage, per_mille, attempt, max_attempts, reasons, *rest = row
    not_after, submitted, changed, from_store, until, deleted = rest
    return Record(
        query,
        digest,
        analyst,
        State(state),
        stage,
        per_mille,
        attempt,
        max_attempts,
        _load(reasons),
        not_after,
        submitted,
        changed,
        from_store=bool(from_store),
        kept_until=until or "",
        deleted=bool(deleted),
    )


def _dump(reasons: tuple[Reason, ...]) -> str:
    texts = [[r.code, r.what, r.fix, r.node, r.what_da, r.fix_da, r.clause] for r in reasons]
    return json.dumps(texts, ensure_ascii=False)


def _load(text: str) -> tuple[Reason, ...]:
    return tuple(Reason(*parts) for parts in json.loads(text))

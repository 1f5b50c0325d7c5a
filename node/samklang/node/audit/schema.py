"""The tables of ``audit.sqlite``: the tree grows only, what it commits to can be deleted.

- ``leaf``: what the Merkle tree is over; nothing in it says anything by itself. Refuses UPDATE and DELETE.
- ``body``: salt and value of every field; refuses UPDATE, allows DELETE.
- ``entry``: what entries are found by, and until when they are kept; goes with the bodies.
- ``head``: the newest checkpoint with its cosignatures, per size; grows only.
- ``partner``: statements about the keys of those who cosign this log, so that an export is complete.
- ``witnessed``: the newest checkpoint of every partner's log that this node has cosigned; it never shrinks.
"""

from __future__ import annotations

from samklang.node.append_only import refuse_changes

__all__ = ["SCHEMA", "VERSION"]

VERSION = "samklang/audit/1"

SCHEMA = (
    "CREATE TABLE log (version TEXT NOT NULL, origin TEXT NOT NULL) STRICT",
    "CREATE TABLE leaf (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT",
    "CREATE TABLE body (number INTEGER NOT NULL, field TEXT NOT NULL, salt BLOB NOT NULL, "
    "value TEXT NOT NULL, PRIMARY KEY (number, field)) STRICT, WITHOUT ROWID",
    "CREATE TABLE entry (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, "
    "query TEXT NOT NULL, attempt INTEGER NOT NULL, once TEXT UNIQUE, expires TEXT NOT NULL) STRICT",
    "CREATE INDEX entry_query ON entry (query, attempt, kind)",
    "CREATE TABLE head (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
    "CREATE TABLE partner (node TEXT PRIMARY KEY, statement BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE witnessed (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, "
    "note TEXT NOT NULL) STRICT, WITHOUT ROWID",
    *refuse_changes("log", "true"),
    *refuse_changes("leaf", "number >= NEW.number"),
    "CREATE TRIGGER leaf_in_order BEFORE INSERT ON leaf "
    "WHEN NEW.number <> (SELECT coalesce(max(number) + 1, 0) FROM leaf) "
    "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER body_no_update BEFORE UPDATE ON body BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER witnessed_grows BEFORE UPDATE ON witnessed WHEN NEW.size < OLD.size "
    "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
)

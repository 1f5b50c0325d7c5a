"""Which answer this node took part in under which name, so that it can tell whether a stored one is it.

The key of an attempt (:mod:`samklang.protocol.release_key`) is computed here, from acceptances that this node
has verified, and is on disk before rows leave. When the coordinator hands out a stored answer again, the
query that is answered and the query that it was computed for must have the same key: the same question,
documents and snapshots. So a coordinator that serves something else gets no receipt.
"""

from __future__ import annotations

from pathlib import Path

from samklang.errors import SamklangError
from samklang.node.append_only import AppendOnlyFile, refuse_changes

__all__ = ["ReleaseKeys"]

_SCHEMA = (
    "CREATE TABLE keys (query TEXT NOT NULL, attempt INTEGER NOT NULL, key TEXT NOT NULL, own TEXT NOT NULL, "
    "served INTEGER NOT NULL, PRIMARY KEY (query, attempt)) STRICT, WITHOUT ROWID",
    *refuse_changes("keys", "query = NEW.query AND attempt = NEW.attempt"),
)


class ReleaseKeys:
    """One file for all attempts of a node (``releases.sqlite``).

    Raises:
        SamklangError: ``ledger-unavailable``, ``ledger-broken`` (another schema).
    """

    def __init__(self, path: Path) -> None:
        self._file = AppendOnlyFile(path, "release keys", _SCHEMA)

    def record(self, query: str, attempt: int, key: str, own: str, *, served: bool = False) -> None:
        """Note the key of an attempt; durable when this returns. The same again changes nothing.

        Args:
            query: digest of the signed query.
            own: digest of the question and of this node's own part in the key, see :meth:`known`.
            served: the answer is to come from the store.

        Raises:
            SamklangError: ``protocol-repeated``: the attempt has another key already.
        """
        row = (key, own, int(served))
        with self._file.writing() as db:
            found = db.execute(
                "SELECT key, own, served FROM keys WHERE query = ? AND attempt = ?", (query, attempt)
            ).fetchone()
            if found is None:
                db.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?)", (query, attempt, *row))
            elif tuple(found) != row:
                raise SamklangError("protocol-repeated", event="release key")

    def same(self, query: str, computed: str, attempt: int) -> bool:
        """Whether ``query`` may be answered with what was computed for an attempt of another query."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT 1 FROM keys AS asked JOIN keys AS computed USING (key) WHERE asked.query = ? "
                "AND asked.served AND computed.query = ? AND computed.attempt = ? AND NOT computed.served",
                (query, computed, attempt),
            ).fetchone()
        return found is not None

    def computed(self, own: str) -> list[tuple[str, int]]:
        """(query, attempt) of those that were computed for this question with this node's part as it is."""
        with self._file.reading() as db:
            rows = db.execute("SELECT query, attempt FROM keys WHERE own = ? AND NOT served", (own,))
            return [(str(query), int(attempt)) for query, attempt in rows]

    def close(self) -> None:
        self._file.close()

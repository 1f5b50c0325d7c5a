"""The log's checkpoints: signed over what the file says now, and never over anything that doesn't continue
what was signed before."""

from __future__ import annotations

from collections.abc import Mapping

from samklang.audit.checkpoint import Checkpoint, origin_of, parse_checkpoint, read_checkpoint
from samklang.audit.note import Note, parse_note
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.node.audit.keys import LogSigner
from samklang.node.audit.trail import KIND, Trail

__all__ = ["Heads"]


class Heads:
    """Signs and keeps the checkpoints of one trail.

    Raises:
        SamklangError: ``ledger-broken``: the tree isn't the one whose checkpoint was signed last.
    """

    def __init__(self, trail: Trail, signer: LogSigner) -> None:
        self._trail = trail
        self._signer = signer
        self._check()

    @property
    def statement(self) -> Envelope:
        """About this log's key."""
        return self._signer.statement

    def sign(self, size: int | None = None) -> tuple[Checkpoint, Note]:
        """The state now, or at ``size``, signed; kept when it returns."""
        self._check()
        state = self._trail.checkpoint(size)
        note = state.sign(self._signer.key)
        self._keep(state.size, note)
        return state, note

    def keep(self, note: Note, statements: Mapping[str, Envelope]) -> None:
        """Keep cosignatures that came back for a checkpoint of this log, and whose keys those are.

        Args:
            statements: of partners, verified by the caller.

        Raises:
            SamklangError: ``audit-note``, ``audit-note-signature``, ``audit-log-forked``: it isn't this
            log's.
        """
        note.verify(self._signer.said.log)
        state = parse_checkpoint(note)
        if state.size > len(self._trail) or self._trail.checkpoint(state.size) != state:
            raise SamklangError("audit-log-forked", log=self._trail.origin)
        self._keep(state.size, note)
        with self._trail.file.writing() as db:
            db.executemany(
                "INSERT INTO partner VALUES (?1, ?2) ON CONFLICT DO UPDATE SET statement = ?2",
                [(node, envelope.to_bytes()) for node, envelope in statements.items()],
            )

    def compare(self, shown: bytes) -> None:
        """Return if the log has ``shown`` in its past: a checkpoint that it has signed itself, as somebody
        else has kept it. One that another log key has signed says nothing: the key was lost, or is another's.

        Raises:
            SamklangError: ``audit-rolled-back``: the log is an older copy, or another one than it was;
                ``audit-note``, ``audit-note-signature``: it is no checkpoint of anybody's.
        """
        note = parse_note(shown)
        if not note.signatures(self._signer.said.log):
            return
        signed, found = read_checkpoint(note, self._signer.said.log), len(self._trail)
        if signed.size > found or self._trail.checkpoint(signed.size) != signed:
            raise SamklangError("audit-rolled-back", count=found, signed=signed.size)

    def partners(self) -> dict[str, Envelope]:
        """Statements about the keys of those who have cosigned."""
        with self._trail.file.reading() as db:
            rows = db.execute("SELECT node, statement FROM partner ORDER BY node").fetchall()
        return {node: Envelope.from_bytes(statement) for node, statement in rows}

    def newest(self) -> Note | None:
        """The newest checkpoint that was signed, with what cosignatures came back."""
        with self._trail.file.reading() as db:
            row = db.execute("SELECT note FROM head ORDER BY size DESC LIMIT 1").fetchone()
        return parse_note(row[0]) if row else None

    def cosigned(self) -> list[Note]:
        """For each partner the longest state that it has cosigned; the shortest first."""
        wanted = {origin_of(self._signer.said.federation, node) for node in self.partners()}
        found: list[Note] = []
        with self._trail.file.reading() as db:
            for row in db.execute("SELECT note FROM head ORDER BY size DESC"):
                if not wanted:
                    break
                note = parse_note(row[0])
                if not note.signatures(self._signer.said.log):
                    continue  # a log key from before has signed it, which was lost
                if names := wanted & {line.name for line in note.lines}:
                    wanted -= names
                    found.append(note)
        return found[::-1]

    def all(self) -> list[Note]:
        """All of them, oldest first."""
        with self._trail.file.reading() as db:
            return [parse_note(row[0]) for row in db.execute("SELECT note FROM head ORDER BY size")]

    def _keep(self, size: int, note: Note) -> None:
        with self._trail.file.writing() as db:
            row = db.execute("SELECT note FROM head WHERE size = ?", (size,)).fetchone()
            whole = parse_note(row[0]).with_lines(note.lines) if row else note
            db.execute(
                "INSERT INTO head VALUES (?1, ?2) ON CONFLICT DO UPDATE SET note = ?2", (size, str(whole))
            )

    def _check(self) -> None:
        newest = self.newest()
        if newest is None:
            return
        signed = parse_checkpoint(newest)
        if signed.size > len(self._trail) or self._trail.checkpoint(signed.size) != signed:
            raise SamklangError("ledger-broken", kind=KIND, where=f"entry {signed.size}")

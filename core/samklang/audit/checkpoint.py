"""Checkpoints: a log's size and root, signed by its key and cosigned by witnesses (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from samklang.audit.note import Note, NoteKey, line_of
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey

__all__ = ["Checkpoint", "origin_of", "parse_checkpoint", "read_checkpoint"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state of the log ``origin``: its first ``size`` entries have the Merkle root ``root`` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note's text: three lines, no extensions."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"

    def sign(self, key: SigningKey) -> Note:
        """A note signed by the log; the key's name is the origin. The same state gives the same note."""
        return Note(self.text(), (line_of(self.text(), self.origin, key),))


def origin_of(federation: str, node: str) -> str:
    """The name of a node's log. It has only one, whatever is lost: see docs/audit-log.md."""
    return f"samklang/{federation}/{node}"


def parse_checkpoint(note: Note) -> Checkpoint:
    """The state a note speaks of, before any signature is believed; raises ``audit-note``."""
    lines = note.text.split("\n")
    if len(lines) != 4 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]) or not lines[0]:
        raise SamklangError("audit-note")
    try:
        root = base64.b64decode(lines[2].encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise SamklangError("audit-note") from None
    found = Checkpoint(lines[0], int(lines[1]), root)
    if len(root) != 32 or found.text() != note.text:
        raise SamklangError("audit-note")
    return found


def read_checkpoint(note: Note, log: NoteKey) -> Checkpoint:
    """The state that ``log`` has signed.

    Raises:
        SamklangError: ``audit-note``, ``audit-note-signature``, ``audit-origin`` if it is another log's.
    """
    note.verify(log)
    found = parse_checkpoint(note)
    if found.origin != log.name:
        raise SamklangError("audit-origin", log=log.name)
    return found

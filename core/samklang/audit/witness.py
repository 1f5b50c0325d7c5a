"""What a witness is asked, and when it cosigns (C2SP tlog-witness, ``add-checkpoint``).

A request is text: ``old SIZE``, the consistency proof from that size in base64 lines, an empty line, the
checkpoint. A witness remembers the newest checkpoint that it has cosigned of every log, and cosigns another
only if it continues that one:

- another old size than it remembers: a *conflict*, answered with that size, and the log tries again;
- a smaller log than it remembers: ``audit-log-behind``. An older copy was restored, or entries were cut off;
- the same size with another root, or a proof that doesn't hold: ``audit-log-forked``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from samklang.audit.checkpoint import Checkpoint, read_checkpoint
from samklang.audit.merkle import EMPTY, verify_consistency
from samklang.audit.note import Note, NoteKey, parse_note
from samklang.errors import SamklangError

__all__ = ["Conflict", "Known", "Request", "consider", "parse_request", "write_request"]

MOST_STEPS = 63


@dataclass(frozen=True, slots=True)
class Known:
    """What a witness remembers of a log."""

    size: int
    root: bytes


NOTHING = Known(0, EMPTY)
"""Of a log that it has never cosigned."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The proof begins at another size than the witness remembers: ``size`` is the one."""

    size: int


@dataclass(frozen=True, slots=True)
class Request:
    """``old``: size that ``proof`` begins at; ``note``: the new checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note


def write_request(old: int, proof: Sequence[bytes], note: Note) -> bytes:
    """The request's text."""
    lines = [f"old {old}\n", *(base64.b64encode(step).decode("ascii") + "\n" for step in proof)]
    return ("".join(lines) + "\n" + str(note)).encode()


def parse_request(body: bytes) -> Request:
    """Read a request; raises ``audit-note``."""
    head, blank, note = body.partition(b"\n\n")
    lines = head.split(b"\n")
    if not blank or not re.fullmatch(rb"old (0|[1-9][0-9]{0,17})", lines[0]) or len(lines) - 1 > MOST_STEPS:
        raise SamklangError("audit-note")
    try:
        proof = tuple(base64.b64decode(line, validate=True) for line in lines[1:])
    except binascii.Error:
        raise SamklangError("audit-note") from None
    request = Request(int(lines[0][4:]), proof, parse_note(note))
    if write_request(request.old, proof, request.note) != body:
        raise SamklangError("audit-note")
    return request


def consider(request: Request, known: Known, log: NoteKey) -> Checkpoint | Conflict:
    """The checkpoint to cosign and to remember, or why to try again.

    Args:
        known: what this witness remembers, :data:`NOTHING` if nothing.
        log: the key of the log, from its statement.

    Raises:
        SamklangError: ``audit-note``, ``audit-note-signature``, ``audit-origin``, and what the log has done:
            ``audit-log-behind``, ``audit-log-forked``.
    """
    new = read_checkpoint(request.note, log)
    if new.size < known.size:
        raise SamklangError("audit-log-behind", log=new.origin)
    if request.old != known.size:
        return Conflict(known.size)
    try:
        verify_consistency(known.size, new.size, known.root, new.root, request.proof)
    except SamklangError:
        raise SamklangError("audit-log-forked", log=new.origin) from None
    return new

"""Whose rows are read: files of the controllers that have joined, or rows that a column says are theirs.

Rules
- Files of a controller that hasn't joined aren't opened; their names are looked at, so that no file is two
  controllers'.
- Where a column tells, rows of a controller that hasn't joined are dropped as they come out of the source,
  before they reach the engine or its disk, and nothing but their number is kept. A line that isn't a row
  (another number of fields) is counted as such whosoever it is.
- Fail closed: a row that names nobody, or somebody whom the policy doesn't list, is set aside; a controller
  that has joined and that a table has nothing of stops the reading, since its citizens would count as people
  without diagnoses instead of being absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samklang.errors import SamklangError
from samklang.model.accession import Members
from samklang.node.data.readers import Opened, open_table
from samklang.node.data.sources import TableSource, matching, resolve_files

__all__ = ["COLUMN", "REASONS", "LeftOut", "open_joined"]

COLUMN = "-controller"
"""What the column is called between source and engine: no logical column can have this name."""

REASONS = ("controller-not-joined", "controller-unknown", "controller-missing")
"""Why a row is left out, of those that are read at all."""

_JOINED, _OTHER, _UNKNOWN, _MISSING = range(4)
_BLANKS = " \t\r\n\u00a0\u202f\ufeff"


@dataclass(slots=True)
class LeftOut:
    """Rows left out by reason; complete when the batches are exhausted. For the node's own eyes."""

    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(REASONS, 0), repr=False)


def open_joined(
    table: str, source: TableSource, columns: Sequence[str], members: Members | None
) -> tuple[Opened, LeftOut]:
    """The logical ``columns`` of the rows of those that have joined.

    Args:
        members: by the signed policy, on the day that the snapshot is for; None reads a source that doesn't
            say whose its rows are.

    Raises:
        ValueError: the source says whose its rows are, and ``members`` is None.
        SamklangError: ``node-controller-unread``, ``node-controller-file``, and those of
            :func:`~samklang.node.data.readers.open_table` and
            :func:`~samklang.node.data.sources.resolve_files`.
    """
    if not source.attributed:
        return open_table(table, source, columns, resolve_files(table, source)), LeftOut()
    if members is None:
        raise ValueError("a source with several controllers' rows, and no word of who has joined")
    if source.files_of:
        return open_table(table, source, columns, _files(table, source, members)), LeftOut()
    return _by_column(table, source, columns, members)


def _files(table: str, source: TableSource, members: Members) -> tuple[Path, ...]:
    wanted: dict[Path, None] = {}
    for name in sorted(members.joined):
        if name not in source.files_of:
            raise SamklangError("node-controller-unread", table=table, controller=name)
        wanted.update(dict.fromkeys(resolve_files(table, replace(source, files=source.files_of[name]))))
    owner: dict[Path, str] = {}
    for name, patterns in source.files_of.items():
        for path in {found.resolve() for pattern in patterns for found in matching(source.base / pattern)}:
            if path in owner:
                one, other = sorted((owner[path], name))
                raise SamklangError("node-controller-file", table=table, one=one, other=other)
            owner[path] = name
    return tuple(wanted)


def _by_column(
    table: str, source: TableSource, columns: Sequence[str], members: Members
) -> tuple[Opened, LeftOut]:
    assert source.controller is not None, "else it would have files of controllers"
    ids = source.controller_ids or {name: name for name in members.listed}
    if missing := members.joined - set(ids.values()):
        raise SamklangError("node-controller-unread", table=table, controller=min(missing))
    known = {text: name for text, name in ids.items() if name in members.listed}
    keys = pa.array(list(known), pa.string())
    states = np.array([_JOINED if n in members.joined else _OTHER for n in known.values()], np.int8)
    named = replace(source, columns={**source.columns, COLUMN: source.controller})
    opened = open_table(table, named, [*columns, COLUMN], resolve_files(table, source))
    left = LeftOut()

    def batches() -> Iterator[Any]:
        for batch in opened.batches:
            state = _states(batch.column(COLUMN), keys, states)
            for reason, code in zip(REASONS, (_OTHER, _UNKNOWN, _MISSING), strict=True):
                left.rows[reason] += int((state == code).sum())
            yield batch.select(list(columns)).filter(pa.array(state == _JOINED))

    return Opened(pa.schema([opened.schema.field(c) for c in columns]), batches(), opened.facts), left


def _states(column: Any, keys: Any, states: np.ndarray[Any, np.dtype[np.int8]]) -> Any:
    """Per row, shape (n,), int8: joined, another listed one, unknown, or nobody."""
    text = pc.utf8_trim(_text(column), characters=_BLANKS)
    missing = pc.fill_null(pc.equal(text, ""), True).to_numpy(zero_copy_only=False)
    place = pc.fill_null(pc.index_in(text, value_set=keys), -1).to_numpy(zero_copy_only=False)
    found = np.append(states, np.int8(_UNKNOWN))[place]  # -1 takes the last: not among the keys
    return np.where(missing, np.int8(_MISSING), found)


def _text(column: Any) -> Any:
    """A number as its digits; one with a fraction stays what it is, and nobody's."""
    if pa.types.is_floating(column.type):
        whole = pc.and_(pc.is_finite(column), pc.less(pc.abs(column), 2.0**53))
        whole = pc.and_kleene(whole, pc.equal(pc.floor(column), column))
        digits = pc.cast(pc.if_else(whole, column, None), pa.int64()).cast(pa.string())
        named = pc.if_else(pc.is_nan(column), None, column.cast(pa.string()))
        return pc.coalesce(digits, named)
    return column.cast(pa.string())

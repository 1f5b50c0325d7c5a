"""Finding equal tags, and checking what the linker says it found.

A *grouping* is the partition of row positions into citizens, in one canonical form: groups by size,
within a size by their first position, positions ascending inside a group. The form depends on the
partition alone. In any order that depended on the tags (sorted by tag, say) a holder that is also an
input party, and so can compute the tags of its own citizens, could tell roughly where they stand, and
from the group's size at how many partners they are known. Holders therefore check the form too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.protocol.permutation import runs_of_top_bits
from samklang.protocol.prg import prefixed
from samklang.protocol.streams import as_bytes
from samklang.protocol.words import Column

MAX_ROWS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Grouping:
    """Attributes:
    sizes: number of groups of size 1, 2, …; shape (n,) int64.
    order: row positions, group after group; shape (R,) uint32.
    """

    sizes: NDArray[np.int64]
    order: NDArray[np.uint32]

    @property
    def groups(self) -> int:
        return int(self.sizes.sum())

    def digest(self, transcript: bytes) -> bytes:
        """SHA-256 over the grouping and the transcript, which the two holders compare."""
        digest = hashlib.sha256(prefixed(transcript, bytes(as_bytes(self.sizes.astype("<i8")))))
        digest.update(as_bytes(self.order))
        return digest.digest()


def _runs(tag: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(an order in which equal tags stand together, ascending by position; where a new tag begins in it)."""
    order, same = runs_of_top_bits(tag[0].copy())
    begins = _begins(tag, order)
    if bool(begins[same + 1].any()):
        # Different tags with the same top bits, which may stand in turns: those runs by all 128 bits.
        apart = np.ones(len(order), bool)
        apart[same + 1] = False
        run = np.cumsum(apart)
        mixed = np.zeros(len(order) + 1, bool)
        mixed[run[begins & ~apart]] = True
        places = np.flatnonzero(mixed[run])
        members = order[places]
        order[places] = members[np.lexsort((tag[1][members], tag[0][members], run[places]))]
        begins = _begins(tag, order)
    return order, begins


def _begins(tag: NDArray[np.uint64], order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Where the tag, all 128 bits of it, differs from the one before."""
    begins = np.zeros(len(order), bool)
    begins[0] = True
    for half in tag:
        ordered = half.take(order)
        begins[1:] |= ordered[1:] != ordered[:-1]
    return begins


def group(tag: NDArray[np.uint64], largest: int) -> Grouping:
    """Group equal 128-bit tags.

    A tag that occurs more often than ``largest`` is cut into groups of that size and one of the rest.
    Refusing it, or a larger group, would tell a node that sends a tag many times over at how many partners
    its citizen is.

    Args:
        tag: shape (2, R) uint64, the opened tags in shuffled order.
        largest: the largest group that there may be; every size up to it is padded.
    """
    rows = tag.shape[1]
    if not rows:
        return Grouping(np.zeros(largest, np.int64), np.empty(0, np.uint32))
    order, begins = _runs(tag)
    first = np.flatnonzero(begins)
    size = np.diff(first, append=rows)
    if int(size.max()) > largest:
        nth = np.arange(rows) - first.repeat(size)
        first = np.flatnonzero(nth % largest == 0)
        size = np.diff(first, append=rows)
    sizes = np.bincount(size, minlength=largest + 1)[1:].astype(np.int64)
    # By first position: a scatter to the position of each group's first row replaces a sort.
    positions = order.astype(np.uint32)
    begin_of = np.full(rows, -1, np.int32)
    begin_of[order[first]] = first
    begin = begin_of[begin_of >= 0]
    size_of = np.zeros(rows, np.int32)
    size_of[first] = size
    size = size_of.take(begin)
    grouped = np.empty(rows, np.uint32)
    for j, members in by_size(grouped, sizes):
        row = begin[size == j]
        for k in range(j):
            members[:, k] = positions.take(row + k)
    return Grouping(sizes, grouped)


def check(grouping: Grouping, rows: int, largest: int) -> None:
    """Refuse a grouping that isn't a partition of 0..rows-1 into groups of 1..largest, canonically.

    Unchecked, a linker that lists one group 500 times reads that citizen's cell off the counts.

    Raises:
        SamklangError: ``protocol-grouping``.
    """

    def refuse(reason: str) -> SamklangError:
        return SamklangError("protocol-grouping", reason=reason)

    sizes, order = grouping.sizes, grouping.order
    if sizes.shape != (largest,) or (sizes < 0).any() or (sizes > rows).any():
        raise refuse("a group size is out of range")
    if int((sizes * np.arange(1, largest + 1)).sum()) != rows or order.shape != (rows,):
        raise refuse("the sizes don't add up to the rows")
    if rows == 0:
        return
    if int(order.max()) >= rows:
        raise refuse("a position doesn't exist")
    seen = np.zeros(rows, bool)
    seen[order] = True
    if not seen.all():
        raise refuse("a row is in two groups or in none")
    for j, members in by_size(order, sizes):
        if (members[1:, 0] < members[:-1, 0]).any() or (members[:, 1:] < members[:, :-1]).any():
            raise refuse(f"groups of size {j} aren't in canonical order")


def by_size(values: Column, sizes: NDArray[np.int64]) -> list[tuple[int, Column]]:
    """Cut values that stand group by group into one (groups, j) view per size j that occurs."""
    out = []
    offset = 0
    for j, count in enumerate(sizes.tolist(), start=1):
        if count:
            out.append((j, values[offset : offset + j * count].reshape(count, j)))
            offset += j * count
    return out


def sum_groups(column: Column, grouping: Grouping) -> Column:
    """Add up one word's shares within each group; shape (groups,), same dtype, modulo its size."""
    return _summed(column, grouping.order.astype(np.intp), grouping)


def sum_all(columns: Sequence[Column], grouping: Grouping) -> list[Column]:
    """:func:`sum_groups` of several words."""
    order = grouping.order.astype(np.intp)
    return [_summed(column, order, grouping) for column in columns]


def _summed(column: Column, order: NDArray[np.intp], grouping: Grouping) -> Column:
    ordered = np.empty(len(column), column.dtype)
    np.take(column, order, out=ordered, mode="clip")
    out = np.empty(grouping.groups, column.dtype)
    offset = 0
    for j, members in by_size(ordered, grouping.sizes):
        part = out[offset : offset + len(members)]
        np.copyto(part, members[:, 0])
        for k in range(1, j):
            np.add(part, members[:, k], out=part)
        offset += len(members)
    return out

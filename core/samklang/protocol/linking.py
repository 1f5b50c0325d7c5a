"""Finding equal tags, and checking what the linker says it found.

A *grouping* is the partition of row positions into citizens, in one canonical form: groups by size,
within a size by their first position, positions ascending inside a group. The form depends on the
partition alone. In any order that depended on the tags (sorted by tag, say) a holder that is also an
input party, and so can compute the tags of its own citizens, could tell roughly where they stand, and
from the group's size at how many partners they are known. Holders therefore check the form too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
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
    """(an order in which equal tags stand together, where a new tag begins in it)."""
    order = np.argsort(tag[0])
    high, low = tag[0].take(order), tag[1].take(order)
    same_high, same_low = high[1:] == high[:-1], low[1:] == low[:-1]
    # Equal first halves are one citizen, except with probability R²/2⁶⁵; only then sort by both.
    if bool((same_high & ~same_low).any()):
        order = np.lexsort((tag[1], tag[0]))
        high, low = tag[0].take(order), tag[1].take(order)
        same_high, same_low = high[1:] == high[:-1], low[1:] == low[:-1]
    begins = np.ones(len(order), bool)
    np.logical_not(same_high & same_low, out=begins[1:])
    return order, begins


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
    positions = order.astype(np.uint32)
    first = np.flatnonzero(begins)
    size = np.diff(first, append=rows)
    found: dict[int, list[NDArray[np.uint32]]] = {}
    for j in np.flatnonzero(np.bincount(size)).tolist():
        members = _members(positions, first[size == j], j)
        for start in range(0, j, largest):
            part = members[:, start : start + largest]
            found.setdefault(part.shape[1], []).append(part)
    sizes = np.zeros(largest, np.int64)
    slot = np.empty(rows, np.int32)
    parts: list[NDArray[np.uint32]] = []
    for j in sorted(found):
        members = found[j][0] if len(found[j]) == 1 else np.concatenate(found[j])
        sizes[j - 1] = len(members)
        # By first position: a scatter to the position of each group's first row replaces a sort.
        slot.fill(-1)
        slot[members[:, 0]] = np.arange(len(members), dtype=np.int32)
        parts.append(members.take(slot[slot >= 0], axis=0).reshape(-1))
    return Grouping(sizes, np.concatenate(parts))


def _members(order: NDArray[np.uint32], runs: NDArray[np.intp], j: int) -> NDArray[np.uint32]:
    """The rows of each run of ``j`` equal tags, ascending; shape (runs, j)."""
    members = np.stack([order.take(runs + k) for k in range(j)], axis=1)
    if j == 2:
        return np.stack([members.min(axis=1), members.max(axis=1)], axis=1)
    if j > 2:
        members.sort(axis=1)
    return members


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
    ordered = np.empty(len(column), column.dtype)
    np.take(column, grouping.order, out=ordered, mode="clip")
    out = np.empty(grouping.groups, column.dtype)
    offset = 0
    for j, members in by_size(ordered, grouping.sizes):
        part = out[offset : offset + len(members)]
        np.copyto(part, members[:, 0])
        for k in range(1, j):
            np.add(part, members[:, k], out=part)
        offset += len(members)
    return out

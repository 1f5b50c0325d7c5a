"""A Merkle tree over a log's leaves, and the two proofs about it (RFC 6962 section 2.1).

Leaf = SHA-256(0x00 ‖ data), node = SHA-256(0x01 ‖ left ‖ right), the empty tree SHA-256 of nothing. Proofs
are made by the definitions of RFC 6962 (2.1.1, 2.1.2) and verified by the algorithms of RFC 9162 (2.1.3.2,
2.1.4.2), so that a mistake in one isn't repeated in the other. All hashes are 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from samklang.errors import SamklangError

__all__ = ["EMPTY", "Tree", "leaf_hash", "node_hash", "verify_consistency", "verify_inclusion"]

EMPTY = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Leaf hashes in order, with the hashes of all complete subtrees: 64 bytes per leaf.

    Appending costs O(1) amortised, a root or a proof of any size up to the present O(log² n).
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """``leaves``: hashes of leaves (:func:`leaf_hash`)."""
        # levels[k][i] covers the 2^k leaves from i·2^k on.
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf."""
        self._levels[0].append(leaf)
        level = 0
        while len(self._levels[level]) % 2 == 0:
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(node_hash(*self._levels[level][-2:]))
            level += 1

    def leaf(self, index: int) -> bytes:
        return self._levels[0][index]

    def root(self, size: int | None = None) -> bytes:
        """Head of the first ``size`` leaves; all of them by default."""
        size = len(self) if size is None else size
        self._check(0, size)
        return self._hash(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Audit path of leaf ``index`` in the tree of ``size`` leaves; from the leaf upwards.

        Raises:
            ValueError: there is no such leaf, or no such size.
        """
        size = len(self) if size is None else size
        self._check(index + 1, size)
        path: list[bytes] = []
        start = 0
        while size > 1:
            k = _split(size)
            if index < k:
                path.append(self._hash(start + k, size - k))
                size = k
            else:
                path.append(self._hash(start, k))
                start, index, size = start + k, index - k, size - k
        return tuple(reversed(path))

    def consistency(self, old: int, size: int | None = None) -> tuple[bytes, ...]:
        """Proof that the tree of ``old`` leaves is the beginning of the one of ``size`` leaves.

        Empty for ``old`` 0 (C2SP tlog-witness) and for two equal sizes.

        Raises:
            ValueError: no such sizes.
        """
        size = len(self) if size is None else size
        self._check(old, size)
        if old in (0, size):
            return ()
        path: list[bytes] = []
        start, whole = 0, True
        while old != size:
            k = _split(size)
            if old <= k:
                path.append(self._hash(start + k, size - k))
                size = k
            else:
                path.append(self._hash(start, k))
                start, old, size, whole = start + k, old - k, size - k, False
        if not whole:
            path.append(self._hash(start, size))
        return tuple(reversed(path))

    def _hash(self, start: int, size: int) -> bytes:
        """MTH(D[start:start + size]); complete subtrees are at hand."""
        level = size.bit_length() - 1
        if size == 1 << level and start % size == 0:
            return self._levels[level][start >> level]
        k = _split(size)
        return node_hash(self._hash(start, k), self._hash(start + k, size - k))

    def _check(self, low: int, size: int) -> None:
        if not 0 <= low <= size <= len(self):
            raise ValueError("no such leaf or size")


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the leaf hash ``leaf`` stands at ``index`` of the tree of ``size`` leaves and head ``root``.

    Raises:
        SamklangError: ``audit-proof-inclusion``. RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size or not _hashes(proof, leaf, root):
        raise SamklangError("audit-proof-inclusion")
    fn, sn, head = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            raise SamklangError("audit-proof-inclusion")
        if fn & 1 or fn == sn:
            head = node_hash(step, head)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            head = node_hash(head, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or head != root:
        raise SamklangError("audit-proof-inclusion")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the tree (``old`` leaves, ``old_root``) is the beginning of (``new`` leaves, ``new_root``).

    Raises:
        SamklangError: ``audit-proof-consistency``. RFC 9162 section 2.1.4.2; ``old`` 0 and ``old`` = ``new``
            take an empty proof.
    """
    if not 0 <= old <= new or not _hashes(proof, old_root, new_root):
        raise SamklangError("audit-proof-consistency")
    if old in (0, new):
        if proof or old_root != (new_root if old == new else EMPTY):
            raise SamklangError("audit-proof-consistency")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise SamklangError("audit-proof-consistency")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    before = after = path[0]
    for step in path[1:]:
        if sn == 0:
            raise SamklangError("audit-proof-consistency")
        if fn & 1 or fn == sn:
            before, after = node_hash(step, before), node_hash(step, after)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            after = node_hash(after, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or before != old_root or after != new_root:
        raise SamklangError("audit-proof-consistency")


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _hashes(proof: Sequence[bytes], *more: bytes) -> bool:
    """A proof of more than 64 steps belongs to no tree that could exist."""
    return len(proof) <= 64 and all(len(item) == 32 for item in (*proof, *more))

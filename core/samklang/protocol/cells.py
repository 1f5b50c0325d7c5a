"""Cells: the combinations of final levels, which of them can exist, and which are released."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.protocol.encodings import INVALID
from samklang.protocol.words import Column

MAX_OPENED = 20_000
"""Most cells that are opened: every compute party plants dummies in each."""
MAX_COMBINATIONS = 1 << 22

NOBODY, ONE, SEVERAL = 1, 2, 4
"""Bits of a presence pattern: at how many nodes of a sector a level lets the citizen be."""
ANY = NOBODY | ONE | SEVERAL


@dataclass(frozen=True, slots=True)
class AxisLevels:
    """What the cells need to know of one axis.

    Attributes:
        name: the axis's name.
        names: its final levels by number.
        presence: sector → pattern of presence bits by level, for sectors it speaks of.
        keep: by level, whether its cells are released.
        conflict: by level, whether it stands for a conflict.
    """

    name: str
    names: tuple[str, ...]
    presence: dict[str, tuple[int, ...]]
    keep: tuple[bool, ...]
    conflict: tuple[bool, ...]


class Cells:
    """The opened cells in canonical order (last axis fastest), plus one for everything invalid.

    Attributes:
        levels: shape (K + 1, axes) uint8; the last row is the invalid cell, INVALID on every axis.
        kept: indices of the released cells, shape (released,).
        conflicts: indices of the cells that count as conflicts, the invalid cell included.
    """

    def __init__(self, axes: Sequence[AxisLevels]) -> None:
        sizes = [len(a.names) for a in axes]
        self.combinations = int(np.prod(sizes, dtype=object))
        if self.combinations > MAX_COMBINATIONS:
            raise _too_many(self.combinations, axes)
        grid = np.indices(sizes, np.uint8).reshape(len(axes), -1).T
        possible = grid.any(axis=1)  # all-absent is where padding goes: never a cell
        for sector in sorted({s for a in axes for s in a.presence}):
            pattern = np.full(len(grid), ANY)
            for index, axis in enumerate(axes):
                if sector in axis.presence:
                    pattern &= np.asarray(axis.presence[sector])[grid[:, index]]
            possible &= pattern > 0
        cells = grid[possible]
        if len(cells) > MAX_OPENED:
            raise _too_many(len(cells), axes)
        self.axes = tuple(axes)
        self._sizes = np.asarray(sizes)
        self._strides = np.append(np.cumprod(sizes[:0:-1], dtype=np.int64)[::-1], 1)
        self._index = np.full(self.combinations, len(cells), np.int64)
        self._index[cells.astype(np.int64) @ self._strides] = np.arange(len(cells))
        self._index[0] = -1
        self.levels = np.vstack([cells, np.full((1, len(axes)), INVALID, np.uint8)])
        keep = np.ones(len(self.levels), bool)
        conflict = np.zeros(len(self.levels), bool)
        for index, axis in enumerate(axes):
            padded = np.zeros(256, bool)
            padded[: len(axis.keep)] = axis.keep
            keep &= padded[self.levels[:, index]]
            padded = np.zeros(256, bool)
            padded[: len(axis.conflict)] = axis.conflict
            padded[INVALID] = True
            conflict |= padded[self.levels[:, index]]
        self.kept = np.flatnonzero(keep & ~conflict)
        self.conflicts = np.flatnonzero(conflict)
        if not len(self.kept):
            raise SamklangError("program-no-cells")

    @property
    def opened(self) -> int:
        """Number of cells that get dummies: K + 1."""
        return len(self.levels)

    def of(self, columns: Sequence[Column]) -> NDArray[np.int64]:
        """The cell of each group: shape (G,), -1 for all-absent, ``opened - 1`` for anything invalid."""
        rows = len(columns[0])
        code = np.zeros(rows, np.int64)
        bad = np.zeros(rows, bool)
        for column, size, stride in zip(columns, self._sizes, self._strides, strict=True):
            bad |= column >= size
            code += column.astype(np.int64) * stride
        code[bad] = 0
        cell = self._index[code]
        cell[bad] = self.opened - 1
        return cell

    def holders(self, sectors: Mapping[str, int]) -> NDArray[np.int64]:
        """How many nodes of these sectors hold each citizen of a released cell, shape (released,): a number
        that the levels fix, or -1.

        Args:
            sectors: sector → how many of its nodes a group can hold.
        """
        levels = self.levels[self.kept]
        total = np.zeros(len(levels), np.int64)
        for sector, nodes in sectors.items():
            pattern = np.full(len(levels), ANY if nodes > 1 else NOBODY | ONE)
            for index, axis in enumerate(self.axes):
                if sector in axis.presence:
                    pattern &= np.asarray(axis.presence[sector])[levels[:, index]]
            fixed = np.select([pattern == NOBODY, pattern == ONE], [0, 1], -1)
            total = np.where((fixed < 0) | (total < 0), -1, total + fixed)
        return total

    def names(self) -> list[dict[str, str]]:
        """The released cells, axis name → level name."""
        return [
            {a.name: a.names[level] for a, level in zip(self.axes, row, strict=True)}
            for row in self.levels[self.kept].tolist()
        ]


def _too_many(count: int, axes: Sequence[AxisLevels]) -> SamklangError:
    largest = max(axes, key=lambda a: len(a.names))
    return SamklangError(
        "program-too-many-cells",
        cells=count,
        most=MAX_OPENED,
        axis=largest.name,
        levels=len(largest.names),
    )

"""A share matrix: one array per word of a row, so that every step works on whole columns.

*Wide* words are uint64 (two tag words, one word per measure; modulo 2⁶⁴), *narrow* words are one small
unsigned type (axes; uint16 modulo 2¹⁶ before banding, uint8 modulo 2⁸ after it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samklang.protocol.prg import Label, fill, mask

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which words a row has."""

    wide: int
    narrow: int
    narrow_type: type[np.unsignedinteger]

    @property
    def row_bytes(self) -> int:
        return 8 * self.wide + np.dtype(self.narrow_type).itemsize * self.narrow

    def types(self) -> list[type[np.unsignedinteger]]:
        """The type of each word, wide words first; the position is the word number in labels."""
        return [np.uint64] * self.wide + [self.narrow_type] * self.narrow


class Words:
    """``len(shape.types())`` columns of ``rows`` words each.

    Shares are secret: the representation says shape and nothing else.
    """

    __slots__ = ("columns", "rows", "shape")

    def __init__(self, shape: Shape, columns: list[Column]) -> None:
        self.shape = shape
        self.columns = columns
        self.rows = len(columns[0]) if columns else 0
        for column, dtype in zip(columns, shape.types(), strict=True):
            if column.dtype != dtype or column.shape != (self.rows,) or not column.flags.c_contiguous:
                raise ValueError("a column doesn't have the shape's type or length")

    def __repr__(self) -> str:
        return f"Words(rows={self.rows}, {self.shape})"

    @classmethod
    def empty(cls, shape: Shape, rows: int) -> Words:
        return cls(shape, [np.empty(rows, t) for t in shape.types()])

    @classmethod
    def zeros(cls, shape: Shape, rows: int) -> Words:
        return cls(shape, [np.zeros(rows, t) for t in shape.types()])

    @property
    def wide(self) -> list[Column]:
        return self.columns[: self.shape.wide]

    @property
    def narrow(self) -> list[Column]:
        return self.columns[self.shape.wide :]

    def slice(self, start: int, stop: int) -> Words:
        """A view of some rows."""
        return Words(self.shape, [c[start:stop] for c in self.columns])

    def permute(self, order: NDArray[np.intp]) -> None:
        """Row i becomes what row ``order[i]`` was (a permutation); one more column per type.

        Each column goes where the one before it was: nothing else may still need these arrays.
        """
        spare: dict[np.dtype[Any], Column] = {}
        for index, column in enumerate(self.columns):
            out = spare.pop(column.dtype, None)
            if out is None:
                out = np.empty(self.rows, column.dtype)
            np.take(column, order, out=out, mode="clip")
            self.columns[index], spare[column.dtype] = out, column

    def mask(self, key: bytes, label: Label, *, subtract: bool = False) -> None:
        """Add (or subtract) a pseudorandom word to every word; word number in the label."""
        for word, column in enumerate(self.columns):
            mask(column, key, label.at(word=word), subtract=subtract)

    def fill(self, key: bytes, label: Label) -> None:
        """Overwrite every word with a pseudorandom one: the share that is a seed."""
        for word, column in enumerate(self.columns):
            fill(column, key, label.at(word=word))


def concatenate(parts: Iterable[Words]) -> Words:
    """Rows of all parts, one after the other."""
    parts = list(parts)
    columns = [np.concatenate(cs) for cs in zip(*(p.columns for p in parts), strict=True)]
    return Words(parts[0].shape, columns)

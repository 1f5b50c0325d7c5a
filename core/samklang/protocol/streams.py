"""Sources and sinks over arrays: what a role sends and receives, without copying it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError

PIECE = 1 << 20
"""Bytes per sealed chunk, and the size in which sources hand out what they have."""


def as_bytes(array: NDArray[np.generic]) -> memoryview:
    """A flat byte view of a C-contiguous array, without a copy."""
    if not array.flags.c_contiguous:
        raise ValueError("not contiguous")
    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")


class ArraysSource:
    """The bytes of several arrays, one after the other (little-endian, as they lie in memory)."""

    def __init__(self, arrays: Sequence[NDArray[np.generic]]) -> None:
        self._views = [as_bytes(a) for a in arrays]
        self.nbytes = sum(len(v) for v in self._views)

    def pieces(self) -> Iterator[memoryview]:
        for view in self._views:
            for start in range(0, len(view), PIECE):
                yield view[start : start + PIECE]


class BytesSource:
    """A small message."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.nbytes = len(data)

    def pieces(self) -> Iterator[memoryview]:
        yield memoryview(self._data)


class ComputedSource:
    """Bytes that are made piece by piece while they are sent, so that they never lie there whole."""

    def __init__(self, nbytes: int, make: Callable[[], Iterator[memoryview]]) -> None:
        self.nbytes = nbytes
        self._make = make

    def pieces(self) -> Iterator[memoryview]:
        return self._make()


class _Counted:
    """Counts what comes in and refuses what is too much or too little."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes
        self._got = 0

    def write(self, piece: memoryview) -> None:
        self._got += len(piece)
        if self._got > self.nbytes:
            raise SamklangError("protocol-length", expected=self.nbytes)
        self._take(piece)

    def _take(self, piece: memoryview) -> None:
        raise NotImplementedError

    def close(self) -> None:
        if self._got != self.nbytes:
            raise SamklangError("protocol-length", expected=self.nbytes)


class ArraysSink(_Counted):
    """Fills several arrays, one after the other."""

    def __init__(self, arrays: Sequence[NDArray[np.generic]]) -> None:
        self._views = [as_bytes(a) for a in arrays if a.size]
        super().__init__(sum(len(v) for v in self._views))
        self._index = 0
        self._offset = 0

    def _take(self, piece: memoryview) -> None:
        while len(piece):
            view = self._views[self._index]
            n = min(len(piece), len(view) - self._offset)
            view[self._offset : self._offset + n] = piece[:n]
            self._offset += n
            piece = piece[n:]
            if self._offset == len(view):
                self._index += 1
                self._offset = 0


class BytesSink(_Counted):
    """Collects a small message; read it from ``data`` afterwards.

    ``nbytes`` is the exact length, or with ``at_most`` the largest.
    """

    def __init__(self, nbytes: int, *, at_most: bool = False) -> None:
        super().__init__(nbytes)
        self._at_most = at_most
        self.data = bytearray()

    def _take(self, piece: memoryview) -> None:
        self.data += piece

    def close(self) -> None:
        if not self._at_most:
            super().close()


class LookupSink(_Counted):
    """Keeps one byte here and there of a long stream: ``out[i]`` becomes byte number ``index[i]``.

    Args:
        nbytes: length of the stream.
        index: ascending positions, shape (n,) int64.
        out: shape (n,) uint8.
    """

    def __init__(self, nbytes: int, index: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
        super().__init__(nbytes)
        self._index = index
        self._out = out
        self._position = 0
        self._next = 0

    def _take(self, piece: memoryview) -> None:
        end = self._position + len(piece)
        stop = self._next + int(np.searchsorted(self._index[self._next :], end))
        wanted = self._index[self._next : stop] - self._position
        self._out[self._next : stop] = np.frombuffer(piece, np.uint8)[wanted]
        self._position, self._next = end, stop

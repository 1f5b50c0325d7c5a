"""The bytes of a :class:`samklang.v1.nodes_pb2.Chunk`, made and read without protobuf's copies.

A bulk message is 1 MiB slices of plaintext, each sealed on its own; all slices but the last are full. The
relay passes a chunk on as the bytes that came in. :func:`read_chunk` accepts every valid encoding, and
:class:`ChunkWriter` writes the one that protobuf writes.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from samklang.errors import SamklangError
from samklang.protocol.sealing import OVERHEAD
from samklang.protocol.streams import PIECE
from samklang.v1 import nodes_pb2 as v1

LARGEST = PIECE + OVERHEAD
"""Bytes of sealed data in a chunk at most."""

LARGEST_FRAME = LARGEST + 16
"""Bytes of an encoded chunk at most."""

_DATA, _LAST = 0x0A, b"\x10\x01"
_HEAD = 6


class ChunkWriter:
    """Encodes chunks in one reused buffer: write sealed data into ``room``, then take the frame."""

    def __init__(self) -> None:
        self._buffer = bytearray(_HEAD + LARGEST + len(_LAST))
        self.room = memoryview(self._buffer)[_HEAD : _HEAD + LARGEST]

    def frame(self, length: int, last: bool) -> bytes:
        """The encoding of a chunk whose data are the first ``length`` (> 0) bytes of ``room``."""
        head = bytearray([_DATA])
        rest = length
        while rest > 0x7F:
            head.append(rest & 0x7F | 0x80)
            rest >>= 7
        head.append(rest)
        start, end = _HEAD - len(head), _HEAD + length
        self._buffer[start:_HEAD] = head
        if last:
            self._buffer[end : end + 2] = _LAST
            end += 2
        return bytes(memoryview(self._buffer)[start:end])


def read_chunk(frame: bytes, stage: str) -> tuple[memoryview, bool]:
    """(data, last) of an encoded chunk; ``data`` is a view of ``frame``.

    Raises:
        SamklangError: ``transport-message`` if it is no chunk with data, ``transport-too-large``.
    """
    if len(frame) > LARGEST_FRAME:
        raise SamklangError("transport-too-large", stage=stage, limit=LARGEST)
    data, last = _quick(frame) or _slow(frame)
    if not OVERHEAD <= len(data) <= LARGEST:
        raise SamklangError("transport-message", problem="a chunk has the wrong length")
    return data, last


def _quick(frame: bytes) -> tuple[memoryview, bool] | None:
    if not frame or frame[0] != _DATA:
        return None
    length, shift, at = 0, 0, 1
    while at < min(_HEAD, len(frame)):
        byte = frame[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            rest = frame[at + length :]
            if at + length <= len(frame) and rest in (b"", _LAST):
                return memoryview(frame)[at : at + length], rest == _LAST
            return None
    return None


def _slow(frame: bytes) -> tuple[memoryview, bool]:
    try:
        chunk = v1.Chunk.FromString(frame)
    except DecodeError:
        raise SamklangError("transport-message", problem="not a chunk") from None
    if chunk.HasField("address"):
        raise SamklangError("transport-message", problem="an address in the middle of a stream")
    return memoryview(chunk.data), chunk.last


def read_address(frame: bytes) -> v1.Address:
    """The address in the first chunk of a push.

    Raises:
        SamklangError: ``transport-message`` unless the chunk carries an address and nothing else.
    """
    try:
        chunk = v1.Chunk.FromString(frame)
    except DecodeError:
        raise SamklangError("transport-message", problem="not a chunk") from None
    if chunk.data or chunk.last or not chunk.HasField("address"):
        raise SamklangError("transport-message", problem="a push must begin with its address alone")
    return chunk.address

"""Sealed messages on a wire: source, sealer, chunks on one side; chunks, opener, sink on the other.

Pieces are made, sealed, opened and written in the thread pool, one 1 MiB slice at a time and one slice
ahead of the network, so that memory stays bounded and the event loop free.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor
from contextlib import aclosing

from samklang.errors import SamklangError
from samklang.protocol.actions import Sink, Source
from samklang.protocol.sealing import OVERHEAD, Opener, Sealer
from samklang.protocol.streams import PIECE
from samklang.transport.frames import ChunkWriter, read_chunk
from samklang.transport.wire import CONTROL, Wire
from samklang.transport.workers import run_in, settled


def slices(source: Source) -> Iterator[tuple[memoryview, bool]]:
    """(slice, last) of a source: full slices of 1 MiB and a shorter last one; at least one, maybe empty.

    A slice is valid until the next is taken. Raises ``protocol-length`` if the source yields another number
    of bytes than it said.
    """
    left, filled = source.nbytes, 0
    staging = bytearray(min(PIECE, source.nbytes))
    for piece in source.pieces():
        if len(piece) > left - filled:
            raise SamklangError("protocol-length", expected=source.nbytes)
        while len(piece):
            size = min(PIECE, left)
            if not filled and len(piece) >= size:
                part, piece = piece[:size], piece[size:]
            else:
                n = min(size - filled, len(piece))
                staging[filled : filled + n] = piece[:n]
                filled, piece = filled + n, piece[n:]
                if filled < size:
                    continue
                part, filled = memoryview(staging)[:size], 0
            left -= size
            yield part, left == 0
    if left:
        raise SamklangError("protocol-length", expected=source.nbytes)
    if not source.nbytes:
        yield memoryview(b""), True


def _sealed(source: Source, sealer: Sealer) -> Iterator[bytes]:
    writer = ChunkWriter()
    for piece, last in slices(source):
        yield writer.frame(sealer.seal_into(piece, last, writer.room), last)


async def sealed_frames(source: Source, sealer: Sealer, pool: Executor) -> AsyncIterator[bytes]:
    """The encoded chunks of ``source``; the next one is made while the caller sends the present one."""
    loop = asyncio.get_running_loop()
    frames = _sealed(source, sealer)
    ahead = loop.run_in_executor(pool, next, frames, None)
    try:
        while (frame := await asyncio.shield(ahead)) is not None:
            ahead = loop.run_in_executor(pool, next, frames, None)
            yield frame
    finally:
        await settled(ahead)


async def send_bulk(wire: Wire, to: str, stage: str, source: Source, sealer: Sealer, pool: Executor) -> None:
    """Seal and push a bulk message."""
    frames = sealed_frames(source, sealer, pool)
    async with aclosing(frames):  # type: ignore[type-var]
        await wire.push(to, stage, frames)


async def receive_bulk(
    wire: Wire, sender: str, stage: str, sink: Sink, opener: Opener, pool: Executor
) -> None:
    """Pull a bulk message and open it into ``sink``.

    Raises:
        SamklangError: ``protocol-sealed`` if a bit is wrong, ``protocol-length``, ``transport-truncated``.
    """
    plain = memoryview(bytearray(min(PIECE, sink.nbytes) + OVERHEAD))

    def take(frame: bytes) -> None:
        data, last = read_chunk(frame, stage)
        if len(data) > len(plain):
            raise SamklangError("protocol-length", expected=sink.nbytes)
        sink.write(plain[: opener.open_into(data, last, plain)])

    opening: asyncio.Future[None] | None = None
    loop = asyncio.get_running_loop()
    async with aclosing(wire.pull(sender, stage)) as frames:
        try:
            async for frame in frames:
                if opening is not None:
                    await asyncio.shield(opening)
                opening = loop.run_in_executor(pool, take, frame)
            if opening is not None:
                await asyncio.shield(opening)
        finally:
            await settled(opening)
    if not opener.ended:
        raise SamklangError("transport-truncated", sender=sender, stage=stage)
    await run_in(pool, sink.close)


async def send_small(
    wire: Wire, to: str, stage: str, source: Source, sealer: Sealer | None, pool: Executor
) -> None:
    """Send a control message, sealed if there is a sealer."""

    def make() -> bytes:
        if source.nbytes > CONTROL - OVERHEAD:
            raise SamklangError("transport-too-large", stage=stage, limit=CONTROL)
        data = bytearray()
        for piece in source.pieces():
            data += piece
        if len(data) != source.nbytes:
            raise SamklangError("protocol-length", expected=source.nbytes)
        return sealer.seal(data) if sealer else bytes(data)

    await wire.send(to, stage, await run_in(pool, make))


async def receive_small(
    wire: Wire, sender: str, stage: str, sink: Sink, opener: Opener | None, pool: Executor
) -> None:
    """Receive a control message into ``sink``; errors as for :func:`receive_bulk`."""
    payload = await wire.receive(sender, stage)

    def take() -> None:
        data = opener.open(payload) if opener else payload
        sink.write(memoryview(data))
        sink.close()

    await run_in(pool, take)

"""The thread pool in which everything runs that would hold up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

T = TypeVar("T")


async def run_in(pool: Executor, function: Callable[[], T]) -> T:
    """Run ``function`` in ``pool``. If the caller is cancelled the function is waited for first.

    So nothing that was cancelled goes on writing into buffers, files or databases behind its owner's back.
    """
    future = asyncio.get_running_loop().run_in_executor(pool, function)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await settled(future)
        raise


async def settled(future: asyncio.Future[T] | None) -> None:
    """Wait until ``future`` has ended, whatever its outcome and however often the caller is cancelled."""
    cancelled = False
    while future is not None and not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            cancelled = True
    if future is not None and not future.cancelled():
        future.exception()
    if cancelled:
        raise asyncio.CancelledError

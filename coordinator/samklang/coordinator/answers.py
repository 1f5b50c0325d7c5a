"""The store of answers: the same question over the same snapshots is computed once, and paid for once.

- A release is named by its key (:mod:`samklang.protocol.release_key`), which the coordinator, like every
  node, computes from the acceptances of an attempt. So every node has decided about the second analyst by
  its own policy before anything is looked up, and nothing that changes the answer is looked over.
- Queries with the same question take turns, from before their first offer until they have their receipts:
  whoever asks at the same moment finds the answer there, and if the first one fails, the next one computes.
  One that waits for people to approve it keeps nobody waiting.
- What is served is an answer that is done. Each contributing node looks up for itself that it took part in
  it, under the same key, before it gives a receipt (``node/samklang/node/release_keys.py``).

Whether there is an answer depends on documents and the calendar alone.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from samklang.errors import SamklangError

__all__ = ["Stored", "Turns"]


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer that is done: the query and attempt that it was computed for, and when (UTC, µs)."""

    query: str
    digest: str
    attempt: int
    released_us: int


class Turns:
    """Lets queries with the same question (the digest of its core) go one after the other."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, int] = {}
        self._held: dict[str, str] = {}

    async def take(self, query: str, core: str, until_us: int) -> None:
        """Wait for the turn of ``query``; at once if it has it. Give it back with :meth:`give`.

        Raises:
            SamklangError: ``coordinator-expired``: the query has ended while it waited.
        """
        if query in self._held:
            return
        lock = self._locks.setdefault(core, asyncio.Lock())
        self._waiting[core] = self._waiting.get(core, 0) + 1
        try:
            async with asyncio.timeout(max(0.0, until_us / 1e6 - time.time())):
                await lock.acquire()
            self._held[query] = core
        except TimeoutError:
            until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(until_us / 1e6))
            raise SamklangError("coordinator-expired", until=until) from None
        finally:
            self._waiting[core] -= 1
            self._tidy(core)

    def give(self, query: str) -> None:
        """Let the next one go; nothing if ``query`` doesn't have its turn."""
        core = self._held.pop(query, None)
        if core is not None:
            self._locks[core].release()
            self._tidy(core)

    def _tidy(self, core: str) -> None:
        lock = self._locks[core]
        if not self._waiting.get(core) and not lock.locked():
            del self._locks[core]
            self._waiting.pop(core, None)

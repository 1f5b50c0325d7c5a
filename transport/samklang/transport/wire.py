"""What the runner needs from the network: small messages, streams of chunks, nothing else.

A party has two implementations: the node's over gRPC, and the coordinator's straight into its own relay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

from samklang.errors import SamklangError

CONTROL = 256 << 10
"""Bytes of a control message at most."""


class Wire(Protocol):
    """One attempt's connection to the other parties.

    Every method raises :class:`SamklangError`; ``transport-cut`` and ``transport-lost`` say that something
    broke elsewhere, whose own error is the better explanation.
    """

    async def send(self, to: str, stage: str, payload: bytes) -> None:
        """Hand over a small message; returns when it is on its way."""
        ...

    async def receive(self, sender: str, stage: str) -> bytes:
        """The small message of ``sender`` in ``stage``; waits for it."""
        ...

    async def push(self, to: str, stage: str, frames: AsyncIterator[bytes]) -> None:
        """Send a bulk message, given as encoded chunks; returns when the receiver has taken all of it."""
        ...

    def pull(self, sender: str, stage: str) -> AsyncGenerator[bytes, None]:
        """The encoded chunks of a bulk message; close the generator to break off."""
        ...


SECONDARY = frozenset({"transport-cut", "transport-lost", "transport-truncated"})
"""Codes that only say that something broke elsewhere; an attempt's reason is another one if there is any."""


class Mailbox:
    """Small messages that have come in, each (sender, stage) once, whether or not somebody waits for it."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._messages: dict[tuple[str, str], asyncio.Future[bytes]] = {}
        self._delivered: set[tuple[str, str]] = set()
        self._failure: SamklangError | None = None

    def _slot(self, sender: str, stage: str) -> asyncio.Future[bytes]:
        key = (sender, stage)
        if key not in self._messages:
            self._messages[key] = asyncio.get_running_loop().create_future()
            if self._failure:
                self._messages[key].set_exception(self._failure)
        return self._messages[key]

    def deliver(self, sender: str, stage: str, payload: bytes) -> None:
        """Put a message in.

        Raises:
            SamklangError: ``transport-replayed``, ``transport-too-large``.
        """
        if (sender, stage) in self._delivered:
            raise SamklangError("transport-replayed", sender=sender, stage=stage, recipient=self._me)
        if len(payload) > CONTROL:
            raise SamklangError("transport-too-large", stage=stage, limit=CONTROL)
        self._delivered.add((sender, stage))
        if not (slot := self._slot(sender, stage)).done():
            slot.set_result(payload)

    async def take(self, sender: str, stage: str) -> bytes:
        """Wait for a message and take it out."""
        return await asyncio.shield(self._slot(sender, stage))

    def fail(self, error: SamklangError) -> None:
        """Everybody who waits, now or later, gets ``error``."""
        self._failure = error
        for slot in self._messages.values():
            if not slot.done():
                slot.set_exception(error)
                slot.exception()

"""The relay: pairs a sender's stream with its receiver's and holds a few MiB between them, never more.

Nothing is stored. A stream exists from the moment one side names its route until the attempt is closed,
and each route is used once by each side; between two parties there are no more of them than the protocol
has stages, so that nobody fills the relay's memory with messages that nobody takes. If one side breaks off,
the other gets ``transport-cut``; when the attempt ends, whoever still waits gets the reason.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable

from samklang.errors import SamklangError
from samklang.protocol.messages import STAGES
from samklang.transport.addresses import AttemptId, Route

DEPTH = 3
"""Chunks (of 1 MiB) held per stream."""


class Stream:
    """One bulk message on its way: its sender puts, its recipient gets."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.relayed = 0
        self.used: set[str] = set()
        self._frames: deque[bytes] = deque()
        self._ended = False
        self._failure: SamklangError | None = None
        self._waiting: list[asyncio.Future[None]] = []

    async def put(self, frame: bytes) -> None:
        """Hand over a chunk; waits while the stream is full. Raises what the stream failed with."""
        await self._until(lambda: len(self._frames) < DEPTH)
        self._frames.append(frame)
        self._wake()

    async def end(self) -> None:
        """Say that there is no more, and wait until everything has been taken."""
        self._ended = True
        self._wake()
        await self._until(lambda: not self._frames)

    async def get(self) -> bytes | None:
        """The next chunk, or None at the end. Raises what the stream failed with."""
        await self._until(lambda: bool(self._frames) or self._ended)
        if not self._frames:
            return None
        frame = self._frames.popleft()
        self.relayed += len(frame)
        self._wake()
        return frame

    def fail(self, error: SamklangError | None = None) -> None:
        """Both sides get ``error``, by default ``transport-cut``; what is held is dropped."""
        if self._failure is None and not (self._ended and not self._frames):
            self._failure = error or self.route.cut()
            self._frames.clear()
            self._wake()

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not self._failure and not ready():
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        if self._failure:
            raise self._failure

    def _wake(self) -> None:
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
        self._waiting.clear()


class Relay:
    """All streams of the attempts that are running."""

    def __init__(self) -> None:
        self._streams: dict[AttemptId, dict[Route, Stream]] = {}
        self._parties: dict[AttemptId, frozenset[str]] = {}
        self._small: dict[AttemptId, set[Route]] = {}
        self._used: dict[AttemptId, Counter[tuple[str, str, str]]] = {}

    def open(self, attempt: AttemptId, parties: Iterable[str]) -> None:
        """Let ``parties`` exchange messages in ``attempt``."""
        self._streams[attempt] = {}
        self._small[attempt] = set()
        self._used[attempt] = Counter()
        self._parties[attempt] = frozenset(parties)

    def close(self, attempt: AttemptId, error: SamklangError) -> int:
        """End an attempt: streams that have not ended fail with ``error``. Returns bytes relayed in bulk."""
        streams = self._streams.pop(attempt, {})
        self._parties.pop(attempt, None)
        self._small.pop(attempt, None)
        self._used.pop(attempt, None)
        for stream in streams.values():
            stream.fail(error)
        return sum(stream.relayed for stream in streams.values())

    def sender(self, route: Route) -> Stream:
        """The stream of ``route``, for its sender; errors as for :meth:`small`."""
        return self._attach(route, "sender")

    def recipient(self, route: Route) -> Stream:
        """The stream of ``route``, for its recipient; errors as for :meth:`small`."""
        return self._attach(route, "recipient")

    def small(self, route: Route) -> None:
        """Note that a control message goes along ``route``.

        Raises:
            SamklangError: ``transport-no-attempt``, ``transport-unknown-party``, ``transport-replayed``.
        """
        self._check(route)
        if route in self._small[route.attempt]:
            raise _replayed(route)
        self._take_room(route, "small")
        self._small[route.attempt].add(route)

    def _attach(self, route: Route, side: str) -> Stream:
        self._check(route)
        streams = self._streams[route.attempt]
        if route not in streams:
            self._take_room(route, "bulk")
            streams[route] = Stream(route)
        stream = streams[route]
        if side in stream.used:
            raise _replayed(route)
        stream.used.add(side)
        return stream

    def _check(self, route: Route) -> None:
        parties = self._parties.get(route.attempt)
        if parties is None:
            attempt = route.attempt
            raise SamklangError("transport-no-attempt", attempt=attempt.number, query=attempt.query)
        for name in (route.sender, route.recipient):
            if name not in parties:
                raise SamklangError("transport-unknown-party", name=name)

    def _take_room(self, route: Route, kind: str) -> None:
        """Raises ``transport-message`` if the two have used as many routes as there are stages."""
        used, place = self._used[route.attempt], (route.sender, route.recipient, kind)
        if used[place] >= len(STAGES):
            raise SamklangError("transport-message", problem="more messages than there are stages")
        used[place] += 1


def _replayed(route: Route) -> SamklangError:
    return SamklangError(
        "transport-replayed", sender=route.sender, stage=route.stage, recipient=route.recipient
    )

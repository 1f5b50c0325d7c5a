"""What a protocol role asks of its surroundings, and what it is told: the sans-I/O contract.

A role is an object with ``on(event) -> list[Action]``. It has no clock, does no I/O and awaits nothing.
A runner (in memory for tests, over gRPC in real processes) executes the actions **in list order**:

- :class:`Persist` and :class:`Charge` are durable before the runner looks at the next action;
- :class:`Receive`, :class:`Send` and :class:`Compute` are started and go on side by side; a role always
  lists its receives before its sends, so that three parties that wait for each other can't deadlock;
- :class:`Done` and :class:`Fail` end the role.

Every started action answers with exactly one event carrying its ``key``: :class:`Received`,
:class:`Sent`, :class:`Computed`; ``Persist`` and ``Charge`` answer with nothing. If the runner can't do
what was asked it throws the attempt away and reports why; a role never sees a half-done action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

START = "start"


class Source(Protocol):
    """Bytes to be sent: a known length, produced in pieces, possibly computed while they are sent."""

    nbytes: int

    def pieces(self) -> Iterator[memoryview]:
        """Yield the bytes in order, in pieces of any size; each piece is consumed before the next."""
        ...


class Sink(Protocol):
    """Where received bytes go: a known length; refuses more, and less, than that."""

    nbytes: int

    def write(self, piece: memoryview) -> None:
        """Take the next bytes; ``piece`` is only valid during the call."""
        ...

    def close(self) -> None:
        """All bytes are in. Raises ``SamklangError('protocol-length')`` if some are missing."""
        ...


@dataclass(frozen=True, slots=True)
class Send:
    """Send ``source`` to ``to``, sealed under the two parties' pair key unless the stage's entry in
    :data:`samklang.protocol.messages.STAGES` says that it travels signed and unsealed.

    ``key`` is ``send:STAGE:to``. A message to oneself goes straight to the own sink.
    """

    to: str
    stage: str
    source: Source = field(repr=False)

    @property
    def key(self) -> str:
        return f"send:{self.stage}:{self.to}"


@dataclass(frozen=True, slots=True)
class Receive:
    """Open the one message that ``sender`` may send in ``stage`` into ``sink``; key ``recv:STAGE:sender``."""

    sender: str
    stage: str
    sink: Sink = field(repr=False)

    @property
    def key(self) -> str:
        return f"recv:{self.stage}:{self.sender}"


@dataclass(frozen=True, slots=True)
class Compute:
    """Run ``function`` in the worker pool; its result comes back in :class:`Computed`."""

    label: str
    function: Callable[[], Any] = field(repr=False)

    @property
    def key(self) -> str:
        return f"compute:{self.label}"


@dataclass(frozen=True, slots=True)
class Persist:
    """Record durably that ``event`` happened in this attempt; an event that is recorded already fails
    the attempt with ``protocol-repeated``."""

    event: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Commit the attempt's full cost to the ledger, fsynced, before anything after it is executed."""

    nano_rho: int
    delta: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the role is: the stage just finished. Carries no count that depends on data."""

    stage: str


@dataclass(frozen=True, slots=True)
class Done:
    """The role has finished; ``result`` is what it hands to its surroundings, if anything."""

    result: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Fail:
    """The attempt fails with an error of the catalogue."""

    error: Exception


Action = Send | Receive | Compute | Persist | Charge | Progress | Done | Fail


@dataclass(frozen=True, slots=True)
class Event:
    """The answer to a started action: ``key`` is the action's, ``value`` the computed result if any."""

    key: str
    value: Any = field(default=None, repr=False)

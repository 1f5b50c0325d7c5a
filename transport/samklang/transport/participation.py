"""How a process takes part in an attempt: what stands between the network and a protocol role.

A party first prepares (verifies, decides, makes its signed acceptance), then begins once it has everybody's
acceptances. Both are plain functions that may take their time; they run in a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from samklang.errors import SamklangError
from samklang.transport.contract import Durable, Role


class Participation(Protocol):
    """One party's part in one attempt."""

    @property
    def acceptance(self) -> bytes:
        """The signed answer to the offer, with the ephemeral public key."""
        ...

    @property
    def stored_only(self) -> Sequence[SamklangError]:
        """Why it takes part only if the answer is in the store; nothing: in any case."""
        ...

    @property
    def durable(self) -> Durable:
        """Journal and ledger of this attempt."""
        ...

    def begin(self, acceptances: Mapping[str, bytes]) -> Role:
        """Check what everybody (party to acceptance) has answered and make the role; raises to fail."""
        ...

    def serve(self, acceptances: Mapping[str, bytes]) -> None:
        """Instead of :meth:`begin`: the answer is in the store. Check and note what everybody has answered;
        raises to fail."""
        ...

    def close(self) -> None:
        """The attempt is over, however it ended, or this part of it never began."""
        ...


class Refusal(Exception):
    """A party does not take part; ``reasons`` are what the analyst may read."""

    def __init__(self, reasons: Sequence[SamklangError]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = tuple(reasons)


class Awaiting(Exception):
    """A party would take part if somebody there approves; it has recorded the request durably.

    Attributes:
        reasons: why a person has to decide, as the analyst may read it.
        expires_us: until when it waits (UTC, microseconds since 1970).
    """

    def __init__(self, reasons: Sequence[SamklangError], expires_us: int) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = tuple(reasons)
        self.expires_us = expires_us

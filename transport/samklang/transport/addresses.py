"""Where messages go: attempts and routes, as values and as they stand on the wire."""

from __future__ import annotations

from dataclasses import dataclass

from samklang.errors import SamklangError
from samklang.v1 import nodes_pb2 as v1

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class AttemptId:
    """One attempt of one query; attempts count from 1."""

    query: str
    number: int

    def to_wire(self) -> v1.Attempt:
        return v1.Attempt(query_id=self.query, number=self.number)

    @staticmethod
    def from_wire(message: v1.Attempt) -> AttemptId:
        """Raises ``transport-message`` if it is not complete."""
        if not 0 < len(message.query_id) <= _LONGEST or not message.number:
            raise SamklangError("transport-message", problem="an attempt without query or number")
        return AttemptId(message.query_id, message.number)


@dataclass(frozen=True, slots=True)
class Route:
    """One message: in ``attempt``, ``sender`` says ``stage`` to ``recipient``."""

    attempt: AttemptId
    sender: str
    recipient: str
    stage: str

    def to_wire(self) -> v1.Address:
        return v1.Address(
            attempt=self.attempt.to_wire(), sender=self.sender, recipient=self.recipient, stage=self.stage
        )

    @staticmethod
    def from_wire(message: v1.Address) -> Route:
        """Raises ``transport-message`` if it is not complete."""
        names = (message.sender, message.recipient, message.stage)
        if not all(0 < len(name) <= _LONGEST for name in names):
            raise SamklangError("transport-message", problem="an address without sender, recipient or stage")
        return Route(AttemptId.from_wire(message.attempt), *names)

    def cut(self, private: str = "") -> SamklangError:
        """The error that says that this message was broken off."""
        return SamklangError(
            "transport-cut",
            private=private,
            stage=self.stage,
            sender=self.sender,
            recipient=self.recipient,
        )

    def check_speaker(self, name: str) -> None:
        """Raises ``transport-not-yourself`` unless ``name`` is the sender."""
        if self.sender != name:
            raise SamklangError("transport-not-yourself", name=name)

    def check_listener(self, name: str) -> None:
        """Raises ``transport-not-yourself`` unless ``name`` is the recipient."""
        if self.recipient != name:
            raise SamklangError("transport-not-yourself", name=name)

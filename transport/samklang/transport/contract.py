"""What the runner is given: a role with its session, something durable, deadlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from samklang.protocol.actions import Action, Event


class Session(Protocol):
    """What sealing needs; complete once the key phase is over."""

    @property
    def transcript(self) -> bytes: ...

    @property
    def attempt(self) -> int: ...

    def sealing_key(self, peer: str) -> bytes: ...


class Role(Protocol):
    """A protocol role: sans I/O, one attempt."""

    @property
    def session(self) -> Session: ...

    def on(self, event: Event) -> list[Action]: ...


class Durable(Protocol):
    """What an attempt records; each call returns when it is on disk, and raises to stop the attempt."""

    def persist(self, event: str) -> None: ...

    def charge(self, nano_rho: int, delta: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that a message may take from the moment the role asks for it, by stage."""

    default: float = 300.0
    stages: Mapping[str, float] = field(default_factory=dict)

    def of(self, stage: str) -> float:
        return self.stages.get(stage, self.default)

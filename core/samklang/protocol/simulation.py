"""All participants of an attempt in one process: the in-memory runner of the role classes.

Messages are sealed and opened as on a network. Used where many parties are needed without as many
processes, and where what a party sees or what happens to a message must be in the caller's hand.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from samklang.errors import SamklangError
from samklang.protocol.actions import (
    START,
    Action,
    Charge,
    Compute,
    Done,
    Event,
    Fail,
    Persist,
    Progress,
    Receive,
    Send,
    Source,
)
from samklang.protocol.messages import STAGES
from samklang.protocol.roles.session import Session
from samklang.protocol.sealing import Opener, Sealer
from samklang.protocol.streams import PIECE


class Role(Protocol):
    session: Session

    def on(self, event: Event) -> list[Action]: ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """One sealed chunk on its way."""

    sender: str
    recipient: str
    stage: str
    index: int
    data: bytes
    last: bool


Network = Callable[[Chunk], list[Chunk]]
"""What the network makes of a chunk: usually just it."""

Witness = Callable[[str, str, str, bytes], None]
"""Told (recipient, sender, stage, opened bytes) of every piece that a party receives."""


class AttemptFailed(Exception):
    """The first failure of an attempt: who noticed, and the named error."""

    def __init__(self, party: str, error: SamklangError) -> None:
        super().__init__(f"{party}: {error}")
        self.party = party
        self.error = error


@dataclass
class Simulation:
    """Runs ``roles`` (name → role) to the end.

    Attributes:
        network: may alter, drop or repeat chunks.
        witness: sees what each party sees.
        charges: what was charged, by party, in order.
        records: what was recorded durably, by party; carried over by the caller between attempts.
        relayed: sealed bytes by (stage, sender, recipient).
    """

    roles: Mapping[str, Role]
    network: Network = lambda chunk: [chunk]
    witness: Witness | None = None
    charges: dict[str, list[Charge]] = field(default_factory=dict)
    records: dict[str, list[str]] = field(default_factory=dict)
    relayed: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Results by party.

        Raises:
            AttemptFailed: a role failed or a check of the runner did.
            RuntimeError: the roles wait for each other.
        """
        self._sends: dict[tuple[str, str, str], Send] = {}
        self._receives: dict[tuple[str, str, str], Receive] = {}
        self._results: dict[str, Any] = {}
        todo: deque[tuple[str, Event]] = deque((p, Event(START)) for p in self.roles)
        while todo:
            party, event = todo.popleft()
            try:
                for action in self.roles[party].on(event):
                    todo.extend(self._execute(party, action))
            except SamklangError as error:
                raise AttemptFailed(party, error) from error
        if missing := self.roles.keys() - self._results.keys():
            raise RuntimeError(f"{sorted(missing)} wait for {sorted(self._receives)}")
        return self._results

    def _execute(self, party: str, action: Action) -> list[tuple[str, Event]]:
        match action:
            case Send():
                return self._match(party, action.to, action.stage, self._sends, action)
            case Receive():
                return self._match(action.sender, party, action.stage, self._receives, action)
            case Compute():
                return [(party, Event(action.key, action.function()))]
            case Persist():
                if action.event in self.records.setdefault(party, []):
                    raise SamklangError("protocol-repeated", event=action.event)
                self.records[party].append(action.event)
            case Charge():
                self.charges.setdefault(party, []).append(action)
            case Done():
                self._results[party] = action.result
            case Fail():
                raise action.error
            case Progress():
                pass
        return []

    def _match(
        self, sender: str, recipient: str, stage: str, table: dict[tuple[str, str, str], Any], action: Any
    ) -> list[tuple[str, Event]]:
        key = (sender, recipient, stage)
        if key in table:
            raise SamklangError("protocol-repeated", event=stage)
        table[key] = action
        if key not in self._sends or key not in self._receives:
            return []
        send, receive = self._sends[key], self._receives[key]
        try:
            self._deliver(sender, recipient, stage, send.source, receive)
        except SamklangError as error:
            raise AttemptFailed(recipient, error) from error
        return [(sender, Event(send.key)), (recipient, Event(receive.key))]

    def _deliver(self, sender: str, recipient: str, stage: str, source: Source, receive: Receive) -> None:
        sealed = sender != recipient and STAGES[stage].sealed
        sealer = opener = None
        if sealed:
            ours, theirs = self.roles[sender].session, self.roles[recipient].session
            names = {"sender": sender, "recipient": recipient, "stage": stage}
            sealer = Sealer(
                ours.sealing_key(recipient), transcript=ours.transcript, attempt=ours.attempt, **names
            )
            opener = Opener(
                theirs.sealing_key(sender), transcript=theirs.transcript, attempt=theirs.attempt, **names
            )
        for index, (piece, last) in enumerate(pieces(source)):
            data = sealer.seal(piece, last) if sealer else bytes(piece)
            self.relayed[stage, sender, recipient] = self.relayed.get((stage, sender, recipient), 0) + len(
                data
            )
            chunks = [Chunk(sender, recipient, stage, index, data, last)]
            for chunk in self.network(chunks[0]) if sender != recipient else chunks:
                plain = opener.open(chunk.data, chunk.last) if opener else chunk.data
                if self.witness:
                    self.witness(recipient, sender, stage, plain)
                receive.sink.write(memoryview(plain))
        if opener and not opener.ended:
            raise SamklangError("protocol-sealed", stage=stage, party=sender)
        receive.sink.close()


def pieces(source: Source) -> Iterator[tuple[memoryview, bool]]:
    """A source's bytes in chunks of at most PIECE, each with whether it is the last; at least one."""
    left = source.nbytes
    for piece in source.pieces():
        for start in range(0, len(piece), PIECE):
            part = piece[start : start + PIECE]
            left -= len(part)
            yield part, left == 0
    if not source.nbytes:
        yield memoryview(b""), True

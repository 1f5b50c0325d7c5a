"""That rows leave this node for controllers who have joined, and at no other moment.

The snapshot of a day holds rows of that day's members alone. An attempt may outlast the day: what it holds
is then the past's. So membership is looked at again when rows are made, when they are paid for, and before
every piece of them that is sent. An attempt that is too late ends with ``node-controller-left``, and without
a table. Rows that have left in time are in the answer of their attempt, even if it is put together after
midnight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from samklang.errors import SamklangError
from samklang.model.accession import Accession
from samklang.model.calendar import day_of
from samklang.model.policy import Policy
from samklang.protocol.actions import Action, Event, Send, Source
from samklang.protocol.participant import Participant
from samklang.protocol.roles.session import Session

__all__ = ["Bound", "Membership"]


@dataclass(frozen=True, slots=True)
class Membership:
    """The controllers whose rows an attempt uses, by the policy that permitted it.

    Attributes:
        controllers: as :class:`~samklang.model.accession.Members` names them.
        clock: UTC now.
    """

    policy: Policy
    controllers: frozenset[str]
    clock: Callable[[], datetime]

    def agrees(self, held: frozenset[str] | None) -> None:
        """That a snapshot holds the rows of these controllers and of nobody else.

        Args:
            held: of the snapshot; None if its rows can't be told apart, so that they are everybody's.

        Raises:
            SamklangError: ``node-controllers-differ``.
        """
        everybody = Accession.of(self.policy).on(day_of(self.clock())).listed
        if (everybody if held is None else held) != self.controllers:
            raise SamklangError("node-controllers-differ")

    def check(self) -> None:
        """That all of them still take part, and the policy holds.

        Raises:
            SamklangError: ``node-controller-left``.
        """
        day, valid = day_of(self.clock()), self.policy.policy.valid
        if not (
            valid.from_ <= day <= valid.until and self.controllers <= Accession.of(self.policy).on(day).joined
        ):
            raise SamklangError("node-controller-left")


class Bound:
    """A participant whose rows leave only as long as ``membership`` holds; see
    :class:`samklang.transport.contract.Role`."""

    def __init__(self, participant: Participant, membership: Membership) -> None:
        self._participant, self._membership = participant, membership

    def on(self, event: Event) -> list[Action]:
        return [self._bound(action) for action in self._participant.on(event)]

    def _bound(self, action: Action) -> Action:
        if isinstance(action, Send) and action.stage.startswith("rows/"):
            return replace(action, source=_While(action.source, self._membership))
        return action

    @property
    def session(self) -> Session:
        return self._participant.session


class _While:
    """A source that breaks off when somebody has left."""

    def __init__(self, source: Source, membership: Membership) -> None:
        self.nbytes = source.nbytes
        self._source, self._membership = source, membership

    def pieces(self) -> Iterator[memoryview]:
        for piece in self._source.pieces():
            self._membership.check()
            yield piece

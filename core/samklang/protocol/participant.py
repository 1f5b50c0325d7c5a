"""A participant: one process's part in one attempt, as a single role.

First the keys, then whatever the program makes of this participant: contributor, compute party A, B or C,
linker, or several of them side by side. Its result is the linker's outcome, elsewhere None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samklang.identity.keys import SigningKey
from samklang.model.manifest import Manifest
from samklang.privacy.noise import NoiseSource
from samklang.protocol.actions import START, Action, Compute, Done, Event, Fail, Receive, Send
from samklang.protocol.agreement import Pledge, agree
from samklang.protocol.program import Program
from samklang.protocol.roles.contributor import Contributor, Prepare
from samklang.protocol.roles.keying import Keying
from samklang.protocol.roles.linker import Linker
from samklang.protocol.roles.party_a import PartyA
from samklang.protocol.roles.party_b import PartyB
from samklang.protocol.roles.party_c import PartyC
from samklang.protocol.roles.script import ScriptRole
from samklang.protocol.roles.session import Session


class Participant:
    """Args:
        me: this participant's name in the manifest.
        envelopes: everybody's signed acceptance, as relayed by the coordinator.
        prepare: computes this node's sector values; required exactly for input parties.

    Raises:
        SamklangError: ``protocol-agreement``.
    """

    def __init__(
        self,
        me: str,
        *,
        program: Program,
        manifest: Manifest,
        pledge: Pledge,
        envelopes: Mapping[str, bytes],
        identity: SigningKey,
        noise: NoiseSource,
        prepare: Prepare | None = None,
    ) -> None:
        if (prepare is not None) != (me in program.inputs):
            raise ValueError("an input party, and nobody else, has rows to prepare")
        agreement = agree(pledge, me, program, manifest, envelopes)
        self.agreement = agreement
        self.session = Session(me, program, pledge.terms.attempt, agreement.transcript)
        self._noise, self._prepare = noise, prepare
        self._keying: ScriptRole | None = Keying(self.session, agreement, pledge.key, identity)
        self._roles: list[ScriptRole] = []
        self._owner: dict[str, ScriptRole] = {}
        self._unfinished = 0
        self._result: Any = None

    def on(self, event: Event) -> list[Action]:
        """See :mod:`samklang.protocol.actions`."""
        if event.key == START:
            assert self._keying is not None
            return self._take(self._keying, self._keying.on(event))
        role = self._owner.pop(event.key)
        return self._take(role, role.on(event))

    def _parts(self) -> list[ScriptRole]:
        s, program = self.session, self.session.program
        parts: list[ScriptRole] = []
        if s.me in program.contributors:
            parts.append(Contributor(s, self._noise, self._prepare))
        for name, party in zip(program.compute, (PartyA, PartyB, PartyC), strict=True):
            if name == s.me:
                parts.append(party(s, self._noise))
        if s.me == program.linker:
            parts.append(Linker(s))
        return parts

    def _take(self, role: ScriptRole, actions: list[Action]) -> list[Action]:
        out: list[Action] = []
        for action in actions:
            if isinstance(action, Done):
                out += self._finished(role, action.result)
                continue
            if isinstance(action, Send | Receive | Compute):
                self._owner[action.key] = role
            out.append(action)
            if isinstance(action, Fail):
                break
        return out

    def _finished(self, role: ScriptRole, result: Any) -> list[Action]:
        if role is self._keying:
            self._keying = None
            parts = self._parts()
            self._unfinished = len(parts)
            # Compute parties open their receives before the contributor of the same process sends.
            parts.sort(key=lambda p: isinstance(p, Contributor))
            return [a for part in parts for a in self._take(part, part.on(Event(START)))]
        self._unfinished -= 1
        if result is not None:
            self._result = result
        return [] if self._unfinished else [Done(self._result)]

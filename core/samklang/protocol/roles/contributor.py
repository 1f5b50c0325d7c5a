"""Steps 1 to 3 at a contributor: confirm the link key, pay, make rows, share them.

An input party contributes its citizens and single filler rows; a compute party contributes padding
groups; a node that is both does both, in one batch.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from samklang.errors import SamklangError
from samklang.privacy.noise import NoiseSource
from samklang.protocol.actions import Action, Charge, Compute, Progress, Receive, Send
from samklang.protocol.prg import Label, derive
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.roles.session import Session
from samklang.protocol.rows import SectorValues, contribution, rows_label
from samklang.protocol.sharing import split
from samklang.protocol.streams import ArraysSource, BytesSink, BytesSource
from samklang.protocol.words import Words

Prepare = Callable[[], Mapping[str, SectorValues]]
"""Computes, from this node's snapshot, what each of its sectors knows; may take seconds."""


class Contributor(ScriptRole):
    """Args:
    prepare: None for a compute party that is no input party.
    """

    def __init__(self, session: Session, noise: NoiseSource, prepare: Prepare | None) -> None:
        super().__init__()
        self.session, self.noise, self.prepare = session, noise, prepare

    def script(self) -> Script:
        s = self.session
        program = s.program
        if self.prepare is not None:
            others = [p for p in program.inputs if p != s.me]
            sinks = {p: BytesSink(32) for p in others}
            actions: list[Action] = [Receive(p, "link/confirm", sinks[p]) for p in others]
            actions += [Send(p, "link/confirm", BytesSource(self._confirmation(s.me, p))) for p in others]
            yield actions
            for p in others:
                if not hmac.compare_digest(bytes(sinks[p].data), self._confirmation(p, s.me)):
                    raise SamklangError("protocol-link-key", party=p)
        made = yield [Compute("rows", self._make)]
        words, seed = made["compute:rows"]
        yield [*self._charge(), *self._send(words, seed), Progress("rows")]

    def _confirmation(self, sender: str, recipient: str) -> bytes:
        """Says that ``sender`` has this link key; useless for anything else."""
        assert self.session.link_key is not None
        label = Label(self.session.attempt, "link/confirm", direction=f"{sender}>{recipient}")
        return derive(self.session.link_key, label, context=self.session.transcript)

    def _make(self) -> tuple[Words, bytes]:
        s = self.session
        words = contribution(
            s.program,
            self.noise,
            link_key=s.link_key,
            by_sector=self.prepare() if self.prepare else None,
            groups=s.me in s.program.compute,
        )
        return words, split(words, rows_label(s.attempt))

    def _charge(self) -> list[Action]:
        plan = self.session.program.noise
        return [Charge(plan.rho_charged, plan.delta)] if self.prepare else []

    def _send(self, words: Words, seed: bytes) -> list[Action]:
        program = self.session.program
        a, b, c = program.compute
        count = words.rows.to_bytes(8, "little")
        counted = dict.fromkeys([b, c, program.linker])
        return [
            Send(a, "rows/seed", BytesSource(count + seed)),
            *(Send(p, "rows/count", BytesSource(count)) for p in counted),
            Send(b, "rows/share", ArraysSource(words.columns)),
        ]

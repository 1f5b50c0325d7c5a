"""Steps 9 to 11 at the two parties that open the cells, B and C."""

from __future__ import annotations

import numpy as np

from samklang.privacy.draws import draw_measure_noise
from samklang.protocol.actions import Compute, Persist, Progress, Receive, Send
from samklang.protocol.opening import Opened, tally
from samklang.protocol.prg import Label, mask
from samklang.protocol.roles.compute import ComputeParty
from samklang.protocol.roles.script import Script
from samklang.protocol.streams import ArraysSink, ArraysSource
from samklang.protocol.words import Column, Words


class Opener(ComputeParty):
    """B and C; each says in ``receive_noise`` how it gets its share of A's noise."""

    def receive_noise(self) -> Script:
        """Returns this party's share of A's noise, shape (measures, K) uint64."""
        raise NotImplementedError

    def open_and_release(self, words: Words, *, other: str) -> Script:
        """Open the axis words to each other; send counts and re-masked shares of the noisy sums."""
        theirs: list[Column] = [np.empty(words.rows, np.uint8) for _ in words.narrow]
        yield [
            Persist("open cells"),
            Receive(other, "open/cells", ArraysSink(theirs)),
            Send(other, "open/cells", ArraysSource(words.narrow)),
        ]
        done = yield [Compute("tally", lambda: self._tally(words, theirs)), Progress("open")]
        opened: Opened = done["compute:tally"]
        if self.program.measures:
            dealt = yield from self.receive_noise()
            done = yield [Compute("sums", lambda: self._noisy(opened, dealt, other))]
        yield [
            Persist("release"),
            Send(self.linker, "release/shares", ArraysSource([opened.counts, opened.sums])),
            Progress("release"),
        ]

    def _tally(self, words: Words, theirs: list[Column]) -> Opened:
        levels = [own + their for own, their in zip(words.narrow, theirs, strict=True)]
        return tally(self.program, levels, words.wide)

    def _noisy(self, opened: Opened, dealt: Column, other: str) -> None:
        """Add this party's noise and its share of A's, then re-mask, so that neither share alone says
        anything to the coordinator."""
        s = self.session
        own = draw_measure_noise(self.noise, self.program.noise, self.program.released)
        np.add(opened.sums, own, out=opened.sums)
        np.add(opened.sums, dealt, out=opened.sums)
        label = Label(s.attempt, "release/mask")
        mask(opened.sums.reshape(-1), s.sealing_key(other), label, subtract=s.me == self.c)

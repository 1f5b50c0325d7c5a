"""Steps 9 to 11 at the two parties that open the cells, B and C."""

from __future__ import annotations

import hashlib

import numpy as np

from samklang.errors import SamklangError
from samklang.privacy.draws import draw_measure_noise
from samklang.protocol.actions import Compute, Persist, Progress, Receive, Send
from samklang.protocol.opening import Opened, tally, tolerance
from samklang.protocol.prg import Label, mask, prefixed
from samklang.protocol.roles.compute import ComputeParty
from samklang.protocol.roles.script import Script
from samklang.protocol.streams import ArraysSink, ArraysSource, BytesSink, BytesSource, as_bytes
from samklang.protocol.table import Table
from samklang.protocol.words import Column, Words


class Opener(ComputeParty):
    """B and C; each says in ``receive_noise`` how it gets its share of A's noise."""

    def receive_noise(self, table: Table) -> Script:
        """Returns this party's share of A's noise, shape (measures, K) uint64."""
        raise NotImplementedError

    def open_and_release(self, table: Table, words: Words, *, other: str) -> Script:
        """Open the axis words to each other; send counts and re-masked shares of the noisy sums.

        Each commits to its share before it sees the other's. Else a party that had marked the real groups
        (as dealer of the tables, or before the dummies came) could wait, see which opened groups carry the
        mark, and take it off its own share unnoticed.
        """
        me, prefix = self.session.me, table.prefix
        label = f"{prefix}commit"
        done = yield [Compute(label, lambda: self._commitment(table, me, words.narrow))]
        promised = BytesSink(32)
        yield [
            Persist(f"{prefix}open cells"),
            Receive(other, f"{prefix}open/commit", promised),
            Send(other, f"{prefix}open/commit", BytesSource(done[f"compute:{label}"])),
        ]
        theirs: list[Column] = [np.empty(words.rows, np.uint8) for _ in words.narrow]
        yield [
            Receive(other, f"{prefix}open/cells", ArraysSink(theirs)),
            Send(other, f"{prefix}open/cells", ArraysSource(words.narrow)),
        ]

        def opened_table() -> Opened:
            if self._commitment(table, other, theirs) != bytes(promised.data):
                raise SamklangError("protocol-opening", party=other, reason="it isn't what was promised")
            return self._tally(table, words, theirs)

        label = f"{prefix}tally"
        done = yield [Compute(label, opened_table), Progress(f"{prefix}open")]
        opened: Opened = done[f"compute:{label}"]
        if table.measures:
            dealt = yield from self.receive_noise(table)
            yield [Compute(f"{prefix}sums", lambda: self._noisy(table, opened, dealt, other))]
        yield [
            Persist(f"{prefix}release"),
            Send(self.linker, f"{prefix}release/shares", ArraysSource([opened.counts, opened.sums])),
            Progress(f"{prefix}release"),
        ]

    def _commitment(self, table: Table, party: str, share: list[Column]) -> bytes:
        """Binds ``party`` to its share of the axis words; hides it, since a share is uniform."""
        label = f"{table.prefix}open/commit".encode()
        digest = hashlib.sha256(prefixed(label, self.session.transcript, party.encode()))
        for column in share:
            digest.update(as_bytes(column))
        return digest.digest()

    def _tally(self, table: Table, words: Words, theirs: list[Column]) -> Opened:
        levels = [own + their for own, their in zip(words.narrow, theirs, strict=True)]
        return tally(table, levels, words.wide, tolerated=tolerance(table, self.noise))

    def _noisy(self, table: Table, opened: Opened, dealt: Column, other: str) -> None:
        """Add this party's noise and its share of A's, then re-mask, so that neither share alone says
        anything to the coordinator."""
        s = self.session
        own = draw_measure_noise(self.noise, table.noise, table.classes)
        np.add(opened.sums, own, out=opened.sums)
        np.add(opened.sums, dealt, out=opened.sums)
        label = Label(s.attempt, f"{table.prefix}release/mask")
        mask(opened.sums.reshape(-1), s.sealing_key(other), label, subtract=s.me == self.c)

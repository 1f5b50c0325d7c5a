"""Compute party B: holds the bulk shares, deals the truth tables, opens the cells with C."""

from __future__ import annotations

import secrets

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.protocol.actions import Compute, Progress, Receive, Send
from samklang.protocol.prg import SEED_BYTES, fill
from samklang.protocol.roles.compute import SHUFFLE1, receive_words, send_words, shuffle2
from samklang.protocol.roles.opener import Opener
from samklang.protocol.roles.script import Script
from samklang.protocol.streams import ArraysSink, BytesSink, BytesSource, ComputedSource
from samklang.protocol.table import Table
from samklang.protocol.tables import TablePlan, deal
from samklang.protocol.words import Words


class PartyB(Opener):
    def script(self) -> Script:
        yield from self.first_shuffle()
        sizes = yield from self.receive_sizes()
        yield from self.deal_tables(sizes)
        for table in self.program.openings:
            yield from self.deal_dummies(table)
            words = yield from self.second_shuffle(table, int(sizes.sum()))
            yield from self.open_and_release(table, words, other=self.c)
            del words

    def first_shuffle(self) -> Script:
        program = self.program
        counts = yield from self.receive_counts()
        words = Words.empty(program.row_shape, sum(counts))
        receives = []
        start = 0
        for party, count in zip(program.contributors, counts, strict=True):
            part = words.slice(start, start + count)
            receives.append(Receive(party, "rows/share", ArraysSink(part.columns)))
            start += count
        rows = words.rows
        done = yield [
            *receives,
            self.order(self.a, SHUFFLE1, 1, rows),
            self.order(self.c, SHUFFLE1, 2, rows),
        ]
        first, second = done[f"compute:{SHUFFLE1}/1/order"], done[f"compute:{SHUFFLE1}/2/order"]
        yield [self.round(words, first, self.a, SHUFFLE1, 1, first=False)]
        yield [self.round(words, second, self.c, SHUFFLE1, 2, first=True)]
        yield [send_words(self.a, f"{SHUFFLE1}/2", words), Progress(SHUFFLE1)]

    def receive_sizes(self) -> Script:
        """The group sizes, as both holders say; a linker that gave them two groupings stops here too."""
        sinks = {p: BytesSink(32 + 8 * self.program.largest_size) for p in (self.c, self.a)}
        yield [Receive(p, "grouping/digest", sinks[p]) for p in (self.c, self.a)]
        if sinks[self.c].data != sinks[self.a].data:
            raise SamklangError("protocol-groupings-differ")
        return np.frombuffer(bytes(sinks[self.c].data[32:]), "<i8").astype(np.int64)

    def deal_tables(self, sizes: NDArray[np.int64]) -> Script:
        plan = TablePlan(self.program, sizes)
        if not plan.entries:
            return
        attempt = self.session.attempt
        rotation_c, rotation_a, share_c = (secrets.token_bytes(SEED_BYTES) for _ in range(3))
        r = (plan.rotations(rotation_c, attempt) + plan.rotations(rotation_a, attempt)) & plan.masks()
        source = ComputedSource(plan.nbytes, lambda: deal(plan, r, share_c, attempt))
        yield [
            Send(self.c, "tables/seed", BytesSource(rotation_c + share_c)),
            Send(self.a, "tables/seed", BytesSource(rotation_a)),
            Send(self.a, "tables/share", source),
            Progress("tables"),
        ]

    def deal_dummies(self, table: Table) -> Script:
        share, seed = yield from self.make_dummies(table)
        yield [
            Send(self.c, f"{table.prefix}dummies/seed", BytesSource(seed)),
            send_words(self.a, f"{table.prefix}dummies/share", share),
        ]

    def second_shuffle(self, table: Table, groups: int) -> Script:
        stage, rows = shuffle2(table), groups + 3 * table.noise.dummy_total
        words = Words.empty(table.shape, rows)
        done = yield [
            receive_words(self.c, f"{stage}/1", words),
            self.order(self.a, stage, 2, rows),
            self.order(self.c, stage, 3, rows),
        ]
        second, third = done[f"compute:{stage}/2/order"], done[f"compute:{stage}/3/order"]
        yield [self.round(words, second, self.a, stage, 2, first=False)]
        yield [self.round(words, third, self.c, stage, 3, first=True), Progress(stage)]
        return words

    def receive_noise(self, table: Table) -> Script:
        seed = BytesSink(SEED_BYTES)
        yield [Receive(self.a, f"{table.prefix}noise/seed", seed)]
        share = np.empty((len(table.measures), table.released), np.uint64)
        label = f"{table.prefix}noise/expand"
        yield [Compute(label, lambda: fill(share, bytes(seed.data), self.noise_label(table)))]
        return share

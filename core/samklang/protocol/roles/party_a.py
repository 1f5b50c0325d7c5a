"""Compute party A: holds the seeded shares, then the shares after the first shuffle; deals noise."""

from __future__ import annotations

import secrets

import numpy as np

from samklang.privacy.draws import draw_measure_noise
from samklang.protocol.actions import Compute, Progress, Receive, Send
from samklang.protocol.linking import Grouping
from samklang.protocol.prg import SEED_BYTES, mask
from samklang.protocol.roles.compute import SHUFFLE1, ComputeParty, receive_words, send_words, shuffle2
from samklang.protocol.roles.script import Script
from samklang.protocol.rows import rows_label
from samklang.protocol.sharing import expand
from samklang.protocol.streams import ArraysSource, BytesSink, BytesSource, LookupSink
from samklang.protocol.table import Table
from samklang.protocol.tables import TablePlan, masked_words
from samklang.protocol.words import Column, Words


class PartyA(ComputeParty):
    def script(self) -> Script:
        words = yield from self.first_shuffle()
        grouping, groups = yield from self.link(words)
        del words
        groups = yield from self.look_up(grouping, groups)
        for table in self.program.openings:
            words = yield from self.add_dummies(table, groups)
            yield from self.second_shuffle(table, words)
            del words
            yield from self.deal_noise(table)

    def first_shuffle(self) -> Script:
        program, s = self.program, self.session
        contributors = program.contributors
        sinks = {p: BytesSink(8 + SEED_BYTES) for p in contributors}
        yield [Receive(p, "rows/seed", sinks[p]) for p in contributors]
        counts = self.checked_counts([sinks[p].data[:8] for p in contributors])
        words = Words.empty(program.row_shape, sum(counts))

        def fill() -> None:
            start = 0
            for party, count in zip(contributors, counts, strict=True):
                part = words.slice(start, start + count)
                expand(part, bytes(sinks[party].data[8:]), rows_label(s.attempt))
                start += count

        done = yield [Compute("rows/expand", fill), self.order(self.b, SHUFFLE1, 1, words.rows)]
        order = done[f"compute:{SHUFFLE1}/1/order"]
        yield [self.round(words, order, self.b, SHUFFLE1, 1, first=True)]

        back = Words.empty(program.row_shape, words.rows)
        done = yield [
            receive_words(self.b, f"{SHUFFLE1}/2", back),
            send_words(self.c, f"{SHUFFLE1}/1", words),
            self.order(self.c, SHUFFLE1, 3, words.rows),
        ]
        order = done[f"compute:{SHUFFLE1}/3/order"]
        yield [self.round(back, order, self.c, SHUFFLE1, 3, first=False), Progress(SHUFFLE1)]
        return back

    def look_up(self, grouping: Grouping, groups: Words) -> Script:
        plan = TablePlan(self.program, grouping.sizes)
        levels = np.empty(plan.entries, np.uint8)
        if plan.entries:
            seed = BytesSink(SEED_BYTES)
            yield [Receive(self.b, "tables/seed", seed)]
            rotation = plan.rotations(bytes(seed.data), self.session.attempt)
            u = yield from self.open_indices(plan, masked_words(plan, groups.narrow, rotation))
            yield [Receive(self.b, "tables/share", LookupSink(plan.nbytes, plan.positions(u), levels))]
        done = yield [self.band(plan, groups, levels, first=False), Progress("tables")]
        return done["compute:band"]

    def add_dummies(self, table: Table, groups: Words) -> Script:
        own, seed = yield from self.make_dummies(table)
        seed_c = BytesSink(SEED_BYTES)
        share_b = Words.empty(table.shape, table.noise.dummy_total)
        yield [
            Receive(self.c, f"{table.prefix}dummies/seed", seed_c),
            receive_words(self.b, f"{table.prefix}dummies/share", share_b),
            Send(self.c, f"{table.prefix}dummies/seed", BytesSource(seed)),
        ]
        return (yield from self.append(table, groups, own, {self.b: share_b, self.c: bytes(seed_c.data)}))

    def second_shuffle(self, table: Table, words: Words) -> Script:
        stage, rows = shuffle2(table), words.rows
        done = yield [self.order(self.c, stage, 1, rows), self.order(self.b, stage, 2, rows)]
        first, second = done[f"compute:{stage}/1/order"], done[f"compute:{stage}/2/order"]
        yield [self.round(words, first, self.c, stage, 1, first=False)]
        yield [self.round(words, second, self.b, stage, 2, first=True)]
        yield [send_words(self.c, f"{stage}/2", words), Progress(stage)]

    def deal_noise(self, table: Table) -> Script:
        """A's noise goes to B and C as shares: sent to the coordinator in the clear it could be taken
        off again."""
        if not table.measures:
            return
        label = f"{table.prefix}noise"
        made = yield [Compute(label, lambda: self.split_noise(table))]
        seed, share = made[f"compute:{label}"]
        yield [
            Send(self.b, f"{table.prefix}noise/seed", BytesSource(seed)),
            Send(self.c, f"{table.prefix}noise/share", ArraysSource([share])),
        ]

    def split_noise(self, table: Table) -> tuple[bytes, Column]:
        """(seed of B's share, C's share) of one draw."""
        share = draw_measure_noise(self.noise, table.noise, table.classes)
        seed = secrets.token_bytes(SEED_BYTES)
        mask(share.reshape(-1), seed, self.noise_label(table), subtract=True)
        return seed, share

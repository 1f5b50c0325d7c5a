"""Compute party C: joins after round 1, holds through linking and banding, opens the cells with B."""

from __future__ import annotations

import numpy as np

from samklang.protocol.actions import Compute, Progress, Receive, Send
from samklang.protocol.linking import Grouping
from samklang.protocol.prg import SEED_BYTES
from samklang.protocol.roles.compute import SHUFFLE1, receive_words, send_words, shuffle2
from samklang.protocol.roles.opener import Opener
from samklang.protocol.roles.script import Script
from samklang.protocol.streams import ArraysSink, BytesSink, BytesSource
from samklang.protocol.table import Table
from samklang.protocol.tables import TablePlan, look_up_seeded, masked_words
from samklang.protocol.words import Words


class PartyC(Opener):
    def script(self) -> Script:
        words = yield from self.first_shuffle()
        grouping, groups = yield from self.link(words)
        del words
        groups = yield from self.look_up(grouping, groups)
        for table in self.program.openings:
            words = yield from self.add_dummies(table, groups)
            words = yield from self.second_shuffle(table, words)
            yield from self.open_and_release(table, words, other=self.b)
            del words

    def first_shuffle(self) -> Script:
        counts = yield from self.receive_counts()
        rows = sum(counts)
        words = Words.empty(self.program.row_shape, rows)
        done = yield [
            receive_words(self.a, f"{SHUFFLE1}/1", words),
            self.order(self.b, SHUFFLE1, 2, rows),
            self.order(self.a, SHUFFLE1, 3, rows),
        ]
        second, third = done[f"compute:{SHUFFLE1}/2/order"], done[f"compute:{SHUFFLE1}/3/order"]
        yield [self.round(words, second, self.b, SHUFFLE1, 2, first=False)]
        yield [self.round(words, third, self.a, SHUFFLE1, 3, first=True), Progress(SHUFFLE1)]
        return words

    def look_up(self, grouping: Grouping, groups: Words) -> Script:
        plan = TablePlan(self.program, grouping.sizes)
        levels = np.empty(plan.entries, np.uint8)
        if plan.entries:
            seeds = BytesSink(2 * SEED_BYTES)
            yield [Receive(self.b, "tables/seed", seeds)]
            rotation_seed, share_seed = bytes(seeds.data[:SEED_BYTES]), bytes(seeds.data[SEED_BYTES:])
            attempt = self.session.attempt
            rotation = plan.rotations(rotation_seed, attempt)
            u = yield from self.open_indices(plan, masked_words(plan, groups.narrow, rotation))
            done = yield [Compute("tables", lambda: look_up_seeded(plan, u, share_seed, attempt))]
            levels = done["compute:tables"]
        done = yield [self.band(plan, groups, levels, first=True), Progress("tables")]
        return done["compute:band"]

    def add_dummies(self, table: Table, groups: Words) -> Script:
        own, seed = yield from self.make_dummies(table)
        seed_a, seed_b = BytesSink(SEED_BYTES), BytesSink(SEED_BYTES)
        yield [
            Receive(self.a, f"{table.prefix}dummies/seed", seed_a),
            Receive(self.b, f"{table.prefix}dummies/seed", seed_b),
            Send(self.a, f"{table.prefix}dummies/seed", BytesSource(seed)),
        ]
        dealt: dict[str, Words | bytes] = {self.a: bytes(seed_a.data), self.b: bytes(seed_b.data)}
        return (yield from self.append(table, groups, own, dealt))

    def second_shuffle(self, table: Table, words: Words) -> Script:
        stage, rows = shuffle2(table), words.rows
        done = yield [self.order(self.a, stage, 1, rows)]
        order = done[f"compute:{stage}/1/order"]
        yield [self.round(words, order, self.a, stage, 1, first=True)]
        back = Words.empty(table.shape, rows)
        done = yield [
            receive_words(self.a, f"{stage}/2", back),
            send_words(self.b, f"{stage}/1", words),
            self.order(self.b, stage, 3, rows),
        ]
        order = done[f"compute:{stage}/3/order"]
        yield [self.round(back, order, self.b, stage, 3, first=False), Progress(stage)]
        return back

    def receive_noise(self, table: Table) -> Script:
        share = np.empty((len(table.measures), table.released), np.uint64)
        yield [Receive(self.a, f"{table.prefix}noise/share", ArraysSink([share]))]
        return share

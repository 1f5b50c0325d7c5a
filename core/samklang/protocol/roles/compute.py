"""What the three compute parties have in common.

A, B, C hold shares in turn: A and B from the start, C and A after the first shuffle, B and C after the
second. Each has a file that reads from top to bottom as the steps of the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.privacy.noise import NoiseSource
from samklang.protocol.actions import Action, Compute, Persist, Receive, Send
from samklang.protocol.linking import MAX_ROWS, Grouping, check
from samklang.protocol.opening import dummies, dummies_label
from samklang.protocol.prg import Label
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.roles.session import Session
from samklang.protocol.sharing import expand, split
from samklang.protocol.shuffle import apply_round, round_order
from samklang.protocol.streams import ArraysSink, ArraysSource, BytesSink, BytesSource
from samklang.protocol.table import Table
from samklang.protocol.tables import TablePlan, banded, grouped
from samklang.protocol.words import Words, concatenate

SHUFFLE1 = "shuffle1"


def shuffle2(table: Table) -> str:
    """Stage of an opening's shuffle: every opening has permutations and masks of its own."""
    return f"{table.prefix}shuffle2"


@dataclass(slots=True)
class Banded:
    """A holder's share of the groups after step 6, and their number by size."""

    words: Words
    sizes: NDArray[np.int64]


class ComputeParty(ScriptRole):
    """A compute party; ``noise`` is where its padding, dummies and measure noise come from."""

    def __init__(self, session: Session, noise: NoiseSource) -> None:
        super().__init__()
        self.session, self.noise = session, noise
        self.program = session.program
        self.a, self.b, self.c = session.program.compute
        self.linker = session.program.linker

    # Step 3

    def receive_counts(self) -> Script:
        """How many rows each contributor sends, in the program's order."""
        contributors = self.program.contributors
        sinks = {p: BytesSink(8) for p in contributors}
        yield [Receive(p, "rows/count", sinks[p]) for p in contributors]
        return self.checked_counts([sinks[p].data for p in contributors])

    def checked_counts(self, encoded: list[bytearray]) -> list[int]:
        counts = [int.from_bytes(data, "little") for data in encoded]
        if sum(counts) > MAX_ROWS:
            raise SamklangError("protocol-too-many-rows", rows=sum(counts), most=MAX_ROWS)
        return counts

    # Steps 4 and 8

    def order(self, peer: str, stage: str, number: int, rows: int) -> Compute:
        """Derive the permutation of one round; it depends on no data, so it can be made early."""
        s = self.session
        key = s.sealing_key(peer)
        label = f"{stage}/{number}/order"
        return Compute(label, lambda: round_order(key, s.attempt, stage, number, rows))

    def round(
        self, words: Words, order: NDArray[np.intp], peer: str, stage: str, number: int, *, first: bool
    ) -> Compute:
        """Permute and re-mask this holder's share in place."""
        s = self.session
        key = s.sealing_key(peer)
        return Compute(
            f"{stage}/{number}",
            lambda: apply_round(words, order, key, s.attempt, stage, number, first=first),
        )

    # Steps 5 and 6, at the holders C and A

    def link(self, words: Words) -> Script:
        """Open the tags to the linker, take its grouping, check it, compare it with the other holder's,
        and add up the shares within each group; returns (grouping, groups)."""
        s, program = self.session, self.program
        other = self.c if s.me == self.a else self.a
        largest = program.largest_size
        sizes, order = np.empty(largest, np.int64), np.empty(words.rows, np.uint32)
        yield [
            Persist("open tags"),
            Receive(self.linker, "grouping/sizes", ArraysSink([sizes])),
            Receive(self.linker, "grouping/order", ArraysSink([order])),
            Send(self.linker, "tags", ArraysSource(words.wide[:2])),
        ]
        grouping = Grouping(sizes, order)
        done = yield [Compute("grouping", lambda: self._checked(grouping, words.rows, largest))]
        digest = done["compute:grouping"]
        theirs = BytesSink(len(digest))
        yield [
            Persist("grouping"),
            Receive(other, "grouping/digest", theirs),
            Send(other, "grouping/digest", BytesSource(digest)),
            Send(self.b, "grouping/digest", BytesSource(digest)),
        ]
        if bytes(theirs.data) != digest:
            raise SamklangError("protocol-groupings-differ")
        done = yield [Compute("groups", lambda: grouped(program, grouping, words))]
        return grouping, done["compute:groups"]

    def _checked(self, grouping: Grouping, rows: int, largest: int) -> bytes:
        check(grouping, rows, largest)
        return grouping.digest(self.session.transcript) + grouping.sizes.astype("<i8").tobytes()

    def open_indices(self, plan: TablePlan, own: NDArray[np.uint16]) -> Script:
        """Exchange the shares of u = x - r with the other holder; returns u."""
        other = self.c if self.session.me == self.a else self.a
        theirs = np.empty(plan.entries, np.uint16)
        yield [
            Persist("open table indices"),
            Receive(other, "tables/open", ArraysSink([theirs])),
            Send(other, "tables/open", ArraysSource([own])),
        ]
        return (own + theirs) & plan.masks()

    def band(self, plan: TablePlan, groups: Words, levels: NDArray[np.uint8], *, first: bool) -> Compute:
        return Compute("band", lambda: banded(plan, groups, levels, first=first))

    # Step 7

    def make_dummies(self, table: Table) -> Script:
        """Returns (share b of this party's dummies, seed of share a)."""
        s = self.session

        def make() -> tuple[Words, bytes]:
            words = dummies(table, self.noise)
            return words, split(words, dummies_label(s.attempt, table, s.me))

        label = f"{table.prefix}dummies"
        done = yield [Compute(label, make)]
        return done[f"compute:{label}"]

    def append(self, table: Table, groups: Words, own: Words, dealt: dict[str, Words | bytes]) -> Script:
        """Returns this holder's groups, as far as the opening needs them, with its shares of everybody's
        dummies behind them, in the order A, B, C. A copy: the next opening starts from the same groups.

        Args:
            own: its share of its own dummies.
            dealt: of another party, its share, or the seed of it.
        """
        s = self.session

        def make() -> Words:
            parts = [table.select(groups)]
            for party in (self.a, self.b, self.c):
                part = own if party == s.me else dealt[party]
                if isinstance(part, bytes):
                    share = Words.empty(table.shape, table.noise.dummy_total)
                    expand(share, part, dummies_label(s.attempt, table, party))
                    part = share
                parts.append(part)
            return concatenate(parts)

        label = f"{table.prefix}append"
        done = yield [Compute(label, make)]
        return done[f"compute:{label}"]

    def noise_label(self, table: Table) -> Label:
        """Label of B's share of A's measure noise."""
        return Label(self.session.attempt, f"{table.prefix}noise/share")


def send_words(to: str, stage: str, words: Words) -> Action:
    """Hand a share over."""
    return Send(to, stage, ArraysSource(words.columns))


def receive_words(sender: str, stage: str, words: Words) -> Action:
    """Take a share into ``words``."""
    return Receive(sender, stage, ArraysSink(words.columns))

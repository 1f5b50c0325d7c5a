"""The coordinator's part: link pseudonyms, and put the two halves of the outcome together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.protocol.actions import Action, Compute, Persist, Progress, Receive, Send
from samklang.protocol.linking import MAX_ROWS, Grouping, group
from samklang.protocol.opening import Halves, Opened, combine
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.roles.session import Session
from samklang.protocol.streams import ArraysSink, ArraysSource, BytesSink
from samklang.protocol.table import Table


class Linker(ScriptRole):
    """Result: :class:`samklang.protocol.opening.Outcome`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.program = session, session.program

    def script(self) -> Script:
        a, b, c = self.program.compute
        counts = {p: BytesSink(8) for p in self.program.contributors}
        # In a two-node federation the coordinator is A, and gets the counts with the seeds.
        yield [Receive(p, "rows/count", sink) for p, sink in counts.items()]
        rows = sum(int.from_bytes(sink.data, "little") for sink in counts.values())
        if rows > MAX_ROWS:
            raise SamklangError("protocol-too-many-rows", rows=rows, most=MAX_ROWS)
        grouping: Grouping = yield from self._link(rows)
        actions: list[Action] = [Persist("grouping sent")]
        for holder in (c, a):
            actions += [
                Send(holder, "grouping/sizes", ArraysSource([grouping.sizes])),
                Send(holder, "grouping/order", ArraysSource([grouping.order])),
            ]
        yield [*actions, Progress("link")]
        sizes = grouping.sizes
        del grouping
        halves: list[Halves] = []
        for table in self.program.openings:
            opened = {p: _empty(table) for p in (b, c)}
            stage = f"{table.prefix}release/shares"
            yield [Receive(p, stage, ArraysSink([o.counts, o.sums])) for p, o in opened.items()]
            halves.append((opened[b], opened[c]))
        return combine(self.program, halves[0], sizes, *halves[1:])

    def _link(self, rows: int) -> Script:
        a, _, c = self.program.compute
        tag, other = np.empty((2, rows), np.uint64), np.empty((2, rows), np.uint64)
        yield [Receive(c, "tags", ArraysSink([tag])), Receive(a, "tags", ArraysSink([other]))]
        done = yield [Compute("link", lambda: self._group(tag, other))]
        return done["compute:link"]

    def _group(self, tag: NDArray[np.uint64], other: NDArray[np.uint64]) -> Grouping:
        np.add(tag, other, out=tag)
        return group(tag, self.program.largest_size)


def _empty(table: Table) -> Opened:
    sums = np.empty((len(table.measures), table.released), np.uint64)
    return Opened(np.empty(table.released + 1, np.int64), sums)

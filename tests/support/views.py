"""What parties see in attempts, and tests of whether numbers are uniform or independent.

Every test rejects at p < ALPHA. A file that makes fewer than 500 of them raises a false alarm less than
once in two million runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from tests.support.adversary import ByNode
from tests.support.federation import COORDINATOR, Federation

from samklang.privacy.noise import NoiseSource
from samklang.protocol.opening import Outcome
from samklang.protocol.participant import Participant
from samklang.protocol.prg import SEED_BYTES
from samklang.protocol.rows import rows_label
from samklang.protocol.sharing import expand
from samklang.protocol.simulation import Simulation
from samklang.protocol.streams import ArraysSink
from samklang.protocol.words import Words

ALPHA = 1e-9

Place = tuple[str, str, str]
"""(stage, sender, recipient)."""


@dataclass
class View:
    """One attempt: everything that anybody received, opened, and the roles with their keys."""

    federation: Federation
    roles: dict[str, Participant]
    received: dict[Place, bytearray] = field(default_factory=dict)
    outcome: Outcome | None = None

    def bytes_of(self, stage: str, sender: str, recipient: str) -> bytes:
        return bytes(self.received[stage, sender, recipient])

    def array(self, dtype: Any, stage: str, sender: str, recipient: str) -> NDArray[Any]:
        return np.frombuffer(self.bytes_of(stage, sender, recipient), dtype)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Groups of each size, as compute party A was told."""
        program = self.federation.program
        return self.array("<i8", "grouping/sizes", program.linker, program.compute[0])

    def shared_rows(self) -> tuple[Words, Words]:
        """(share a, share b) of all rows in the order in which they came in."""
        program = self.federation.program
        a, b, _ = program.compute
        first, second = [], []
        for party in program.contributors:
            seed = self.bytes_of("rows/seed", party, a)
            count = int.from_bytes(seed[:8], "little")
            share_a = Words.empty(program.row_shape, count)
            expand(share_a, seed[8 : 8 + SEED_BYTES], rows_label(self.roles[a].session.attempt))
            share_b = Words.empty(program.row_shape, count)
            ArraysSink(share_b.columns).write(memoryview(self.bytes_of("rows/share", party, b)))
            first.append(share_a)
            second.append(share_b)
        shape = program.row_shape
        return (
            Words(shape, [np.concatenate(c) for c in zip(*(w.columns for w in first), strict=True)]),
            Words(shape, [np.concatenate(c) for c in zip(*(w.columns for w in second), strict=True)]),
        )

    def linked_tags(self) -> NDArray[np.uint64]:
        """The tags in shuffled order, as the linker adds them up; shape (2, R)."""
        a, _, c = self.federation.program.compute
        linker = self.federation.program.linker
        total: NDArray[np.uint64] = self.array("<u8", "tags", a, linker).reshape(2, -1).copy()
        total += self.array("<u8", "tags", c, linker).reshape(2, -1)
        return total


def views(federation: Federation, known: ByNode, noise: NoiseSource, attempts: int) -> Iterator[View]:
    """Run attempts and look at each."""
    for _ in range(attempts):
        view = View(federation, federation.participants(known, noise))

        def witness(recipient: str, sender: str, stage: str, data: bytes, view: View = view) -> None:
            view.received.setdefault((stage, sender, recipient), bytearray()).extend(data)

        view.outcome = Simulation(view.roles, witness=witness).run()[COORDINATOR]
        yield view


def uniform(values: NDArray[Any], bins: int) -> float:
    """p of a chi-square test that integers are uniform on 0..bins-1."""
    assert len(values) >= 20 * bins, "too few to say anything"
    return float(stats.chisquare(np.bincount(values.astype(np.int64), minlength=bins)).pvalue)


def independent(one: NDArray[Any], other: NDArray[Any]) -> float:
    """p of a chi-square test that two classifications of the same things are independent."""
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(table, (one.astype(np.int64), other.astype(np.int64)), 1)
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    assert table.sum(axis=1).min() >= 20 * table.shape[1], "too few to say anything"
    return float(stats.chi2_contingency(table).pvalue)


def same(one: NDArray[Any], other: NDArray[Any], bins: int) -> float:
    """p of a chi-square test that two samples of 0..bins-1 come from one distribution."""
    which = np.repeat([0, 1], [len(one), len(other)])
    return independent(which, np.concatenate([one, other]).astype(np.int64) % bins)


def tenth(position: NDArray[Any], length: int, parts: int = 8) -> NDArray[np.int64]:
    """In which of ``parts`` equal stretches a position lies."""
    return (position.astype(np.int64) * parts) // length

"""Attacks that succeed: what a single party that breaks the rules can do, shown so that nobody is misled.

The claim is about parties that follow the protocol and look at what they get. Each test here is a limit
named in docs/threat-model.md; if a check is added that stops one, its test fails and both are changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.adversary import (
    CITIZENS,
    THREE,
    TWO,
    install,
    refused,
    small,
    values,
)
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.privacy.noise import OpenDPNoise
from samklang.protocol.actions import Compute, Persist, Receive, Send
from samklang.protocol.opening import Outcome, tally
from samklang.protocol.roles import party_b
from samklang.protocol.roles.contributor import Contributor
from samklang.protocol.roles.opener import Opener
from samklang.protocol.roles.party_b import PartyB
from samklang.protocol.roles.party_c import PartyC
from samklang.protocol.roles.script import Script
from samklang.protocol.rows import contribution, rows_label
from samklang.protocol.sharing import split
from samklang.protocol.simulation import Simulation
from samklang.protocol.streams import ArraysSink, ArraysSource, as_bytes
from samklang.protocol.tables import TablePlan, deal
from samklang.protocol.tags import tags
from samklang.protocol.words import Words, concatenate

NOISE = OpenDPNoise()

FIVE = {"home": ("home",), "clinic": ("clinic",), "practice": ("practice",)} | {
    f"practice-{i}": ("practice",) for i in range(2, 8)
}
TARGET = CITIZENS[0]


def repeating(node: str, times: int) -> type[Contributor]:
    """An input party that sends ``times`` rows of the target's tag, all words 0, instead of one or none."""

    class Repeating(Contributor):
        def _make(self) -> tuple[Words, bytes]:
            s = self.session
            if s.me != node:
                return super()._make()
            known = self.prepare() if self.prepare else None
            words = contribution(
                s.program,
                self.noise,
                link_key=s.link_key,
                by_sector=known,
                groups=s.me in s.program.compute,
            )
            assert s.link_key is not None
            more = Words.zeros(s.program.row_shape, times)
            more.wide[0][:], more.wide[1][:] = tags(s.link_key, np.array([TARGET], "S10"))
            words = concatenate([words, more])
            return words, split(words, rows_label(s.attempt))

    return Repeating


def sizes_seen(federation: Federation, held: Mapping[str, Sequence[str]], party: str) -> list[int]:
    """Number of groups of each size, as one compute party was told."""
    seen = bytearray()

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        if (recipient, stage) == (party, "grouping/sizes"):
            seen.extend(data)

    known = values(federation.program, held)
    federation.simulation(known, NOISE, witness=witness).run()
    return [int(n) for n in np.frombuffer(bytes(seen), "<i8")]


@pytest.mark.parametrize("elsewhere", [0, 1, 2])
def test_limit_a_node_that_repeats_a_tag_reads_at_how_many_partners_a_citizen_is(
    elsewhere: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups larger than k_max are not padded: with real noise, k_max + 1 rows of one tag make the number
    of *other* rows of it visible, exactly, to the holders and the linker."""
    federation = small(FIVE, memberships=1)
    k_max = federation.program.noise.k_max
    assert k_max < len(FIVE)
    held = dict.fromkeys(("home", "clinic", "practice"), CITIZENS[1:30])
    for node in list(FIVE)[1 : 1 + elsewhere]:
        held[node] = [TARGET, *CITIZENS[1:30]]
    install(monkeypatch, Contributor=repeating("home", k_max + 1))
    sizes = sizes_seen(federation, held, "home")
    assert sizes[k_max:] == [int(k_max + 1 + elsewhere == j) for j in range(k_max + 1, len(FIVE) + 1)]


@pytest.mark.parametrize(("elsewhere", "fails"), [(0, False), (1, True)])
def test_limit_an_attempt_that_fails_tells_whether_a_repeated_tag_is_elsewhere(
    elsewhere: int, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many rows of one tag as there are nodes: one more and the linker refuses. One bit for a whole
    charge, and everybody is told that somebody deviated."""
    federation = small(THREE)
    held = dict.fromkeys(THREE, CITIZENS[1:30])
    held["clinic"] = [*([TARGET] if elsewhere else []), *CITIZENS[1:30]]
    install(monkeypatch, Contributor=repeating("home", len(THREE)))
    known = values(federation.program, held)
    if fails:
        refused(federation, known, "protocol-grouping", COORDINATOR, noise=NOISE)
    else:
        assert isinstance(federation.run(known, NOISE), Outcome)


def marked_tables(plan: TablePlan, r: NDArray[np.uint16], seed: bytes, attempt: int) -> Iterator[memoryview]:
    for piece in deal(plan, r, seed, attempt):
        yield as_bytes(np.frombuffer(piece, np.uint8) + np.uint8(100))


class Unmarking(Opener):
    """Waits for the other's share of the cells and takes 100 off its own where somebody put it on: on the
    groups of citizens and on no dummy."""

    learned: dict[str, NDArray[np.int64]]

    def open_and_release(self, words: Words, *, other: str) -> Script:
        theirs = [np.empty(words.rows, np.uint8) for _ in words.narrow]
        yield [Persist("open cells"), Receive(other, "open/cells", ArraysSink(theirs))]
        axis = self.program.tables[-1]
        level = words.narrow[axis] + theirs[axis]
        real = (level >= 100) & (level < 200)
        words.narrow[axis][real] -= 100
        opened = tally(self.program, self._levels(words, theirs), words.wide)
        without = [c[real] for c in self._levels(words, theirs)]
        Unmarking.learned = {"counts": tally(self.program, without, []).counts}
        yield [Send(other, "open/cells", ArraysSource(words.narrow))]
        dealt = yield from self.receive_noise()
        done = yield [Compute("sums", lambda: self._noisy(opened, dealt, other))]
        del done
        yield [
            Persist("release"),
            Send(self.linker, "release/shares", ArraysSource([opened.counts, opened.sums])),
        ]

    @staticmethod
    def _levels(words: Words, theirs: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
        return [own + their for own, their in zip(words.narrow, theirs, strict=True)]


class MarkingB(Unmarking, PartyB):
    """Deals tables whose levels are 100 too high; dummies go through no table."""


class MarkingC(Unmarking, PartyC):
    """Adds 100 to its share of every group before there are dummies among them."""

    def add_dummies(self, words: Words) -> Script:
        words.narrow[self.program.tables[-1]][:] += np.uint8(100)
        return (yield from super().add_dummies(words))


@pytest.mark.parametrize("party", ["B", "C"])
@pytest.mark.parametrize("nodes", [THREE, TWO], ids=["three", "two"])
def test_limit_an_opening_party_that_marks_groups_reads_exact_counts_unnoticed(
    nodes: dict[str, tuple[str, ...]], party: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = small(nodes)
    held = {n: CITIZENS[10 * i : 10 * i + 40] for i, n in enumerate(nodes)}
    known = values(federation.program, held)
    exact = federation.run(known, NoNoise())
    if party == "B":
        install(monkeypatch, PartyB=MarkingB)
        monkeypatch.setattr(party_b, "deal", marked_tables)
    else:
        install(monkeypatch, PartyC=MarkingC)
    noisy = federation.run(known, NOISE)
    assert not np.array_equal(noisy.counts, exact.counts), "the analyst's answer is noisy as ever"
    assert np.abs(noisy.counts - exact.counts).max() < 10 * federation.program.noise.released_sd
    assert np.array_equal(Unmarking.learned["counts"][:-1], exact.counts), "the party's own is not"


def test_limit_a_party_that_biases_its_noise_is_not_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes the answer, not what anybody learns: the other two parties' noise is still there."""
    federation = small(THREE)
    known = values(federation.program, dict.fromkeys(THREE, CITIZENS[:40]))

    class Generous:
        def discrete_gaussian(self, sigma: float, size: int) -> NDArray[np.int64]:
            return np.full(size, 3, np.int64)

    participants = federation.participants(known, NoNoise())
    participants["clinic"]._noise = Generous()
    biased = Simulation(participants).run()[COORDINATOR]
    honest = federation.run(known, NoNoise())
    assert np.array_equal(biased.counts, honest.counts + 3)


def test_limit_a_node_that_invents_rows_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    federation = small(THREE)
    held = dict.fromkeys(THREE, CITIZENS[:40])
    honest = federation.run(values(federation.program, held), NoNoise())
    held["home"] = CITIZENS[:60]
    invented = federation.run(values(federation.program, held), NoNoise())
    assert int(invented.counts.sum()) == int(honest.counts.sum()) + 20

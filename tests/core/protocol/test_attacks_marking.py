"""Opening parties that mark groups, so as to know real ones from dummies when they are opened.

B marks in the tables that it deals, C in its shares before the dummies come. Whatever they do then is noticed
and nothing is released, for each has promised its share before it sees the other's. What it has *seen* when
it is noticed stays seen: the last tests are limits named in docs/threat-model.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.support.adversary import (
    CITIZENS,
    THREE,
    TWO,
    ByNode,
    Stubborn,
    adding_rows,
    content,
    deviating,
    install,
    overlapping,
    refused,
    resend,
    small,
    values,
)
from tests.support.federation import COORDINATOR, Federation
from tests.support.quiet import NoNoise

from samklang.privacy.noise import OpenDPNoise
from samklang.protocol.actions import Action, Compute, Persist, Receive, Send
from samklang.protocol.opening import Opened, Outcome, tally
from samklang.protocol.roles import party_b
from samklang.protocol.roles.opener import Opener
from samklang.protocol.roles.party_b import PartyB
from samklang.protocol.roles.party_c import PartyC
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.streams import ArraysSink, ArraysSource, BytesSink, BytesSource, as_bytes
from samklang.protocol.tables import TablePlan, deal
from samklang.protocol.words import Words

NOISE = OpenDPNoise()
MARK = 100
FEDERATIONS = {"three": small(THREE), "two": small(TWO)}
BOTH = pytest.mark.parametrize("name", FEDERATIONS)
EACH = pytest.mark.parametrize("party", ["B", "C"])


def opening(federation: Federation, party: str) -> tuple[str, str]:
    """(name of B or C, name of the other)."""
    _, b, c = federation.program.compute
    return (b, c) if party == "B" else (c, b)


def marked_tables(plan: TablePlan, r: NDArray[np.uint16], seed: bytes, attempt: int) -> Iterator[memoryview]:
    for piece in deal(plan, r, seed, attempt):
        yield as_bytes(np.frombuffer(piece, np.uint8) + np.uint8(MARK))


class Marking(Opener):
    """Promises its share as it is, waits for the other's, reads, and then does what ``then`` says."""

    then: ClassVar[str]
    learned: ClassVar[NDArray[np.int64]]

    def open_and_release(self, words: Words, *, other: str) -> Script:
        theirs = [np.empty(words.rows, np.uint8) for _ in words.narrow]
        promised = BytesSink(32)
        done = yield [Compute("commit", lambda: self._commitment(self.session.me, words.narrow))]
        yield [
            Persist("open cells"),
            Receive(other, "open/commit", promised),
            Send(other, "open/commit", BytesSource(done["compute:commit"])),
        ]
        yield [Receive(other, "open/cells", ArraysSink(theirs))]
        axis = self.program.tables[-1]
        level = words.narrow[axis] + theirs[axis]
        real = (level >= MARK) & (level < 2 * MARK)
        without = [own + their for own, their in zip(words.narrow, theirs, strict=True)]
        without[axis][real] -= MARK
        Marking.learned = tally(self.program, [c[real] for c in without], []).counts[:-1]
        match self.then:
            case "leaves the marks":
                pass
            case "takes the marks off":
                words.narrow[axis][real] -= MARK
            case "stops":
                return
        yield [Send(other, "open/cells", ArraysSource(words.narrow))]
        yield [Send(self.linker, "release/shares", ArraysSource([self._reported()]))]

    def _reported(self) -> NDArray[np.int64]:
        """The table that would pass, did the other party report one."""
        program = self.program
        return np.zeros((program.released + 1) + len(program.measures) * program.released, np.int64)


class MarkingB(Marking, PartyB):
    """Deals tables whose levels are too high by the mark; dummies go through no table."""


class MarkingC(Marking, PartyC):
    """Adds the mark to its share of every group before there are dummies among them."""

    def add_dummies(self, words: Words) -> Script:
        words.narrow[self.program.tables[-1]][:] += np.uint8(MARK)
        return (yield from super().add_dummies(words))


def mark(monkeypatch: pytest.MonkeyPatch, party: str, then: str) -> None:
    monkeypatch.setattr(Marking, "then", then, raising=False)
    if party == "B":
        install(monkeypatch, PartyB=MarkingB)
        monkeypatch.setattr(party_b, "deal", marked_tables)
    else:
        install(monkeypatch, PartyC=MarkingC)


def held(federation: Federation) -> ByNode:
    return overlapping(federation.program)


def nothing_released(run: Stubborn, by: str) -> None:
    """The honest opening party tells the coordinator nothing."""
    assert not [r for r in run.relayed if r[0] == "release/shares" and r[1] == by]


@BOTH
@EACH
@pytest.mark.parametrize(
    ("then", "code"),
    [("leaves the marks", "protocol-impossible"), ("takes the marks off", "protocol-opening")],
)
def test_a_party_that_marks_groups_is_refused(
    then: str, code: str, party: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = FEDERATIONS[name]
    me, other = opening(federation, party)
    mark(monkeypatch, party, then)
    run = refused(federation, held(federation), code, other, noise=NOISE)
    nothing_released(run, other)
    if code == "protocol-opening":
        assert me in run.failures[other].what, "the error names who opened something else"


def changed(party: str, stage: str, change: object) -> dict[str, type[ScriptRole]]:
    """B or C with ``change(bytes)`` made to what it sends in one stage."""

    def alter(_: ScriptRole, action: Action) -> Action:
        if isinstance(action, Send) and action.stage == stage:
            assert callable(change)
            return resend(action, change(content(action.source)))
        return action

    role: type[ScriptRole] = PartyB if party == "B" else PartyC
    return {f"Party{party}": deviating(role, alter)}


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@BOTH
@EACH
@pytest.mark.parametrize("stage", ["open/commit", "open/cells"])
def test_one_bit_that_differs_from_the_promise_is_refused(
    stage: str, party: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = FEDERATIONS[name]
    me, other = opening(federation, party)
    install(monkeypatch, **changed(party, stage, flipped))
    run = refused(federation, held(federation), "protocol-opening", other, noise=NOISE)
    assert me in run.failures[other].what
    nothing_released(run, other)


@BOTH
@EACH
def test_a_promise_that_is_sent_back_is_refused(
    party: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A party that promises what the other promised, and opens what the other opens: all groups would come
    out as twice the other's share. The promise says whose it is."""
    federation = FEDERATIONS[name]

    class Echo(Opener):
        def open_and_release(self, words: Words, *, other: str) -> Script:
            promised, theirs = BytesSink(32), BytesSink(words.rows * len(words.narrow))
            yield [Receive(other, "open/commit", promised)]
            yield [Send(other, "open/commit", BytesSource(bytes(promised.data)))]
            yield [Receive(other, "open/cells", theirs)]
            yield [Send(other, "open/cells", BytesSource(bytes(theirs.data)))]

    role = type("Echoing", (Echo, PartyB if party == "B" else PartyC), {})
    install(monkeypatch, **{f"Party{party}": role})
    refused(federation, held(federation), "protocol-opening", opening(federation, party)[1], noise=NOISE)


@BOTH
def test_nobody_opens_before_it_has_the_others_promise(name: str) -> None:
    """In the order in which messages arrive."""
    federation = FEDERATIONS[name]
    order: list[tuple[str, str]] = []

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        if stage.startswith("open/") and (stage, recipient) not in order:
            order.append((stage, recipient))

    federation.run(held(federation), NoNoise(), witness=witness)
    _, b, c = federation.program.compute
    assert set(order[:2]) == {("open/commit", b), ("open/commit", c)}
    assert set(order[2:]) == {("open/cells", b), ("open/cells", c)}


# What stays: it has seen what it wanted to see.


@BOTH
@EACH
@pytest.mark.parametrize("then", ["leaves the marks", "takes the marks off", "stops"])
def test_limit_a_marking_party_has_read_exact_counts_when_it_is_noticed(
    then: str, party: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And if it stops there, nobody can tell it from one that crashed: the attempt ends without a name for
    what happened. Nothing is released in any case."""
    federation = FEDERATIONS[name]
    exact = federation.run(held(federation), NoNoise())
    mark(monkeypatch, party, then)
    run = Stubborn(federation.participants(held(federation), NOISE))
    assert COORDINATOR not in run.run()
    assert np.array_equal(Marking.learned, exact.counts)
    assert bool(run.failures) == (then != "stops")
    nothing_released(run, opening(federation, party)[1])


@BOTH
@EACH
def test_limit_an_opening_party_that_is_an_input_party_reads_the_joint_cell_of_citizens_it_chooses(
    party: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an input party it sends rows with their tags and a mark of their own on an axis without a table.
    The opened group bears the mark and, on the other axes, what all partners together know of the citizen.
    Few marks aren't noticed: refusing a single one would tell more parties more."""
    federation = FEDERATIONS[name]
    program = federation.program
    me, _ = opening(federation, party)
    chosen = {CITIZENS[n]: MARK + 20 * n for n in range(3)}
    others = CITIZENS[3:30]
    elsewhere = {n: [*(chosen if n != me else ()), *others] for n in program.inputs}
    known = values(program, elsewhere)
    assert not program.axes[0].encoding.needs_table
    install(monkeypatch, Contributor=adding_rows(me, [(c, {0: m}) for c, m in chosen.items()]))
    opened: list[list[NDArray[np.uint8]]] = []

    class Reading(PartyB if party == "B" else PartyC):  # type: ignore[misc]
        def _tally(self, words: Words, theirs: list[NDArray[np.uint8]]) -> Opened:
            opened.append([own + their for own, their in zip(words.narrow, theirs, strict=True)])
            return super()._tally(words, theirs)  # type: ignore[no-any-return]

    install(monkeypatch, **{f"Party{party}": Reading})
    run = Stubborn(federation.participants(known, NOISE))
    assert isinstance(run.run()[COORDINATOR], Outcome)
    assert not run.failures  # a few impossible groups are tolerated
    care, visits = opened[0]
    for cpr, own_mark in chosen.items():
        (group,) = np.flatnonzero((care >= own_mark) & (care < own_mark + 20))
        at = [(n, s) for n in known if n != me for s in known[n]]
        level = 1 + int(cpr[1:6]) % 2 if ("home", "home") in at else 0
        total = sum(int(cpr[1:6]) % 4 for _, s in at if s != "home")
        band = (1 if total < 2 else 2) if any(s != "home" for _, s in at) else 0
        assert (int(care[group]) - own_mark, int(visits[group])) == (level, band)

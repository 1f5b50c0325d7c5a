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
from samklang.protocol.table import Table
from samklang.protocol.tables import TablePlan, deal
from samklang.protocol.words import Column, Words

NOISE = OpenDPNoise()
MARK = 100
FEDERATIONS = {"three": small(THREE), "two": small(TWO)}
BOTH = pytest.mark.parametrize("name", FEDERATIONS)
EACH = pytest.mark.parametrize("party", ["B", "C"])
OPENINGS = pytest.mark.parametrize("prefix", ["", "margin/"], ids=["table", "margin"])


def opening(federation: Federation, party: str) -> tuple[str, str]:
    """(name of B or C, name of the other)."""
    _, b, c = federation.program.compute
    return (b, c) if party == "B" else (c, b)


def marked_axis(table: Table) -> int:
    """The last of an opening's axes that goes through a truth table in both kinds of opening."""
    return [place for place, axis in enumerate(table.axes) if axis.name == "visits"][-1]


def marked_tables(plan: TablePlan, r: NDArray[np.uint16], seed: bytes, attempt: int) -> Iterator[memoryview]:
    """Marks in the tables of one word of the opening that is to be marked."""
    table = next(t for t in plan.program.openings if t.prefix == Marking.prefix)
    wanted = table.columns[marked_axis(table)]
    ends = np.cumsum([b.groups * b.modulus for b in plan.blocks])
    offset = 0
    for piece in deal(plan, r, seed, attempt):
        block = plan.blocks[int(np.searchsorted(ends, offset, side="right"))]
        offset += len(piece)
        mark = np.uint8(MARK if block.word == wanted else 0)
        yield as_bytes(np.frombuffer(piece, np.uint8) + mark)


class Marking(Opener):
    """Promises its share as it is, waits for the other's, reads, and then does what ``then`` says."""

    then: ClassVar[str]
    prefix: ClassVar[str]
    learned: ClassVar[NDArray[np.int64]]

    def open_and_release(self, table: Table, words: Words, *, other: str) -> Script:
        prefix = table.prefix
        if prefix != self.prefix:
            return (yield from super().open_and_release(table, words, other=other))
        theirs = [np.empty(words.rows, np.uint8) for _ in words.narrow]
        promised = BytesSink(32)
        done = yield [Compute("mine", lambda: self._commitment(table, self.session.me, words.narrow))]
        yield [
            Persist(f"{prefix}open cells"),
            Receive(other, f"{prefix}open/commit", promised),
            Send(other, f"{prefix}open/commit", BytesSource(done["compute:mine"])),
        ]
        yield [Receive(other, f"{prefix}open/cells", ArraysSink(theirs))]
        axis = marked_axis(table)
        level = words.narrow[axis] + theirs[axis]
        real = (level >= MARK) & (level < 2 * MARK)
        without = [own + their for own, their in zip(words.narrow, theirs, strict=True)]
        without[axis][real] -= MARK
        Marking.learned = tally(table, [c[real] for c in without], []).counts[:-1]
        match self.then:
            case "leaves the marks":
                pass
            case "takes the marks off":
                words.narrow[axis][real] -= MARK
            case "stops":
                return
        yield [Send(other, f"{prefix}open/cells", ArraysSource(words.narrow))]
        # The table that would pass, did the other party report one.
        reported = np.zeros((table.released + 1) + len(table.measures) * table.released, np.int64)
        yield [Send(self.linker, f"{prefix}release/shares", ArraysSource([reported]))]
        return None


class MarkingB(Marking, PartyB):
    """Deals tables whose levels are too high by the mark; dummies go through no table."""


class MarkingC(Marking, PartyC):
    """Adds the mark to its share of every group before there are dummies among them."""

    def add_dummies(self, table: Table, groups: Words) -> Script:
        if table.prefix == self.prefix:
            groups.narrow[table.columns[marked_axis(table)]][:] += np.uint8(MARK)
        return (yield from super().add_dummies(table, groups))


def mark(monkeypatch: pytest.MonkeyPatch, party: str, then: str, prefix: str) -> None:
    monkeypatch.setattr(Marking, "then", then, raising=False)
    monkeypatch.setattr(Marking, "prefix", prefix, raising=False)
    if party == "B":
        install(monkeypatch, PartyB=MarkingB)
        monkeypatch.setattr(party_b, "deal", marked_tables)
    else:
        install(monkeypatch, PartyC=MarkingC)


def held(federation: Federation) -> ByNode:
    return overlapping(federation.program)


def nothing_released(run: Stubborn, by: str, prefix: str) -> None:
    """The honest opening party tells the coordinator nothing of this opening, and of none after it."""
    stages = [f"{p}release/shares" for p in ("", "margin/")]
    stages = stages[stages.index(f"{prefix}release/shares") :]
    assert not [r for r in run.relayed if r[0] in stages and r[1] == by]


@OPENINGS
@BOTH
@EACH
@pytest.mark.parametrize(
    ("then", "code"),
    [("leaves the marks", "protocol-impossible"), ("takes the marks off", "protocol-opening")],
)
def test_a_party_that_marks_groups_is_refused(
    then: str, code: str, party: str, name: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = FEDERATIONS[name]
    me, other = opening(federation, party)
    mark(monkeypatch, party, then, prefix)
    run = refused(federation, held(federation), code, other, noise=NOISE)
    nothing_released(run, other, prefix)
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


@OPENINGS
@BOTH
@EACH
@pytest.mark.parametrize("stage", ["open/commit", "open/cells"])
def test_one_bit_that_differs_from_the_promise_is_refused(
    stage: str, party: str, name: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation = FEDERATIONS[name]
    me, other = opening(federation, party)
    install(monkeypatch, **changed(party, f"{prefix}{stage}", flipped))
    run = refused(federation, held(federation), "protocol-opening", other, noise=NOISE)
    assert me in run.failures[other].what
    nothing_released(run, other, prefix)


@BOTH
@EACH
def test_what_was_promised_for_the_table_is_no_promise_for_the_margin(
    party: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The opening's name is in the promise: a share can't be promised as another opening's."""
    federation = FEDERATIONS[name]
    me, other = opening(federation, party)

    class Mistaken(PartyB if party == "B" else PartyC):  # type: ignore[misc]
        def _commitment(self, table: Table, who: str, share: list[Column]) -> bytes:
            own = table.prefix and who == self.session.me
            return super()._commitment(self.program.table if own else table, who, share)  # type: ignore[no-any-return]

    install(monkeypatch, **{f"Party{party}": Mistaken})
    run = refused(federation, held(federation), "protocol-opening", other, noise=NOISE)
    assert me in run.failures[other].what
    nothing_released(run, other, "margin/")


@OPENINGS
@BOTH
@EACH
def test_a_promise_that_is_sent_back_is_refused(
    party: str, name: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A party that promises what the other promised, and opens what the other opens: all groups would come
    out as twice the other's share. The promise says whose it is."""
    federation = FEDERATIONS[name]

    class Echo(Opener):
        def open_and_release(self, table: Table, words: Words, *, other: str) -> Script:
            if table.prefix != prefix:
                return (yield from super().open_and_release(table, words, other=other))
            promised, theirs = BytesSink(32), BytesSink(words.rows * len(words.narrow))
            yield [Receive(other, f"{prefix}open/commit", promised)]
            yield [Send(other, f"{prefix}open/commit", BytesSource(bytes(promised.data)))]
            yield [Receive(other, f"{prefix}open/cells", theirs)]
            yield [Send(other, f"{prefix}open/cells", BytesSource(bytes(theirs.data)))]
            return None

    role = type("Echoing", (Echo, PartyB if party == "B" else PartyC), {})
    install(monkeypatch, **{f"Party{party}": role})
    refused(federation, held(federation), "protocol-opening", opening(federation, party)[1], noise=NOISE)


@OPENINGS
@BOTH
def test_nobody_opens_before_it_has_the_others_promise(name: str, prefix: str) -> None:
    """In the order in which messages arrive."""
    federation = FEDERATIONS[name]
    order: list[tuple[str, str]] = []

    def witness(recipient: str, sender: str, stage: str, data: bytes) -> None:
        if stage.startswith(f"{prefix}open/") and (stage, recipient) not in order:
            order.append((stage, recipient))

    federation.run(held(federation), NoNoise(), witness=witness)
    _, b, c = federation.program.compute
    assert set(order[:2]) == {(f"{prefix}open/commit", b), (f"{prefix}open/commit", c)}
    assert set(order[2:]) == {(f"{prefix}open/cells", b), (f"{prefix}open/cells", c)}


# What stays: it has seen what it wanted to see.


@OPENINGS
@BOTH
@EACH
@pytest.mark.parametrize("then", ["leaves the marks", "takes the marks off", "stops"])
def test_limit_a_marking_party_has_read_exact_counts_when_it_is_noticed(
    then: str, party: str, name: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And if it stops there, nobody can tell it from one that crashed: the attempt ends without a name for
    what happened. Nothing is released in any case."""
    federation = FEDERATIONS[name]
    exact = federation.run(held(federation), NoNoise())
    mark(monkeypatch, party, then, prefix)
    run = Stubborn(federation.participants(held(federation), NOISE))
    assert COORDINATOR not in run.run()
    assert exact.margin is not None
    assert np.array_equal(Marking.learned, exact.margin.counts if prefix else exact.counts)
    assert bool(run.failures) == (then != "stops")
    nothing_released(run, opening(federation, party)[1], prefix)


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
        def _tally(self, table: Table, words: Words, theirs: list[NDArray[np.uint8]]) -> Opened:
            opened.append([own + their for own, their in zip(words.narrow, theirs, strict=True)])
            return super()._tally(table, words, theirs)  # type: ignore[no-any-return]

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

"""A snapshot holds the rows of those who have joined on its day, and rows of nobody else leave the node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.model.test_accession import accession
from tests.core.policy.policy_documents import POLICY, changed
from tests.node.data.builders import YEAR, codebook
from tests.node.test_daemon_decisions import World as NodeWorld

from samklang.errors import SamklangError
from samklang.model.accession import Accession
from samklang.model.calendar import COPENHAGEN, day_of
from samklang.model.policy import Policy
from samklang.model.snapshot_calendar import SnapshotCalendar
from samklang.node.accession import Bound, Membership
from samklang.node.data.features import compute
from samklang.node.data.frozen import freeze, frozen
from samklang.node.data.snapshot import Contents
from samklang.node.data.sources import TableSource
from samklang.node.snapshots import Snapshots, next_due
from samklang.protocol.actions import Event, Send
from samklang.protocol.streams import BytesSource
from samklang.transport.participation import Refusal

PEOPLE = {f"p{n}": [f"{d:02}{n + 1:02}504{n:03}" for d in range(1, 5)] for n in range(3)}
BOOK = codebook({"t": {}})
FIRST = datetime(2026, 11, 25, 9, tzinfo=UTC)


def days(first: int, last: int) -> tuple[date, date]:
    """Both counted from the day of :data:`FIRST`."""
    return tuple(day_of(FIRST) + timedelta(days=n) for n in (first, last))  # type: ignore[return-value]


class World:
    """One file per controller, a clock that tests set, and the snapshots of whoever has joined."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, FIRST
        (folder / "state").mkdir(exist_ok=True)
        for name, people in PEOPLE.items():
            (folder / f"{name}.csv").write_text("\n".join(["cpr", *people, ""]))

    def contents(self) -> Contents:
        source = TableSource((), self.folder, files_of={n: (f"{n}.csv",) for n in PEOPLE})
        return Contents({"t": source}, BOOK, ("region",), self.folder / "spill", 1, 256, {})

    @contextmanager
    def opened(self, who: Accession | None, **calendar: Any) -> Iterator[Snapshots]:
        snapshots = Snapshots(
            self.folder / "state" / "snapshots",
            self.contents(),
            SnapshotCalendar(**calendar),
            "b",
            accession=who,
            clock=lambda: self.now,
        )
        try:
            snapshots.open()
            yield snapshots
        finally:
            snapshots.close()


def held(snapshots: Snapshots) -> tuple[str, set[str]]:
    """Which snapshot, and whose citizens it has; that it says so itself is checked."""
    hold = snapshots.hold()
    try:
        numbers = {c.decode() for c in compute(hold.snapshot, BOOK, "region", [], YEAR).cpr}
        whose = {name for name, people in PEOPLE.items() if numbers & {*people}}
        assert numbers == {c for name in whose for c in PEOPLE[name]}
        assert hold.snapshot.controllers == whose
        return hold.snapshot.id, whose
    finally:
        hold.let_go()


def refused(snapshots: Snapshots) -> str:
    with pytest.raises(SamklangError) as caught:
        snapshots.hold()
    return caught.value.code


def midnight(after: int) -> datetime:
    day = day_of(FIRST) + timedelta(days=after)
    return datetime(day.year, day.month, day.day, tzinfo=COPENHAGEN).astimezone(UTC)


def test_the_day_after_the_last_nothing_is_answered_before_there_is_a_new_snapshot(tmp_path: Path) -> None:
    world = World(tmp_path)
    who = accession(None, days(-10, 0), days(1, 3))
    with world.opened(who, every="month") as snapshots:
        first, whose = held(snapshots)
        assert whose == {"p0", "p1"}
        world.now = midnight(1) - timedelta(microseconds=1)
        assert held(snapshots) == (first, whose)
        world.now = midnight(1)  # whatever the calendar's grace is
        assert refused(snapshots) == "node-controllers-differ"
        assert snapshots.tick()
        second, whose = held(snapshots)
        assert (whose, second != first) == ({"p0", "p2"}, True)
        assert [one.id for one in frozen(tmp_path / "state" / "snapshots")] == [second]
        world.now = midnight(2)
        assert snapshots.tick()
        assert held(snapshots)[0] == second
        world.now = midnight(4)
        assert refused(snapshots) == "node-controllers-differ"


def test_a_new_policy_with_another_list_does_not_use_the_old_snapshot(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.opened(accession(None, None, None)) as snapshots:
        first, whose = held(snapshots)
        assert whose == {*PEOPLE}
    with world.opened(accession(None, None, days(-9, 99))) as snapshots:
        assert held(snapshots) == (first, whose)  # the same today
    with world.opened(accession(None, days(-9, -1), None)) as snapshots:
        second, whose = held(snapshots)
        assert (second != first, whose) == (True, {"p0", "p2"})
        assert [one.id for one in frozen(tmp_path / "state" / "snapshots")] == [second]
    with world.opened(accession(None, None, None)) as snapshots:
        assert held(snapshots)[1] == {*PEOPLE}


def test_a_snapshot_that_does_not_say_whose_rows_it_holds_is_not_used(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.opened(accession(None, None, None)) as snapshots:
        first, _ = held(snapshots)
    meta = tmp_path / "state" / "snapshots" / first / "metadata.json"
    said = json.loads(meta.read_bytes())
    assert said.pop("controllers") == ["p0", "p1", "p2"]
    meta.write_text(json.dumps(said))
    with world.opened(accession(None, None, None)) as snapshots:
        assert held(snapshots)[0] != first


def test_a_clock_set_back_over_the_day_answers_nothing_with_the_new_snapshot(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.now = midnight(1) + timedelta(minutes=1)
    with world.opened(accession(None, days(-9, 9), days(1, 9))) as snapshots:
        assert held(snapshots)[1] == {*PEOPLE}
        world.now -= timedelta(minutes=2)  # within the tolerated skew
        assert refused(snapshots) == "node-controllers-differ"


def test_a_new_member_without_files_stops_the_node_by_name(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.opened(accession(None, None, days(1, 9))) as snapshots:
        (tmp_path / "p2.csv").unlink()
        world.now = midnight(1)
        assert not snapshots.tick()
        assert refused(snapshots) == "node-controllers-differ"
        problem = json.loads((tmp_path / "state" / "snapshots" / "problem.json").read_text())
        assert problem["code"] == "node-file-missing"


PERIODS = st.lists(
    st.none() | st.tuples(st.integers(-3, 6), st.integers(0, 5)).map(lambda p: days(p[0], p[0] + p[1])),
    min_size=3,
    max_size=3,
)
STEPS = st.lists(st.integers(0, 60), min_size=1, max_size=5)


@given(PERIODS, STEPS, st.booleans())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_answer_ever_holds_rows_of_anybody_but_the_moment_s_members(
    tmp_path_factory: pytest.TempPathFactory,
    periods: list[tuple[date, date] | None],
    steps: list[int],
    restart: bool,
) -> None:
    """Random lists, hours that pass, with and without restarts: a hold is refused or exactly right."""
    world = World(tmp_path_factory.mktemp("w"))
    who, answers = accession(*periods), 0

    def look(snapshots: Snapshots) -> None:
        nonlocal answers
        if code(lambda: snapshots.hold().let_go()) is None:
            answers += 1
            assert held(snapshots)[1] == who.on(day_of(world.now)).joined

    with world.opened(who) as first:
        look(first)
        for hours in steps:
            world.now += timedelta(hours=hours)
            look(first)
            if not restart:
                assert first.tick()
                look(first)
    if restart:
        with world.opened(who) as second:
            look(second)
    assert answers >= 2


def test_the_next_due_time_is_the_calendar_s_or_a_change_of_the_list() -> None:
    calendar, who = SnapshotCalendar(every="month"), accession(None, days(-9, 1))
    assert next_due(calendar, who, FIRST) == midnight(2)
    assert next_due(calendar, None, FIRST) == calendar.next(FIRST)
    assert next_due(calendar, accession(None), FIRST) == calendar.next(FIRST)
    assert next_due(SnapshotCalendar(), who, FIRST) == SnapshotCalendar().next(FIRST)


# An attempt that is under way when somebody leaves.

TWO = changed(
    POLICY,
    "controllers",
    to=[
        {"id": "p0", "name": "Zero", "dpia": "-", "record_of_processing": "-"},
        {
            "id": "p1",
            "name": "One",
            "dpia": "-",
            "record_of_processing": "-",
            "joined": {"from": "2027-01-01", "until": "2027-03-01"},
        },
    ],
)
LAST = datetime(2027, 3, 1, 22, 59, 59, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def membership(clock: Clock, *names: str) -> Membership:
    return Membership(Policy.model_validate(TWO), frozenset(names), clock)


def code(call: Any, *arguments: Any) -> str | None:
    try:
        call(*arguments)
    except SamklangError as error:
        return error.code
    return None


def test_an_attempt_s_controllers_are_the_snapshot_s() -> None:
    both = membership(Clock(LAST), "p0", "p1")
    assert code(both.agrees, frozenset({"p0", "p1"})) is None
    assert code(both.agrees, None) is None  # rows that can't be told apart are everybody's
    assert code(both.agrees, frozenset({"p0"})) == "node-controllers-differ"
    alone = membership(Clock(LAST), "p0")
    for other in (None, frozenset({"p0", "p1"}), frozenset({"p1"}), frozenset[str]()):
        assert code(alone.agrees, other) == "node-controllers-differ"


def test_membership_ends_with_the_day_and_with_the_policy() -> None:
    clock = Clock(LAST)
    both = membership(clock, "p0", "p1")
    assert code(both.check) is None
    clock.now += timedelta(seconds=1)
    assert code(both.check) == "node-controller-left"
    assert code(membership(clock, "p0").check) is None
    clock.now = datetime(2028, 1, 1, tzinfo=UTC)
    assert code(membership(clock, "p0").check) == "node-controller-left"


def test_no_piece_of_a_row_leaves_after_the_last_day() -> None:
    clock = Clock(LAST)

    class Slow:
        nbytes = 3

        def pieces(self) -> Iterator[memoryview]:
            for piece in (b"a", b"b", b"c"):
                yield memoryview(piece)

    class Role:
        session = None

        def on(self, event: Event) -> list[Send]:
            return [Send("b", "rows/share", Slow()), Send("b", "table/cells", BytesSource(b"x"))]

    bound = Bound(Role(), membership(clock, "p0", "p1"))  # type: ignore[arg-type]
    rows, other = bound.on(Event("start"))
    assert isinstance(rows, Send)
    assert isinstance(other, Send)
    assert rows.source.nbytes == 3
    left = rows.source.pieces()
    assert bytes(next(left)) == b"a"
    clock.now += timedelta(seconds=1)
    assert code(next, left) == "node-controller-left"
    assert b"".join(other.source.pieces()) == b"x"  # what is computed on others' rows goes on


@pytest.fixture
def region(tmp_path: Path) -> Iterator[NodeWorld]:
    world = NodeWorld(tmp_path, "region", practices)
    yield world
    world.close()


def practices(folder: Path) -> None:
    """The region's rows are two practices'; the second leaves the day after tomorrow."""
    lines = (folder / "data" / "contact.csv").read_text().splitlines()
    for n in (0, 1):
        (folder / "data" / f"p{n}.csv").write_text("\n".join([lines[0], *lines[1 + n :: 2], ""]))
    (folder / "nodes" / "region.yaml").write_text("tables: {contact: {files_of: {p0: p0.csv, p1: p1.csv}}}\n")
    policy = folder / "policies" / "region.yaml"
    until = date.today() + timedelta(days=1)
    both = (
        "  - {id: p0, name: Zero, dpia: none, record_of_processing: none}\n"
        "  - {id: p1, name: One, dpia: none, record_of_processing: none, "
        f"joined: {{from: 2026-01-01, until: {until}}}}}\n"
    )
    text = policy.read_text()
    one = "  - {name: region, dpia: none, record_of_processing: none}\n"
    assert one in text
    policy.write_text(text.replace(one, both))


def test_a_node_pays_for_no_rows_that_may_not_leave(region: NodeWorld) -> None:
    assert region.documents.accession is not None
    assert region.snapshot.controllers == {"p0", "p1"}
    clock = Clock(datetime.now(UTC))
    region.partner.clock = clock
    part = region.offer(region.bundle())
    clock.now += timedelta(days=3)
    assert code(part.charge, 1, 1e-9) == "node-controller-left"
    assert code(part._prepare) == "node-controller-left"
    assert region.ledger.remaining(now=datetime.now(UTC), grant="overview", caps=region.caps).month == 10**9


def test_a_snapshot_of_yesterday_s_members_is_refused_whoever_hands_it_out(region: NodeWorld) -> None:
    region.partner.clock = Clock(datetime.now(UTC) + timedelta(days=3))
    with pytest.raises(Refusal) as caught:
        region.offer(region.bundle())
    assert [reason.code for reason in caught.value.reasons] == ["node-controllers-differ"]


def test_a_node_that_cannot_tell_whose_rows_are_refuses_all(tmp_path: Path) -> None:
    def undivided(folder: Path) -> None:
        practices(folder)
        (folder / "nodes" / "region.yaml").write_text("tables: {contact: {file: contact.csv}}\n")

    world = NodeWorld(tmp_path, "region", undivided)
    try:
        assert world.snapshot.controllers is None
        world.offer(world.bundle())  # today both take part
        world.partner.clock = Clock(datetime.now(UTC) + timedelta(days=3))
        with pytest.raises(Refusal) as caught:
            world.offer(world.bundle(), 2)
        (reason,) = caught.value.reasons
        assert reason.code == "policy-controller-not-joined"
        assert "files_of" in reason.public()[2]
    finally:
        world.close()


def test_freezing_twice_keeps_no_rows_of_the_first_list(tmp_path: Path) -> None:
    """The files of a snapshot without a controller don't have its citizens' numbers in them."""
    world = World(tmp_path)
    folder = tmp_path / "state"
    who = accession(None, None, days(-9, -1))
    one = freeze(folder, world.contents(), due=FIRST, basis="b", members=who.on(day_of(FIRST)))
    stored = b"".join(file.read_bytes() for file in one.path.rglob("*") if file.is_file())
    assert PEOPLE["p2"][0].encode() not in stored
    assert replace(one, basis="b").controllers == {"p0", "p1"}

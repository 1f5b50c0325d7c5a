"""The time that deletion goes by is no more than what the clock has shown evenly for a day of running."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.full_disk import no_room

from samklang.transport.settled import SettledClock

BEGIN = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


class Machine:
    """Real time, a clock that is off by so much, and a process that runs or doesn't."""

    def __init__(self, folder: Path, known: datetime | None = BEGIN) -> None:
        self.path = folder / "clock.json"
        self.real, self.off, self.ran = BEGIN, timedelta(0), 0.0
        self.known = known
        self.start()

    def start(self, down: timedelta = timedelta(0)) -> None:
        self.real += down
        self.ran = 1000.0  # a counter that begins anew with the machine
        self.settled = SettledClock(
            self.path, clock=lambda: self.real + self.off, running=lambda: self.ran, known=self.known
        )

    def run(self, hours: float = 1) -> timedelta:
        """Run so long with a reading every hour; how far the settled time is ahead of real time then."""
        while hours > 0:
            step = min(1.0, hours)
            self.real += step * HOUR
            self.ran += step * 3600
            hours -= step
            now = self.settled.now()
            assert now <= self.real + self.off + timedelta(seconds=1)
        return now - self.real


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def close(found: timedelta, wanted: timedelta = timedelta(0)) -> bool:
    return abs(found - wanted) < timedelta(seconds=2)


def test_a_clock_that_goes_evenly_is_the_time(machine: Machine) -> None:
    assert close(machine.run(30))
    machine.start()  # an upgrade: nobody notices
    assert close(machine.run(1))


@pytest.mark.parametrize("step", [DAY, 6 * YEAR])
@pytest.mark.parametrize("restarts", [0, 3])
def test_a_clock_set_forward_counts_after_a_day_of_running(
    machine: Machine, step: timedelta, restarts: int
) -> None:
    machine.run(5)
    machine.off = step
    if restarts:
        machine.start()
    for _ in range(restarts):
        assert close(machine.run(5))
        machine.start()
    assert close(machine.run(23 - 5 * restarts))
    assert close(machine.run(3), step)


def test_one_that_is_set_right_within_the_day_has_done_nothing(machine: Machine) -> None:
    machine.run(30)
    machine.off = 6 * YEAR
    assert close(machine.run(20))
    machine.off = timedelta(0)
    assert close(machine.run(30))


@pytest.mark.parametrize("back", [HOUR, 6 * YEAR])
def test_one_that_is_set_back_counts_at_once(machine: Machine, back: timedelta) -> None:
    machine.run(30)
    machine.off = -back
    assert close(machine.run(1), -back)
    machine.off = timedelta(0)
    assert close(machine.run(20), -back), "forward again: after a day"
    assert close(machine.run(6))


def test_a_first_start_with_a_wild_clock_is_held_against_what_is_on_record(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.off = 6 * YEAR
    assert close(machine.run(20))
    machine.path.write_text("{")  # and so is one whose readings are lost
    machine.start()
    assert machine.run(1) < timedelta(0)


def test_a_machine_that_is_off_every_night_is_behind_by_a_few_nights_and_no_more(machine: Machine) -> None:
    machine.run(8)
    behind = []
    for _ in range(30):
        machine.start(down=16 * HOUR)
        behind.append(-machine.run(8))
    assert max(behind) <= 3 * 16 * HOUR + HOUR


def test_without_a_file_it_goes_on(machine: Machine) -> None:
    assert close(machine.run(2))
    assert stat.S_IMODE(machine.path.stat().st_mode) == 0o600
    kept = machine.path.read_bytes()
    with no_room():
        assert close(machine.run(3))
    assert machine.path.read_bytes() == kept
    assert close(machine.run(1))
    assert machine.path.read_bytes() != kept


@given(
    st.lists(
        st.tuples(st.sampled_from(["run", "forward", "back", "restart"]), st.integers(1, 60)), max_size=25
    )
)
def test_it_is_the_least_that_the_clock_has_shown_over_a_day_of_running(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """Against the definition: every reading of the last day of running, carried on evenly."""
    machine = Machine(tmp_path_factory.mktemp("clock"))
    ran, shown = 0.0, [(0.0, machine.real)]
    for what, much in steps:
        if what == "forward":
            machine.off += much * HOUR
        elif what == "back":
            machine.off -= much * HOUR
        elif what == "restart":
            machine.start(down=much * HOUR)
        else:
            for _ in range(much):
                found = machine.run(1) + machine.real
                ran += 3600
                shown.append((ran, machine.real + machine.off))
                least = min(at + timedelta(seconds=ran - r) for r, at in shown if r >= ran - 86_400)
                assert close(found - least)

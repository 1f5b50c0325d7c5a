"""The ledger never under-counts, never forgets, and notices when somebody makes it forget."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.node.journal import Journal
from samklang.node.ledger import Head, Ledger
from samklang.policy import Caps

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
CAPS = Caps(month=1000, year=1500, lifetime=2500)
WIDE = Caps(month=10**9, year=10**9)


def query(number: int) -> str:
    return f"sha256:{number:064x}"


def charge(ledger: Ledger, number: int = 0, nano_rho: int = 100, **changes: Any) -> Head:
    arguments: dict[str, Any] = {
        "query": query(number),
        "attempt": 1,
        "grant": "plan-care",
        "nano_rho": nano_rho,
        "delta": 2e-12,
        "granted": 10**9,
        "caps": WIDE,
        "now": NOW,
    }
    return ledger.charge(**{**arguments, **changes})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(path, CAPS)) as opened:
        yield opened


def code(failure: pytest.ExceptionInfo[SamklangError]) -> str:
    return failure.value.code


def test_a_charge_is_there_after_reopening(ledger: Ledger, path: Path) -> None:
    head = charge(ledger)
    with closing(Ledger(path, CAPS)) as again:
        assert again.head == head
        assert again.remaining(now=NOW).month == 900
        assert again.remaining(now=NOW).delta_spent == pytest.approx(Decimal("2e-12"), abs=Decimal("1e-20"))


def test_every_commit_is_synced(ledger: Ledger, path: Path) -> None:
    with ledger._file.reading() as db:
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_attempt_is_charged_once(ledger: Ledger) -> None:
    charge(ledger, nano_rho=400)
    with pytest.raises(SamklangError) as failure:
        charge(ledger, nano_rho=1)
    assert code(failure) == "protocol-repeated"
    assert ledger.head.entries == 1
    charge(ledger, attempt=2, nano_rho=400)
    assert ledger.remaining(now=NOW).month == 200, "another attempt is charged in full"


@pytest.mark.parametrize(
    ("now", "spendable"),
    [
        (NOW, 1000),
        (datetime(2027, 4, 1, tzinfo=UTC), 500),  # the year has 1500
        (datetime(2028, 1, 1, tzinfo=UTC), 1000),
    ],
)
def test_caps_of_each_period(ledger: Ledger, now: datetime, spendable: int) -> None:
    charge(ledger, nano_rho=1000)
    with pytest.raises(SamklangError, match="ledger-cap"):
        charge(ledger, 1, nano_rho=1)
    if now > NOW:
        with pytest.raises(SamklangError, match="ledger-cap"):
            charge(ledger, 1, nano_rho=spendable + 1, now=now)
        assert ledger.remaining(now=now).month == 1000
        charge(ledger, 1, nano_rho=spendable, now=now)


def test_lifetime_cap(ledger: Ledger) -> None:
    for year in range(2):
        charge(ledger, year, nano_rho=1000, now=NOW + timedelta(days=366 * year))
    later = NOW + timedelta(days=366 * 5)
    with pytest.raises(SamklangError, match="lifetime"):
        charge(ledger, 9, nano_rho=501, now=later)
    charge(ledger, 9, nano_rho=500, now=later)
    assert ledger.remaining(now=later).lifetime == 0


def test_months_are_those_of_copenhagen(ledger: Ledger) -> None:
    last = datetime(2027, 3, 31, 21, 59, tzinfo=UTC)  # 23:59 in Copenhagen, summer time
    charge(ledger, nano_rho=1000, now=last)
    with pytest.raises(SamklangError, match="ledger-cap"):
        charge(ledger, 1, nano_rho=1, now=last)
    charge(ledger, 1, nano_rho=500, now=last + timedelta(minutes=1))


def test_a_grants_own_caps_hold_besides(ledger: Ledger) -> None:
    own = Caps(month=300, year=400)
    charge(ledger, 0, nano_rho=300, caps=own)
    with pytest.raises(SamklangError) as failure:
        charge(ledger, 1, nano_rho=1, caps=own)
    assert code(failure) == "ledger-cap"
    assert "plan-care" in str(failure.value)
    charge(ledger, 1, nano_rho=300, caps=own, grant="another")
    assert ledger.remaining(now=NOW, grant="another", caps=own).month == 0
    assert ledger.remaining(now=NOW, grant="third", caps=own).month == 300
    assert ledger.remaining(now=NOW).month == 400


def test_never_more_than_was_granted(ledger: Ledger) -> None:
    with pytest.raises(SamklangError, match="ledger-over-granted"):
        charge(ledger, nano_rho=101, granted=100)
    assert ledger.head.entries == 0


def test_a_clock_that_was_set_back_opens_no_old_month(ledger: Ledger) -> None:
    charge(ledger, nano_rho=1000, now=datetime(2027, 4, 1, 12, tzinfo=UTC))
    with pytest.raises(SamklangError, match="ledger-clock"):
        charge(ledger, 1, now=NOW)
    within = datetime(2027, 4, 1, 11, 57, tzinfo=UTC)
    with pytest.raises(SamklangError, match="ledger-cap"):
        charge(ledger, 1, now=within)


@pytest.mark.parametrize(
    "changes",
    [
        {"query": "abc"},
        {"query": query(0).upper()},
        {"attempt": 0},
        {"attempt": True},
        {"nano_rho": 0},
        {"nano_rho": -5},
        {"nano_rho": 1.5},
        {"grant": "Two Words"},
        {"delta": -1e-12},
        {"delta": 1e-3},
        {"delta": float("nan")},
        {"now": datetime(2027, 3, 1)},
    ],
)
def test_arguments_of_another_form(ledger: Ledger, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        charge(ledger, **changes)
    assert ledger.head.entries == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET nano_rho = 1",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT number, query, attempt, grant_id, 1, delta, at, month, hash "
        "FROM entries",
        "REPLACE INTO entries SELECT 9, query, attempt, grant_id, 1, delta, at, month, hash FROM entries",
        "UPDATE ledger SET id = 'x'",
        "DELETE FROM ledger",
        "INSERT INTO ledger VALUES ('x', 'y')",
    ],
)
def test_what_is_written_stays(ledger: Ledger, path: Path, statement: str) -> None:
    head = charge(ledger)
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    assert ledger.verify() == head


TAMPER = [
    ("UPDATE entries SET nano_rho = 1 WHERE number = 2", "entry 2"),
    ("UPDATE entries SET delta = 0 WHERE number = 3", "entry 3"),
    ("UPDATE entries SET month = '2020-01' WHERE number = 1", "entry 1"),
    ("UPDATE entries SET at = '2020-01-01T00:00:00.000000+00:00' WHERE number = 2", "entry 2"),
    ("UPDATE entries SET grant_id = 'other' WHERE number = 4", "entry 4"),
    ("UPDATE entries SET hash = zeroblob(32) WHERE number = 4", "entry 4"),
    ("DELETE FROM entries WHERE number = 1", "entry 1"),
    ("DELETE FROM entries WHERE number = 3", "entry 3"),
    ("UPDATE ledger SET id = '00000000000000000000000000000000'", "entry 1"),
    ("UPDATE ledger SET version = 'x'", "first line"),
]


def with_triggers_off(path: Path, statement: str) -> None:
    """What somebody with the file and an editor can do: drop the triggers, change, put them back."""
    with closing(sqlite3.connect(path)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute(statement)
        for _, sql in triggers:
            db.execute(sql)
        db.commit()


@pytest.mark.parametrize(("statement", "where"), TAMPER)
def test_tampering_is_named(ledger: Ledger, path: Path, statement: str, where: str) -> None:
    for number in range(4):
        charge(ledger, number)
    with_triggers_off(path, statement)
    with pytest.raises(SamklangError) as failure:
        ledger.verify()
    assert code(failure) == "ledger-broken"
    assert where in str(failure.value)
    with pytest.raises(SamklangError, match="ledger-broken"):
        Ledger(path, CAPS)


def test_a_cut_tail_or_an_older_copy_is_told_by_a_known_head(ledger: Ledger, path: Path) -> None:
    first = charge(ledger, 0)
    second = charge(ledger, 1)
    assert ledger.verify(first) == second
    assert ledger.verify(Head(first.ledger, 0, ledger_start(ledger))) == second
    with_triggers_off(path, "DELETE FROM entries WHERE number = 2")
    ledger.verify(first)
    for known in (second, replace(first, hash="0" * 64), replace(first, ledger="0" * 32)):
        with pytest.raises(SamklangError, match="ledger-rolled-back"):
            ledger.verify(known)


def ledger_start(ledger: Ledger) -> str:
    return hashlib.sha256(f"samklang/ledger/1\n{ledger.head.ledger}".encode()).hexdigest()


def test_a_new_ledger_is_another_one(tmp_path: Path) -> None:
    heads = []
    for name in ("a", "b"):
        with closing(Ledger(tmp_path / name, CAPS)) as ledger:
            heads.append(ledger.head)
    assert heads[0].hash != heads[1].hash


@pytest.mark.parametrize("broken", ["not a database, but long enough to look at" * 100, ""])
def test_other_files_are_refused_or_begun(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "file"
    path.write_text(broken)
    if broken:
        with pytest.raises(SamklangError, match="ledger-damaged"):
            Ledger(path, CAPS)
    else:
        Ledger(path, CAPS).close()
    with closing(sqlite3.connect(tmp_path / "other")) as db:
        db.execute("CREATE TABLE entries (x)")
        db.commit()
    with pytest.raises(SamklangError, match="ledger-broken"):
        Ledger(tmp_path / "other", CAPS)
    with pytest.raises(SamklangError, match="ledger-unavailable"):
        Ledger(tmp_path / "nowhere" / "file", CAPS)


def test_a_dropped_trigger_is_noticed_at_the_next_start(ledger: Ledger, path: Path) -> None:
    charge(ledger)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER entries_no_update")
    with pytest.raises(SamklangError, match="ledger-broken"):
        Ledger(path, CAPS)


def test_nothing_is_charged_if_it_cannot_be_written(ledger: Ledger, path: Path) -> None:
    with ledger._file.reading() as db:
        db.execute("PRAGMA query_only=ON")
    with pytest.raises(SamklangError, match="ledger-unavailable"):
        charge(ledger)
    with ledger._file.reading() as db:
        db.execute("PRAGMA query_only=OFF")
    assert ledger.head.entries == 0
    charge(ledger)


def test_writers_side_by_side_never_exceed_the_cap(path: Path) -> None:
    """Two connections, four threads: the check and the charge are one transaction."""
    outcomes: Counter[str] = Counter()
    with closing(Ledger(path, CAPS)) as one, closing(Ledger(path, CAPS)) as two:

        def work(ledger: Ledger, offset: int) -> None:
            for number in range(offset, offset + 40):
                try:
                    charge(ledger, number % 100, nano_rho=30)
                    outcomes["charged"] += 1
                except SamklangError as error:
                    outcomes[error.code] += 1

        threads = [
            threading.Thread(target=work, args=(ledger, offset))
            for ledger, offset in ((one, 0), (two, 20), (one, 60), (two, 80))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes["charged"] == 33 == one.verify().entries
        assert one.remaining(now=NOW).month == 10
        assert set(outcomes) <= {"charged", "ledger-cap", "protocol-repeated"}


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.integers(1, 2),
            st.integers(1, 600),
            st.sampled_from(["a", "b"]),
            st.integers(0, 500),
        ),
        max_size=25,
    )
)
@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_agrees_with_a_list_and_plain_sums(
    tmp_path: Path, steps: list[tuple[int, int, int, str, int]]
) -> None:
    """The same charges against a model in memory; days only go forward."""
    own = {"a": Caps(month=700, year=900), "b": Caps(month=500, year=5000, lifetime=1200)}
    model: list[tuple[int, int, int, str, datetime]] = []
    path = tmp_path / f"ledger-{time.monotonic_ns()}"
    now = NOW
    with closing(Ledger(path, CAPS)) as ledger:
        for number, attempt, cost, grant, days in steps:
            now += timedelta(days=days)

            def fits(limits: Caps, only: str | None, cost: int = cost, at: datetime = now) -> bool:
                mine = [e for e in model if only in (None, e[3])]
                month = sum(e[2] for e in mine if (e[4].year, e[4].month) == (at.year, at.month))
                year = sum(e[2] for e in mine if e[4].year == at.year)
                lifetime = limits.lifetime if limits.lifetime is not None else 10**15
                return (
                    month + cost <= limits.month
                    and year + cost <= limits.year
                    and sum(e[2] for e in mine) + cost <= lifetime
                )

            if any(e[:2] == (number, attempt) for e in model):
                expected = "protocol-repeated"
            elif fits(CAPS, None) and fits(own[grant], grant):
                expected = ""
            else:
                expected = "ledger-cap"
            try:
                charge(ledger, number, cost, attempt=attempt, grant=grant, caps=own[grant], now=now)
                outcome = ""
                model.append((number, attempt, cost, grant, now))
            except SamklangError as error:
                outcome = error.code
            assert outcome == expected
        assert ledger.verify().entries == len(model)


@pytest.mark.processes
def test_killed_at_any_moment_no_acknowledged_charge_is_missing(tmp_path: Path) -> None:
    """Five lives of one ledger, each ended by SIGKILL while it charges."""
    program = Path(__file__).with_name("ledger_charging.py")
    acknowledged: dict[int, tuple[int, str]] = {}
    for life in range(5):
        first = life * 1_000_000
        process = subprocess.Popen(
            [sys.executable, str(program), str(tmp_path), str(first)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        lines = [process.stdout.readline().rstrip("\n") for _ in range(5)]
        time.sleep(0.03 + 0.045 * life)
        process.kill()
        lines += process.stdout.read().split("\n")[:-1]  # an unfinished line was not acknowledged
        process.wait(timeout=30)
        process.stdout.close()
        for line in lines:
            number, entries, link = line.split()
            acknowledged[int(number)] = (int(entries), link)
    assert len(acknowledged) > 20
    wide = Caps(month=10**15, year=10**15)
    with closing(Ledger(tmp_path / "ledger.sqlite", wide)) as ledger:
        head = ledger.verify()
        for entries, link in list(acknowledged.values())[:: max(1, len(acknowledged) // 20)]:
            ledger.verify(Head(head.ledger, entries, link))
        with ledger._file.reading() as db:
            charged = dict(db.execute("SELECT query, nano_rho FROM entries"))
        assert all(charged[query(number)] == number + 1 for number in acknowledged)
        assert len(acknowledged) <= head.entries <= len(acknowledged) + 5, "over-count: one per crash at most"
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        for number in acknowledged:
            with pytest.raises(SamklangError, match="protocol-repeated"):
                journal.record(query(number), 1, "rows")


def test_an_older_copy_that_was_restored_is_noticed(tmp_path: Path) -> None:
    path, copy = tmp_path / "ledger", tmp_path / "copy"
    with closing(Ledger(path, CAPS)) as ledger:
        charge(ledger, 0)
    shutil.copy(path, copy)
    with closing(Ledger(path, CAPS)) as ledger:
        head = charge(ledger, 1)
    shutil.copy(copy, path)
    with closing(Ledger(path, CAPS)) as ledger, pytest.raises(SamklangError, match="ledger-rolled-back"):
        ledger.verify(head)

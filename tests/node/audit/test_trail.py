"""The durable trail: what it keeps, what it refuses, and what another process sees."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samklang.audit.entry import Event
from samklang.audit.merkle import leaf_hash, verify_consistency, verify_inclusion
from samklang.errors import SamklangError
from samklang.model.calendar import expires
from samklang.node.audit.trail import Trail, open_trail

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
QUERY = "sha256:" + "1" * 64


def event(number: int = 0, kind: str = "asked", **more: object) -> Event:
    return Event(kind=kind, at=AT + timedelta(seconds=number), query=QUERY, attempt=1, **more)  # type: ignore[arg-type]


def raw(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "audit.sqlite", isolation_level=None)


def test_entries_come_back_and_are_proven(tmp_path: Path) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    for number in range(5):
        assert trail.append(event(number, actor=f"a{number}")) == number
    trail.close()
    again = open_trail(tmp_path, "fed", "kommune")
    found = [*again.entries()]
    assert [e.value("actor") for e in found] == [f"a{n}" for n in range(5)]
    assert {e.value("node") for e in found} == {"kommune"}
    head = again.checkpoint()
    assert (head.origin, head.size) == ("samklang/fed/kommune", 5)
    for entry in found:
        verify_inclusion(leaf_hash(entry.leaf), entry.number, 5, again.inclusion(entry.number, 5), head.root)
    three = again.checkpoint(3)
    verify_consistency(3, 5, three.root, head.root, again.consistency(3, 5))
    assert (tmp_path / "audit.sqlite").stat().st_mode & 0o777 == 0o600


def test_two_processes_write_one_log(tmp_path: Path) -> None:
    one, two = open_trail(tmp_path, "fed", "kommune"), open_trail(tmp_path, "fed", "kommune")
    assert [trail.append(event()) for trail in (one, two, two, one)] == [0, 1, 2, 3]
    assert one.checkpoint() == two.checkpoint()


def test_what_happens_once_is_written_once(tmp_path: Path) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    first = trail.append(event(kind="released"), once="released/1")
    assert trail.append(event(kind="released", result="another"), once="released/1") == first
    trail.close()
    again = open_trail(tmp_path, "fed", "kommune")
    assert again.append(event(kind="released"), once="released/1") == first
    assert len(again) == 1


def test_time_never_runs_backwards(tmp_path: Path) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    trail.append(event(60))
    trail.append(event(0))
    assert {e.value("at") for e in trail.entries()} == {"2027-03-01T12:01:00.000000Z"}


def test_nothing_that_looks_like_a_citizens_number_gets_in(tmp_path: Path) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    said = {"recipients": ["anna", "0101501234"], "details": {"why": "CPR 0101501234."}}
    trail.append(event(actor="010150-1234", **said))
    assert b"0101501234" not in (tmp_path / "audit.sqlite").read_bytes()
    (entry,) = trail.entries()
    assert entry.value("actor") == "[number]"
    assert entry.value("recipients") == ["anna", "[number]"]
    assert entry.value("details") == {"why": "CPR [number]."}


def test_the_tree_is_append_only(tmp_path: Path) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    for number in range(3):
        trail.append(event(number))
    trail.close()
    db = raw(tmp_path)
    for statement in (
        "UPDATE leaf SET data = x'00'",
        "DELETE FROM leaf",
        "INSERT OR REPLACE INTO leaf VALUES (1, x'00')",
        "INSERT INTO leaf VALUES (7, x'00')",
        "UPDATE body SET value = '1'",
        "UPDATE log SET origin = 'x'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)


@pytest.mark.parametrize("field", ["actor", "kind", "codes"])
def test_an_altered_body_is_named(tmp_path: Path, field: str) -> None:
    trail = open_trail(tmp_path, "fed", "kommune")
    for number in range(3):
        trail.append(event(number))
    db = raw(tmp_path)
    db.execute("DROP TRIGGER body_no_update")
    db.execute("UPDATE body SET value = '\"other\"' WHERE number = 1 AND field = ?", (field,))
    with pytest.raises(SamklangError) as caught:
        [*trail.entries()]
    assert (caught.value.code, "entry 1" in caught.value.what) == ("ledger-broken", True)
    trail.close()
    with pytest.raises(SamklangError) as caught:
        open_trail(tmp_path, "fed", "kommune")
    assert caught.value.code == "ledger-broken", "a trigger is gone"


def test_the_file_of_another_log_is_refused(tmp_path: Path) -> None:
    open_trail(tmp_path, "fed", "kommune").close()
    with pytest.raises(SamklangError) as caught:
        Trail(tmp_path / "audit.sqlite", "samklang/fed/region", "region")
    assert caught.value.code == "ledger-broken"


def test_days_on_which_bodies_may_go() -> None:
    assert expires(AT, "P5Y") == "2032-03-01"
    assert expires(datetime(2028, 2, 29, 12, tzinfo=UTC), "P1Y") == "2029-02-28"
    assert expires(datetime(2027, 12, 31, 23, 30, tzinfo=UTC), "P1M3D") == "2028-02-04"
    for wrong in ("P", "5Y", "P1W", ""):
        with pytest.raises(ValueError, match="duration"):
            expires(AT, wrong)

"""Signed queries beside the log: kept with their entries, gone with them, never with a citizen's number."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.node.audit.world import AT, OTHER, QUERY

from samklang.audit.entry import Event
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.node.audit.questions import MOST_BYTES, Questions, unkept
from samklang.node.audit.retention import forget, prune
from samklang.node.audit.trail import Trail, open_trail

KEY = SigningKey.from_seed(b"k" * 32)
MARK = b"bundle-of-the-first", b"bundle-of-the-second"


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    return open_trail(tmp_path, "fed", "kommune")


def asked(query: str, attempt: int = 1) -> Event:
    return Event(kind="asked", at=AT, query=query, attempt=attempt, actor="anna")


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("questions.sqlite*"))


def test_a_query_goes_with_the_last_entry_about_it_and_the_tree_stays(trail: Trail, tmp_path: Path) -> None:
    trail.append(asked(QUERY), keep="P1Y", bundle=MARK[0])
    trail.append(asked(QUERY, 2), keep="P2Y", bundle=MARK[0])
    trail.append(asked(OTHER), keep="P1Y", bundle=MARK[1])
    before = trail.checkpoint()
    assert (trail.questions.find(QUERY), trail.questions.find(OTHER)) == MARK
    assert prune(trail, date(2028, 3, 1)).queries == 0, "they were kept a moment ago"
    _age(tmp_path)
    assert prune(trail, date(2028, 3, 1)).queries == 1
    assert (trail.questions.find(QUERY), trail.questions.find(OTHER)) == (MARK[0], None)
    assert prune(trail, date(2029, 3, 1)).queries == 1
    assert trail.checkpoint(3) == before
    trail.close()
    assert not any(mark in files(tmp_path) for mark in MARK)
    again = open_trail(tmp_path, "fed", "kommune")
    assert again.checkpoint(3) == before
    again.close()


def _age(folder: Path, days: int = 2) -> None:
    """As if everything had been kept some days ago; the triggers that forbid it are put back."""
    old = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    with sqlite3.connect(folder / "questions.sqlite") as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'").fetchone()
        db.execute("DROP TRIGGER question_no_update")
        db.execute("UPDATE question SET at = ?", (old,))
        db.execute(trigger)
    db.close()


def test_whatever_is_erased_of_an_entry_the_query_says_once_more(trail: Trail, tmp_path: Path) -> None:
    trail.append(asked(QUERY), bundle=MARK[0])
    trail.append(asked(OTHER), bundle=MARK[1])
    forget(trail, 0, ["actor"])
    assert (trail.questions.find(QUERY), trail.questions.find(OTHER)) == (None, MARK[1])
    trail.close()
    assert MARK[0] not in files(tmp_path)


def test_a_bundle_whose_entry_was_never_written_is_swept_away_after_a_day(
    trail: Trail, tmp_path: Path
) -> None:
    trail.questions.keep(QUERY, MARK[0], AT)
    now = datetime.now(UTC)
    assert trail.questions.sweep(trail.spoken_of(), AT + timedelta(hours=1)) == 0, "its entry may be coming"
    assert trail.questions.sweep(trail.spoken_of(), now + timedelta(days=2000)) == 1
    assert trail.questions.find(QUERY) is None


def test_the_newest_credential_counts_and_the_same_bundle_is_kept_once(trail: Trail, tmp_path: Path) -> None:
    for number, mark in enumerate((MARK[0], MARK[0], MARK[1])):
        trail.questions.keep(QUERY, mark, AT + timedelta(seconds=number))
    assert trail.questions.find(QUERY) == MARK[1]
    with sqlite3.connect(tmp_path / "questions.sqlite") as db:
        assert db.execute("SELECT count(*) FROM question").fetchone() == (2,)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute("UPDATE question SET bundle = x'00'")
    db.close()
    assert (tmp_path / "questions.sqlite").stat().st_mode & 0o777 == 0o600


def test_a_log_from_before_goes_on_and_an_earlier_version_doesnt_mind(trail: Trail, tmp_path: Path) -> None:
    """An earlier version has ``audit.sqlite`` alone; today's leaves that file as it was."""
    trail.append(asked(QUERY), bundle=MARK[0])
    before = trail.checkpoint()
    trail.close()
    for path in tmp_path.glob("questions.sqlite*"):
        path.unlink()
    again = open_trail(tmp_path, "fed", "kommune")
    assert again.questions.find(QUERY) is None
    assert again.append(asked(OTHER), bundle=MARK[1]) == 1
    assert (again.checkpoint(1), again.questions.find(OTHER)) == (before, MARK[1])
    with sqlite3.connect(tmp_path / "audit.sqlite") as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    db.close()
    assert tables == {"log", "leaf", "body", "entry", "head", "partner", "witnessed"}


def test_another_file_in_its_place_is_refused_by_name(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "questions.sqlite") as db:
        db.execute("CREATE TABLE something (x)")
    db.close()
    with pytest.raises(SamklangError) as caught:
        open_trail(tmp_path, "fed", "kommune")
    assert caught.value.code == "ledger-broken"


def bundle(text: str) -> bytes:
    signed = [
        Envelope.sign("x", json.dumps({"title": said}).encode(), [KEY]).to_json() for said in ("", text)
    ]
    return json.dumps(dict(zip(("credential", "query"), signed, strict=True))).encode()


def test_what_isnt_kept(tmp_path: Path) -> None:
    assert unkept(bundle("Planlægning 2027")) is None
    # A generated number, nobody's.
    assert unkept(bundle("om 010150-4444")) == "number"
    assert unkept(bundle("x" * MOST_BYTES)) == "size"
    assert unkept(b"{}") == "number"
    assert Questions(tmp_path).find(QUERY) is None

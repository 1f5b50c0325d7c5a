"""A file that is damaged is told from one that can't be reached: who reads it has other things to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from samklang.errors import Language, SamklangError
from samklang.node.answers import Answers
from samklang.node.append_only import AppendOnlyFile, unreadable
from samklang.node.approvals.file import ApprovalFile
from samklang.node.audit.anchor import recorded_head
from samklang.node.audit.trail import open_trail
from samklang.node.journal import Journal
from samklang.node.ledger import Ledger
from samklang.node.ledger_view import open_ledger
from samklang.policy import Caps

CAPS = Caps(month=10**9, year=10**9)
LANGUAGES: tuple[Language, ...] = ("en", "da")
PAGE = 4096
SCHEMA = ("CREATE TABLE line (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT",)


def filled(path: Path) -> AppendOnlyFile:
    file = AppendOnlyFile(path, "journal", SCHEMA)
    with file.writing() as db:
        db.executemany("INSERT INTO line VALUES (?, ?)", [(n, "x" * 900) for n in range(100)])
    file.shrink()
    return file


def overwrite(path: Path, start: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(data)


def read(path: Path) -> None:
    with closing(AppendOnlyFile(path, "journal", SCHEMA)) as file, file.reading() as db:
        db.execute("SELECT number, text FROM line").fetchall()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: overwrite(path, 0, os.urandom(PAGE)),
        lambda path: overwrite(path, 0, b"<html>moved by accident</html>" * 20),
        lambda path: overwrite(path, PAGE, b"\0" * PAGE),
        lambda path: overwrite(path, 5 * PAGE, b"\xff" * PAGE),
        lambda path: overwrite(path, path.stat().st_size - 20, b"\xc3\x28" * 10),
        lambda path: os.truncate(path, 3 * PAGE),
    ],
    ids=["head", "other-file", "page-of-zeros", "page-of-ones", "no-text", "cut-off"],
)
def test_what_destroys_the_file_is_called_damage(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "file"
    filled(path).close()
    read(path)
    damage(path)
    with pytest.raises(SamklangError) as caught:
        read(path)
    assert caught.value.code == "ledger-damaged"
    english, danish = (" ".join(caught.value.text(lang)) for lang in LANGUAGES)
    assert ("rights" in english, "Don't repair" in english) == (False, True)
    assert ("rettigheder" in danish, "Reparér ikke" in danish) == (False, True)


def test_what_is_around_the_file_is_not(tmp_path: Path) -> None:
    with pytest.raises(SamklangError, match="ledger-unavailable"):
        AppendOnlyFile(tmp_path / "nowhere" / "file", "journal", SCHEMA)
    assert unreadable("journal", PermissionError(13, "no")).code == "ledger-unavailable"
    with closing(sqlite3.connect(tmp_path / "locked", isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with (
            closing(sqlite3.connect(tmp_path / "locked", timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError) as busy,
        ):
            other.execute("CREATE TABLE x (y)")
    assert unreadable("journal", busy.value).code == "ledger-unavailable"


def test_every_record_of_a_node_says_so(tmp_path: Path) -> None:
    """All that lie in its state folder, and those who only look at them."""
    ledger = Ledger(tmp_path / "ledger.sqlite", CAPS)
    open_trail(tmp_path, "tiny", "kommune").close()
    Journal(tmp_path / "journal.sqlite").close()
    ApprovalFile(tmp_path / "approvals.sqlite").close()
    Answers(tmp_path / "answers.sqlite", ledger).close()
    ledger.close()
    other = Ledger(tmp_path / "other.sqlite", CAPS)
    for name in ("ledger", "audit", "journal", "approvals", "answers"):
        overwrite(tmp_path / f"{name}.sqlite", 0, os.urandom(PAGE))

    def looked() -> None:
        with open_ledger(tmp_path):
            pass

    opened: dict[str, Callable[[], object]] = {
        "ledger": lambda: Ledger(tmp_path / "ledger.sqlite", CAPS),
        "audit": lambda: open_trail(tmp_path, "tiny", "kommune"),
        "audit, beside the node": lambda: recorded_head(tmp_path),
        "ledger, beside the node": looked,
        "journal": lambda: Journal(tmp_path / "journal.sqlite"),
        "approvals": lambda: ApprovalFile(tmp_path / "approvals.sqlite"),
        "answers": lambda: Answers(tmp_path / "answers.sqlite", other),
    }
    with closing(other):
        for name, call in opened.items():
            with pytest.raises(SamklangError) as caught:
                call()
            assert caught.value.code == "ledger-damaged", name

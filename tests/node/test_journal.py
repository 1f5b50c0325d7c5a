"""An event is recorded once, whoever asks and however often the node restarts."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from samklang.errors import SamklangError
from samklang.node.journal import Journal

QUERY = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal(path)) as opened:
        yield opened


def test_once_per_attempt_also_after_a_restart(journal: Journal, path: Path) -> None:
    journal.record(QUERY, 1, "opening of cells")
    with pytest.raises(SamklangError) as failure:
        journal.record(QUERY, 1, "opening of cells")
    assert failure.value.code == "protocol-repeated"
    assert "opening of cells" in failure.value.what
    for other in ((QUERY, 2, "opening of cells"), (QUERY, 1, "grouping"), (OTHER, 1, "opening of cells")):
        journal.record(*other)
    with closing(Journal(path)) as again:
        with pytest.raises(SamklangError, match="protocol-repeated"):
            again.record(QUERY, 1, "grouping")
        assert again.events(QUERY, 1) == {"opening of cells", "grouping"}
        assert again.events(OTHER, 2) == frozenset()


def test_of_many_at_once_one_succeeds(journal: Journal, path: Path) -> None:
    with closing(Journal(path)) as second, ThreadPoolExecutor(8) as pool:

        def attempt(i: int) -> str:
            try:
                (journal, second)[i % 2].record(QUERY, 1, "opening of tags")
            except SamklangError as error:
                return error.code
            return "recorded"

        outcomes = list(pool.map(attempt, range(16)))
    assert outcomes.count("recorded") == 1
    assert outcomes.count("protocol-repeated") == 15


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM events", "UPDATE events SET attempt = 9", "REPLACE INTO events SELECT * FROM events"],
)
def test_what_is_written_stays(journal: Journal, path: Path, statement: str) -> None:
    journal.record(QUERY, 1, "grouping")
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)


@pytest.mark.parametrize(
    "arguments",
    [
        ("abc", 1, "x"),
        (QUERY, 0, "x"),
        (QUERY, "1", "x"),
        (QUERY, 1, ""),
        (QUERY, 1, "a\n"),
        (QUERY, 1, "x" * 201),
    ],
)
def test_arguments_of_another_form(journal: Journal, arguments: tuple[Any, Any, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        journal.record(*arguments)


def test_fast_enough_to_precede_every_opening(journal: Journal) -> None:
    """Ten milliseconds is the aim; the fifth of fifty, so that a busy disk and machine don't matter."""
    times = []
    for number in range(50):
        before = time.perf_counter()
        journal.record(QUERY, 1, f"event {number}")
        times.append(time.perf_counter() - before)
    assert sorted(times)[5] < 0.05

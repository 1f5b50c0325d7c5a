"""Which attempts a citizen's record took part in: exact, compact, and unreadable without its key."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from samklang.errors import SamklangError
from samklang.node.audit.citizens import Citizens

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)


def numbers(values: list[int]) -> NDArray[np.bytes_]:
    return np.array([b"0101%06d" % value for value in values], "S10")


def record(store: Citizens, query: int, *arrays: NDArray[np.bytes_]) -> None:
    store.record(
        arrays,
        query=f"sha256:{query:064d}",
        attempt=1,
        at=AT.replace(minute=query % 60),
        organisation="region",
        purpose="statistical/plan",
        purpose_text="Plan",
        basis=["art6-1-e"],
        keep="P1Y",
    )


def queries(store: Citizens, value: int) -> list[int]:
    return [int(one.query[7:]) for one in store.of(f"0101{value:06d}")]


@settings(max_examples=25, deadline=None)
@given(attempts=st.lists(st.lists(st.integers(0, 60), max_size=40), max_size=6))
def test_every_citizen_is_told_exactly_their_own(
    tmp_path_factory: pytest.TempPathFactory, attempts: list[list[int]]
) -> None:
    store = Citizens(tmp_path_factory.mktemp("c"))
    for number, members in enumerate(attempts):
        half = len(members) // 2
        record(store, number, numbers(members[:half]), numbers(members[half:]))
    for value in range(61):
        assert queries(store, value) == [n for n, m in reversed([*enumerate(attempts)]) if value in m]
    store.close()


def test_it_is_compact_and_does_not_hold_a_number(tmp_path: Path) -> None:
    store = Citizens(tmp_path)
    everybody = numbers([*range(100_000)])
    for query in range(5):
        record(store, query, everybody[: 100_000 - 10_000 * query])
    assert queries(store, 70_000) == [2, 1, 0]
    assert queries(store, 99_999) == [0]
    assert queries(store, 500_000) == []
    store.close()
    written = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert len(written) < 2_200_000, "one base of 800 kB, write-ahead log included"
    for number in everybody[::9_973]:
        assert bytes(number) not in written
    assert (tmp_path / "citizens.key").stat().st_mode & 0o777 == 0o600


def test_without_its_key_it_is_gone(tmp_path: Path) -> None:
    store = Citizens(tmp_path)
    record(store, 1, numbers([1, 2, 3]))
    store.close()
    (tmp_path / "citizens.key").unlink()
    again = Citizens(tmp_path)
    assert queries(again, 1) == []
    record(again, 2, numbers([1]))
    assert queries(again, 1) == [2]
    again.close()


def test_what_has_been_kept_long_enough_goes(tmp_path: Path) -> None:
    store = Citizens(tmp_path)
    record(store, 1, numbers([1, 2, 3]))
    assert store.prune(date(2028, 2, 29)) == 0
    assert queries(store, 1) == [1]
    assert store.prune(date(2028, 3, 1)) == 1
    assert queries(store, 1) == []
    store.close()


@pytest.mark.parametrize("text", ["", "1", "010101-123", "010101-12345", "ææææææææææ", "abcdefghij"])
def test_what_is_no_number_is_named_without_repeating_it(tmp_path: Path, text: str) -> None:
    store = Citizens(tmp_path)
    with pytest.raises(SamklangError) as caught:
        store.of(text)
    assert caught.value.code == "audit-citizen-number"
    assert not text or text not in str(caught.value)
    store.close()

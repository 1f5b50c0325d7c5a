"""The coordinator's store without room: a change is made or it isn't, by name, and the next one goes well."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.coordinator.test_store import kept, record, walk
from tests.support.full_disk import no_room

from samklang.coordinator.states import State
from samklang.coordinator.store import Store
from samklang.errors import SamklangError


@pytest.mark.parametrize("pages", [0, 1, 2])
def test_a_change_without_room_is_none_and_the_next_is_made(tmp_path: Path, pages: int) -> None:
    """Also where it is the commit that fails: the transaction must not stay open."""
    store = Store(tmp_path / "store.sqlite")
    assert store.submit(record(), b"bundle")
    walk(store, State.AUTHORISING, State.RUNNING)
    release = b"x" * 40_000
    wal = tmp_path / "store.sqlite-wal"
    for room in (wal.stat().st_size + 4120 * pages, 0):
        with no_room(room), pytest.raises(SamklangError) as caught:
            store.move("q", State.RELEASING, 5, release=release)
        assert caught.value.code == "coordinator-store"
        found = store.get("q")
        assert found is not None
        assert found.state == State.RUNNING
        assert store.unreceipted("q") is None
    store.move("q", State.RELEASING, 5, release=release)
    walk(store, State.DONE)
    assert store.release("q") is not None


def test_a_release_that_can_not_be_deleted_yet_is_deleted_later(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    kept(store, "old", "2028-11-25")
    with no_room(), pytest.raises(SamklangError) as caught:
        store.delete_kept("2028-11-25")
    assert caught.value.code == "coordinator-store"
    assert store.release("old") is not None
    assert store.delete_kept("2028-11-25") == ["old"]
    assert b"the release of old" not in b"".join(f.read_bytes() for f in tmp_path.iterdir())

"""Backup beside a process that writes, restore into an empty folder, and everything that is refused."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samklang.cli import backup as module
from samklang.cli.backup import back_up, restore
from samklang.errors import SamklangError
from samklang.node.ledger import Ledger
from samklang.policy import Caps

CAPS = Caps(10**12, 10**12, 10**12)


def _charge(ledger: Ledger, number: int) -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    query = f"sha256:{number:064x}"
    ledger.charge(
        query=query, attempt=1, grant="g", nano_rho=5, delta=0.0, granted=5, caps=CAPS, now=now
    )  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    (folder / "snapshots" / "x").mkdir(parents=True)
    (folder / "snapshots" / "x" / "citizens.parquet").write_bytes(b"records")
    (folder / "spill").mkdir()
    (folder / "lock").touch()
    (folder / "log.key").write_bytes(b"key")
    with closing(sqlite3.connect(folder / "audit.sqlite")) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE t (x TEXT) STRICT")
    ledger = Ledger(folder / "ledger.sqlite", CAPS)
    _charge(ledger, 1)
    ledger.close()
    return folder


def _refused(step: Callable[[], object]) -> SamklangError:
    with pytest.raises(SamklangError) as refused:
        step()
    return refused.value


def test_a_backup_has_all_but_what_is_made_again(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.tar"
    listed = back_up(state, out, party="node/gp")
    assert list(listed["files"]) == ["audit.sqlite", "log.key", "ledger.sqlite"]
    assert out.stat().st_mode & 0o777 == 0o600
    assert b"records" not in out.read_bytes()
    assert {p.name for p in tmp_path.iterdir()} == {"state", "b.tar"}


def test_a_restored_ledger_is_the_one_that_was_backed_up(state: Path, tmp_path: Path) -> None:
    before = Ledger(state / "ledger.sqlite", CAPS)
    head = before.head
    back_up(state, tmp_path / "b.tar", party="node/gp")
    _charge(before, 2)
    later = before.head
    before.close()
    place = tmp_path / "new" / "state"
    restore(place, tmp_path / "b.tar", party="node/gp")
    assert (place / "log.key").read_bytes() == b"key"
    assert all(p.stat().st_mode & 0o077 == 0 for p in place.iterdir())
    after = Ledger(place / "ledger.sqlite", CAPS)
    assert after.verify(head) == head
    # What partners have seen meanwhile isn't in it, and it can't pretend.
    assert _refused(lambda: after.verify(later)).code == "ledger-rolled-back"
    after.close()


def test_a_backup_while_charges_are_written_is_whole(state: Path, tmp_path: Path) -> None:
    ledger, stop, made = Ledger(state / "ledger.sqlite", CAPS), threading.Event(), []

    def write() -> None:
        number = 2
        while not stop.is_set():
            _charge(ledger, number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(state, tmp_path / f"{number}.tar", party="node/gp")
            made.append(number)
    finally:
        stop.set()
        writer.join()
        ledger.close()
    entries = []
    for number in made:
        restore(tmp_path / f"r{number}", tmp_path / f"{number}.tar", party="node/gp")
        restored = Ledger(tmp_path / f"r{number}" / "ledger.sqlite", CAPS)
        entries.append(restored.verify().entries)
        restored.close()
    assert entries == sorted(entries)
    assert entries[-1] > 1


def test_nothing_is_written_over(state: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.tar"
    back_up(state, out, party="node/gp")
    assert _refused(lambda: back_up(state, out, party="node/gp")).code == "backup-target"
    assert _refused(lambda: restore(state, out, party="node/gp")).code == "backup-state"
    assert _refused(lambda: back_up(tmp_path / "none", tmp_path / "c", party="x")).code == "backup-source"
    assert _refused(lambda: back_up(state, tmp_path / "no" / "c", party="x")).code == "backup-target"


def test_another_partys_backup_is_refused(state: Path, tmp_path: Path) -> None:
    back_up(state, tmp_path / "b.tar", party="node/gp")
    assert (
        _refused(lambda: restore(tmp_path / "r", tmp_path / "b.tar", party="node/ouh")).code == "backup-file"
    )
    assert not (tmp_path / "r").exists()


def _with(tar: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with tarfile.open(tar) as old:
        files = {m.name: old.extractfile(m).read() for m in old.getmembers()}  # type: ignore[union-attr]
    change(files)
    with tarfile.open(tar, "w") as new:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))


def _flip(files: dict[str, bytes]) -> None:
    data = bytearray(files["ledger.sqlite"])
    data[len(data) // 2] ^= 1
    files["ledger.sqlite"] = bytes(data)


def _outside(files: dict[str, bytes]) -> None:
    files["../outside"] = b"x"


def _unlisted(files: dict[str, bytes]) -> None:
    files["more.sqlite"] = b"x"


def _missing(files: dict[str, bytes]) -> None:
    del files["audit.sqlite"]


def _listed_elsewhere(files: dict[str, bytes]) -> None:
    listed = json.loads(files[module.LIST])
    listed["files"]["/etc/x"] = listed["files"].pop("log.key")
    files[module.LIST] = json.dumps(listed).encode()


@pytest.mark.parametrize("change", [_flip, _outside, _unlisted, _missing, _listed_elsewhere])
def test_a_changed_backup_is_refused_whole(
    state: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    tar = tmp_path / "b.tar"
    back_up(state, tar, party="node/gp")
    _with(tar, change)
    assert _refused(lambda: restore(tmp_path / "r", tar, party="node/gp")).code == "backup-file"
    assert not (tmp_path / "r").exists()
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\0" * 2048])
def test_what_is_no_backup_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "b.tar").write_bytes(data)
    assert _refused(lambda: restore(tmp_path / "r", tmp_path / "b.tar", party="x")).code == "backup-file"


def test_a_damaged_database_is_no_backup(state: Path, tmp_path: Path) -> None:
    data = bytearray((state / "ledger.sqlite").read_bytes())
    data[4096:8192] = b"\xff" * 4096
    (state / "ledger.sqlite").write_bytes(data)
    assert _refused(lambda: back_up(state, tmp_path / "b.tar", party="x")).code == "backup-source"
    assert not (tmp_path / "b.tar").exists()

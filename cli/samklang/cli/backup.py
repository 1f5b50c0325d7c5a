"""Backup and restore of a state folder, beside the running process.

A backup is one tar file: every database as SQLite's own online backup gives it, checked; other files as they
are; a list of all with SHA-256. What can be made again stays out: snapshots, spill, locks. The ledger is
copied last, so that it never knows less than what the other files say about it.

A backup is not a way back in time. Restored, it is older than what partners have seen of this node's log;
they notice, and say so by name (docs/operations.md).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from samklang.errors import SamklangError

__all__ = ["back_up", "restore"]

VERSION: Final = "samklang/backup/1"
LIST: Final = "backup.json"
MADE_AGAIN: Final = frozenset({"snapshots", "spill", "lock"})
LAST: Final = "ledger.sqlite"
_BESIDE: Final = ("-wal", "-shm", "-journal")


def back_up(state: Path, out: Path, *, party: str) -> dict[str, Any]:
    """Write a backup of ``state`` to ``out`` (0600), which must not exist; returns its list.

    Args:
        party: whose state it is, ``node/ouh``; a restore asks for the same.

    Raises:
        SamklangError: ``backup-source``, ``backup-target``.
    """
    if out.exists():
        raise SamklangError("backup-target", file=out.name, problem="it exists")
    made = datetime.now(UTC).isoformat(timespec="seconds")
    listed: dict[str, Any] = {"version": VERSION, "party": party, "made": made, "files": {}}
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as place:
            copies = [(name, _copied(state / name, Path(place) / str(i)))
                      for i, name in enumerate(_files(state))]  # fmt: skip
            for name, copy in copies:
                listed["files"][name] = _digest(copy)
            beside = Path(place) / "backup.tar"
            with beside.open("xb") as file:
                os.fchmod(file.fileno(), 0o600)
                with tarfile.open(fileobj=file, mode="w") as tar:
                    _add(tar, LIST, json.dumps(listed, indent=1).encode())
                    for name, copy in copies:
                        tar.add(copy, name, filter=_plain)
                file.flush()
                os.fsync(file.fileno())
            os.link(beside, out)
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise SamklangError("backup-source", problem=name) from None
    except OSError as error:
        raise SamklangError("backup-target", file=out.name, problem=error.strerror or "unusable") from None
    return listed


def restore(state: Path, backup: Path, *, party: str) -> dict[str, Any]:
    """Put a backup where ``state`` is, which must be empty or missing; returns the backup's list.

    Everything is checked before anything is put there.

    Raises:
        SamklangError: ``backup-file`` if it isn't whole, or another party's; ``backup-state`` if there is
            something already.
    """
    if state.exists() and any(p.name != "lock" for p in state.iterdir()):
        raise SamklangError("backup-state", folder=state.name)
    state.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state.parent, prefix=".restore-") as place:
        listed = _unpacked(backup, Path(place))
        if listed["party"] != party:
            raise SamklangError("backup-file", file=backup.name, problem="it is another party's")
        state.mkdir(mode=0o700, exist_ok=True)
        state.chmod(0o700)
        # The ledger last again: a restore that is cut short leaves a folder without one, not a shorter one.
        for name in sorted(listed["files"], key=lambda name: (name == LAST, name)):
            target = state / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(Path(place) / name, target)
    return listed


def _files(state: Path) -> list[str]:
    """What belongs into a backup, by relative name; the ledger last."""
    if not state.is_dir():
        raise SamklangError("backup-source", problem=f"there is no folder {state.name}")
    found = []
    for path in sorted(state.rglob("*")):
        inside = path.relative_to(state)
        if inside.parts[0] in MADE_AGAIN or path.name.endswith(_BESIDE) or not path.is_file():
            continue
        found.append(str(PurePosixPath(inside)))
    return sorted(found, key=lambda name: (name == LAST, name))


def _copied(source: Path, copy: Path) -> Path:
    if source.suffix != ".sqlite":
        shutil.copyfile(source, copy)
        return copy
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as live,
        closing(sqlite3.connect(copy)) as still,
    ):
        live.backup(still)
        if still.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise SamklangError("backup-source", problem=f"{source.name} is damaged")
        # One file by itself: a write-ahead log would have to travel along.
        still.execute("PRAGMA journal_mode=DELETE")
    return copy


def _unpacked(backup: Path, place: Path) -> dict[str, Any]:
    """The list, with every file of it in ``place`` and as it was."""

    def wrong(problem: str) -> SamklangError:
        return SamklangError("backup-file", file=backup.name, problem=problem)

    try:
        with tarfile.open(backup, "r:") as tar:
            tar.extractall(place, filter="data")
        listed: dict[str, Any] = json.loads((place / LIST).read_bytes())
        names = {str(PurePosixPath(p.relative_to(place))) for p in place.rglob("*") if p.is_file()}
        if listed["version"] != VERSION or names != {LIST, *listed["files"]}:
            raise wrong("its list and its files differ")
        for name, digest in listed["files"].items():
            if _digest(place / name) != digest:
                raise wrong("a file in it was changed")
            (place / name).chmod(0o600)
    except OSError as error:
        raise wrong(error.strerror or "unreadable") from None
    except (tarfile.TarError, ValueError, KeyError, TypeError):
        raise wrong("it is no backup") from None
    return listed


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the owner of the machine it was made on."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o600
    return info


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""A snapshot on disk: made whole or not at all, opened read-only, deleted as well as a file system can.

A folder ``snapshots/<id>`` (0700) below the node's state holds one snapshot: ``data.duckdb`` (the logical
tables), ``registers/NAME.npy`` and ``metadata.json`` (0600). It is written under another name, fsynced file
by file, and renamed: what is there under its id is whole. What a killed process left half made, or half
deleted, is removed at the next start.

The files hold citizens' records in the clear; the state folder belongs on an encrypted volume. Deleting
overwrites the files once before it removes them. Where a file system writes elsewhere (copy-on-write,
journals of data, flash that levels wear), old blocks survive that until they are used again: only the
encrypted volume helps there.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from samklang.errors import SamklangError
from samklang.model.accession import Members
from samklang.node.data.engine import Engine
from samklang.node.data.intake import TableIntake
from samklang.node.data.registers import Register
from samklang.node.data.snapshot import Contents, Snapshot

__all__ = ["Frozen", "freeze", "frozen", "remove", "sweep", "thaw"]

FORMAT = 1
_BUILDING, _LEAVING = ".building-", ".leaving-"
_DATA, _META, _REGISTERS = "data.duckdb", "metadata.json", "registers"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a snapshot's metadata say.

    Attributes:
        path: its folder.
        id: 128 random bits, 32 hex digits; also the folder's name.
        due: beginning of the calendar's period it belongs to, UTC.
        loaded_at: when reading began, UTC.
        basis: digest of configuration and documents it was read by; never of the data.
        controllers: whose rows it holds; see :class:`~samklang.node.data.snapshot.Snapshot`.
    """

    path: Path
    id: str
    due: datetime
    loaded_at: datetime
    basis: str
    controllers: frozenset[str] | None = None


def freeze(
    folder: Path, contents: Contents, *, due: datetime, basis: str, members: Members | None = None
) -> Frozen:
    """Read the sources into a new snapshot below ``folder``; it is there when this returns, else not at all.

    Raises:
        SamklangError: those of :meth:`Contents.read`; ``node-snapshot-disk``.
    """
    name = secrets.token_hex(16)
    building = folder / f"{_BUILDING}{name}"
    try:
        with _on_disk():
            building.mkdir(mode=0o700)
            (building / _REGISTERS).mkdir(mode=0o700)
        loaded_at = datetime.now(UTC)
        intake, registers = contents.read(building / _DATA, members)
        with _on_disk():
            (building / _DATA).chmod(0o600)
            meta = {
                "format": FORMAT,
                "id": name,
                "due": due.isoformat(),
                "loaded_at": loaded_at.isoformat(),
                "basis": basis,
                "controllers": sorted(members.joined) if members else None,
                "sectors": list(contents.sectors),
                "tables": {table: _plain(found) for table, found in intake.items()},
                "registers": {n: _save(building, n, register) for n, register in registers.items()},
            }
            _write(building / _META, json.dumps(meta, indent=1).encode())
            _sync(building / _DATA)
            for part in (building / _REGISTERS, building):
                _sync(part)
            building.rename(folder / name)
            _sync(folder)
    except BaseException:
        remove(building)
        raise
    held = members.joined if members else None
    return Frozen(folder / name, name, due, loaded_at, basis, held)


def frozen(folder: Path) -> list[Frozen]:
    """Every whole snapshot below ``folder``, the newest period last; what can't be read is left out."""
    found = []
    for meta in folder.glob(f"*/{_META}"):
        if meta.parent.name.startswith("."):
            continue
        with suppress(OSError, ValueError, KeyError, TypeError):
            said = json.loads(meta.read_bytes())
            due, loaded = (datetime.fromisoformat(said[key]) for key in ("due", "loaded_at"))
            if said["format"] == FORMAT and said["id"] == meta.parent.name and due.tzinfo and loaded.tzinfo:
                listed = said.get("controllers")  # one that is older than accession lists doesn't say
                held = None if listed is None else frozenset(map(str, listed))
                found.append(Frozen(meta.parent, said["id"], due, loaded, str(said["basis"]), held))
    return sorted(found, key=lambda f: (f.due, f.loaded_at))


def thaw(one: Frozen, *, spill_dir: Path, threads: int, memory_mb: int) -> Snapshot:
    """Open a snapshot, read-only.

    Raises:
        SamklangError: ``node-snapshot-damaged``: it isn't what was written.
    """
    try:
        said = json.loads((one.path / _META).read_bytes())
        registers = {name: _load(one.path, name, kept) for name, kept in said["registers"].items()}
        intake = {table: _intake(kept) for table, kept in said["tables"].items()}
        engine = Engine(
            spill_dir, threads=threads, memory_mb=memory_mb, file=one.path / _DATA, read_only=True
        )
    except (OSError, ValueError, KeyError, TypeError, duckdb.Error) as error:
        raise SamklangError("node-snapshot-damaged", private=type(error).__name__) from None
    engine.lock()
    return Snapshot(
        engine,
        said["sectors"],
        intake,
        registers,
        one.loaded_at,
        snapshot_id=one.id,
        due=one.due,
        controllers=one.controllers,
    )


def remove(path: Path) -> None:
    """Delete a snapshot: from now on it isn't one, then its bytes go. Never raises; :func:`sweep` ends it."""
    with suppress(OSError):
        leaving = path.with_name(f"{_LEAVING}{path.name.removeprefix(_BUILDING)}")
        path.rename(leaving)
        _sync(leaving.parent)
        _erase(leaving)


def sweep(folder: Path) -> None:
    """Remove what a killed process left half made or half deleted, and folders that are no snapshot."""
    whole = {one.path for one in frozen(folder)}
    for left in folder.iterdir():
        if left.name.startswith(_LEAVING):
            with suppress(OSError):
                _erase(left)
        elif left.is_dir() and left not in whole:
            remove(left)


def _erase(folder: Path) -> None:
    for part in sorted(folder.rglob("*"), reverse=True):
        if part.is_symlink() or not part.is_file():
            part.rmdir() if part.is_dir() and not part.is_symlink() else part.unlink()
            continue
        with part.open("r+b") as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                left -= file.write(bytes(min(left, _BLOCK)))
            file.flush()
            os.fsync(file.fileno())
        part.unlink()
    folder.rmdir()


def _save(building: Path, name: str, register: Register) -> dict[str, Any]:
    file = building / _REGISTERS / f"{name}.npy"
    with file.open("xb") as out:
        os.fchmod(out.fileno(), 0o600)
        np.save(out, register.cpr, allow_pickle=False)
    _sync(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    # A damaged register would let somebody in. The digest stays here; a snapshot's id is random.
    return {"kind": register.kind, "sha256": digest, "intake": _plain(register.intake)}


def _load(folder: Path, name: str, said: Mapping[str, Any]) -> Register:
    file = folder / _REGISTERS / f"{name}.npy"
    if hashlib.sha256(file.read_bytes()).hexdigest() != said["sha256"]:
        raise ValueError("changed")
    return Register(said["kind"], np.load(file, allow_pickle=False), _intake(said["intake"]))


def _plain(found: TableIntake) -> dict[str, Any]:
    """Without the files' names: they are the configuration's."""
    return {
        "rows_read": found.rows_read,
        "rows_kept": found.rows_kept,
        "quarantined": [[*reason, count] for reason, count in found.quarantined.items()],
        "notes": [[*reason, count] for reason, count in found.notes.items()],
        "one_per_citizen": found.one_per_citizen,
    }


def _intake(said: Mapping[str, Any]) -> TableIntake:
    quarantined, notes = ({(r, c): n for r, c, n in said[key]} for key in ("quarantined", "notes"))
    return TableIntake(
        said["rows_read"], said["rows_kept"], quarantined, notes, (), bool(said["one_per_citizen"])
    )


def _write(file: Path, data: bytes) -> None:
    handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _on_disk:
    """A full or unusable disk gets its name."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError):
            problem = error.strerror or "unusable"
            raise SamklangError("node-snapshot-disk", problem=problem) from None

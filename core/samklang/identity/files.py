"""Private key files: readable by their owner alone, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from samklang.errors import SamklangError

MAX_BYTES = 16 << 10


def write_private(path: Path, data: bytes) -> None:
    """Create ``path`` with mode 0600, fsynced; a crash leaves no half-written file.

    Raises:
        SamklangError: ``identity-key-exists`` if there is such a file: a key is never overwritten.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        raise SamklangError("identity-key-exists", name=path.name) from None
    finally:
        os.unlink(temporary)
    _sync_folder(path.parent)


def read_private(path: Path) -> bytes:
    """The bytes of a private file.

    Raises:
        SamklangError: ``identity-key-unreadable``; ``identity-key-open`` if group or others may read it.
    """
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SamklangError("identity-key-unreadable", name=path.name)
            if status.st_mode & 0o077:
                raise SamklangError("identity-key-open", name=path.name)
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise SamklangError("identity-key-unreadable", name=path.name) from None
    if len(data) > MAX_BYTES:
        raise SamklangError("identity-key-unreadable", name=path.name)
    return data


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

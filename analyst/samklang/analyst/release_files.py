"""Files of a release: one that holds all of it, tables for other programs, and what lies beside them.

``NAME.json`` is the release as the coordinator stored it, and the one that is read again. ``NAME.csv`` is the
table alone, with ``NAME.header.json`` beside it; ``NAME.parquet`` the table with the header in its metadata.
Beside each lies ``NAME.receipt.json`` with the partners' receipts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from samklang.audit.receipt import pack
from samklang.errors import SamklangError

if TYPE_CHECKING:
    from samklang.analyst.release import Release

__all__ = ["HEADER", "RECEIPT", "SUFFIXES", "check_name", "check_readable", "make_folder", "save"]

SUFFIXES: Final = (".csv", ".parquet", ".json")
HEADER: Final = ".header.json"
RECEIPT: Final = ".receipt.json"


def save(release: Release, path: Path) -> list[Path]:
    """Write in the format that the name ends in; returns all files that were written, the named one first.

    Raises:
        SamklangError: ``client-save-format``, ``client-save-file``.
    """
    check_name(path)
    write = {".csv": release.to_csv, ".parquet": release.to_parquet, ".json": release.to_json}[path.suffix]
    written = [path, *([path.with_suffix(HEADER)] if path.suffix == ".csv" else [])]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
        if release.receipts:
            written.append(path.with_suffix(RECEIPT))
            written[-1].write_bytes(pack(release.source, release.receipts))
    except OSError as error:
        problem = error.strerror or "unusable"
        raise SamklangError("client-save-file", file=path.name, problem=problem) from None
    return written


def make_folder(path: Path) -> None:
    """Make a folder for releases; raises ``client-save-file`` if that can't be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = error.strerror or "unusable"
        raise SamklangError("client-save-file", file=path.name, problem=problem) from None


def check_name(path: Path) -> None:
    """Raises ``client-save-format`` unless the file's name says how to write it."""
    for beside in (HEADER, RECEIPT):
        if path.name.endswith(beside):
            raise SamklangError("client-save-format", suffix=beside)
    if path.suffix not in SUFFIXES:
        raise SamklangError("client-save-format", suffix=path.suffix or "a file without suffix")


def check_readable(path: Path) -> None:
    """Raises ``client-release-part`` for a file with a part of a release; it names the one that has all."""
    for suffix in (HEADER, RECEIPT, ".csv", ".parquet"):
        if path.name.endswith(suffix):
            wanted = path.name.removesuffix(suffix) + ".json"
            raise SamklangError("client-release-part", file=path.name, wanted=wanted)

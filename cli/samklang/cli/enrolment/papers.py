"""Papers as files, and fingerprints as people compare them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from samklang.errors import SamklangError
from samklang.model import enrolment
from samklang.model.enrolment import Reply, Request

__all__ = ["grouped", "read_reply", "read_request", "same", "write_new"]

_SHOWN: Final = 32
"""Hex digits of a fingerprint that people compare: 128 bits."""


def read_request(path: Path) -> tuple[Request, str]:
    """A request's file and its fingerprint; raises ``client-file``, ``identity-*``, ``document-*``."""
    return enrolment.read_request(_read(path))


def read_reply(path: Path) -> Reply:
    """A reply's file; its certificates are not checked here. Raises ``client-file``, ``enrolment-file``."""
    return enrolment.read_reply(_read(path), path.name)


def grouped(fingerprint: str) -> str:
    """A fingerprint as people read it aloud: the first 128 bits in groups of four digits."""
    digits = fingerprint.removeprefix("sha256:")[:_SHOWN]
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def same(told: str, fingerprint: str) -> None:
    """Return if ``told`` (in any grouping) is the fingerprint; else raise ``enrolment-fingerprint``."""
    if "".join(told.lower().split()) != fingerprint.removeprefix("sha256:")[:_SHOWN]:
        raise SamklangError("enrolment-fingerprint", found=grouped(fingerprint))


def write_new(path: Path, data: bytes) -> None:
    """Write a file that isn't there yet; raises ``client-file-exists``, ``client-file``."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise SamklangError("client-file-exists", file=path.name) from None
    except OSError as error:
        raise SamklangError("client-file", file=path.name, problem=error.strerror or "unusable") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = error.strerror or "unreadable"
        raise SamklangError("client-file", file=path.name, problem=problem) from None

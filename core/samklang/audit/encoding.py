"""Entries, proofs and statements as JSON, the same in receipts and in exports; reading is strict."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from samklang.audit.entry import Disclosed

__all__ = ["as_bytes", "bounded", "dump_shown", "load", "read_shown", "steps", "text"]

MOST_BYTES = 256 << 20
MOST_PARTS = 8_000_000
"""Values in one file. In Python each takes tens of bytes, however few it has in the file."""


def text(data: bytes) -> str:
    """Base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def as_bytes(value: Any) -> bytes:
    """Read base64; one spelling only. Raises ``ValueError``."""
    if not isinstance(value, str):
        raise ValueError("not a text")
    try:
        data = base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64") from None
    if text(data) != value:
        raise ValueError("another spelling")
    return data


def steps(proof: Sequence[bytes]) -> list[str]:
    return [text(step) for step in proof]


def dump_shown(shown: Mapping[str, Disclosed]) -> dict[str, Any]:
    return {name: {"salt": text(item.salt), "value": item.value} for name, item in shown.items()}


def read_shown(value: Any) -> dict[str, Disclosed]:
    """Raises ``ValueError``."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    found = {}
    for name, item in value.items():
        if not isinstance(item, dict) or item.keys() != {"salt", "value"} or not _is_value(item["value"]):
            raise ValueError("not a disclosed field")
        found[name] = Disclosed(as_bytes(item["salt"]), item["value"])
    return found


def bounded(path: Path) -> bytes:
    """A file's bytes, or of one that is too large for :func:`load` just so many that it says so; raises
    ``OSError``."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def load(data: bytes) -> Any:
    """JSON in UTF-8 without a key twice and without floats; raises ``ValueError``."""
    if len(data) > MOST_BYTES or sum(map(data.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise ValueError("too large")
    try:
        # Bytes, json would also take for UTF-16 or 32, and halves of characters for characters.
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse
        )
    except RecursionError:
        raise ValueError("too deep") from None


def _is_value(value: Any) -> bool:
    if value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return True
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(number: str) -> Any:
    raise ValueError("no such numbers here")

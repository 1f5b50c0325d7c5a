"""A ledger as a file that somebody else can check, with nothing but this module's few lines.

JSON (``samklang/ledger-export/1``): ``ledger`` is the ledger's id, ``entries`` its entries with the members
that are hashed (:mod:`samklang.node.ledger_chain`), all as texts, and ``hash``; ``head`` as one line.
CSV: the same members as columns, and the ledger's id in front. An export holds digests of queries, ids of
grants and amounts; nothing about anybody's data.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from samklang.errors import SamklangError
from samklang.node.ledger_chain import NAMES, Head, Row, check_chain
from samklang.node.ledger_view import Charge

__all__ = ["as_csv", "as_json", "verify_export"]

VERSION = "samklang/ledger-export/1"
_NUMBERS = frozenset({"number", "attempt", "nano_rho", "delta"})


def as_json(head: Head, entries: Iterable[Charge]) -> str:
    """The export as one JSON document; ``head`` is the entries' own."""
    document = {
        "version": VERSION,
        "ledger": head.ledger,
        "entries": [_texts(entry) for entry in entries],
        "head": head.text,
    }
    return json.dumps(document, indent=1) + "\n"


def as_csv(head: Head, entries: Iterable[Charge]) -> str:
    """The export as CSV; without entries it names no ledger."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["ledger", *NAMES, "hash"], lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        writer.writerow({"ledger": head.ledger, **_texts(entry)})
    return out.getvalue()


def verify_export(path: Path, known: Head | None = None) -> Head:
    """Walk the chain of an export (JSON or CSV, told by what is in it); returns its head.

    Raises:
        SamklangError: ``ledger-export-form``, ``ledger-broken``, ``ledger-rolled-back``.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _form(path, "it can't be read") from None
    if text.startswith("{"):
        ledger, entries, stated = _read_json(path, text)
    else:
        ledger, entries, stated = _read_csv(path, text)
    head = check_chain(ledger, _rows(path, entries), known)
    if stated is not None and stated != head.text:
        raise SamklangError("ledger-broken", kind="ledger", where="its head")
    return head


def _texts(entry: Charge) -> dict[str, str]:
    return {name: str(getattr(entry, name)) for name in (*NAMES, "hash")}


def _read_json(path: Path, text: str) -> tuple[str, list[dict[str, Any]], str | None]:
    try:
        document = json.loads(text)
        if document.pop("version") != VERSION:
            raise _form(path, "another version")
        ledger, entries, head = (document.pop(name) for name in ("ledger", "entries", "head"))
    except (ValueError, KeyError, AttributeError):
        raise _form(path, "a member is missing") from None
    if document or not isinstance(ledger, str) or not isinstance(entries, list) or not isinstance(head, str):
        raise _form(path, "a member of another kind")
    return ledger, entries, head


def _read_csv(path: Path, text: str) -> tuple[str, list[dict[str, Any]], None]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if reader.fieldnames != ["ledger", *NAMES, "hash"]:
        raise _form(path, "other columns")
    try:
        entries = list(reader)
    except csv.Error:
        raise _form(path, "it is no CSV") from None
    ledgers = {entry.pop("ledger") for entry in entries}
    if len(ledgers) != 1:
        raise _form(path, "not one ledger")
    return str(ledgers.pop()), entries, None


def _rows(path: Path, entries: Iterable[Any]) -> Iterator[Row]:
    for position, entry in enumerate(entries, 1):
        try:
            if set(entry) != {*NAMES, "hash"} or not all(isinstance(v, str) for v in entry.values()):
                raise ValueError
            values = [int(entry[name]) if name in _NUMBERS else entry[name] for name in NAMES]
            yield (*values, bytes.fromhex(entry["hash"]))
        except (ValueError, TypeError):
            raise _form(path, f"entry {position}") from None


def _form(path: Path, where: str) -> SamklangError:
    return SamklangError("ledger-export-form", file=path.name, where=where)

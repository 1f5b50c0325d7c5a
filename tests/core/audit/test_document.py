"""docs/audit-log.md can be implemented from: its example, computed by code that shares none of the log's."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from tests.core.audit import second_note

from samklang.audit.entry import FIELDS, KINDS
from samklang.audit.receipt import SHOWN

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "audit-log.md").read_text(encoding="utf-8")


def between(mark: str) -> str:
    return TEXT.split(f"<!-- {mark} -->")[1].split(f"<!-- end of {mark} -->")[0]


EXAMPLE = between("example")
NAMES = re.findall(r"`(\w+)`", between("fields"))
NUMBERS, LISTS = (
    {"attempt", "rho_before", "rho_after"},
    "basis variables codes recipients participants approvers",
)


def said(what: str) -> str:
    found = re.search(rf"^\| {re.escape(what)} \| `([^`]+)` \|$", EXAMPLE, re.M)
    assert found, what
    return found[1]


def empty(name: str) -> Any:
    return None if name in NUMBERS else [] if name in LISTS.split() else {} if name == "details" else ""


def commitment(name: str, salt: bytes, value: Any) -> bytes:
    # For these values canonical JSON is what the standard library writes without blanks.
    written = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(b"samklang/audit/field/1\n" + name.encode() + b"\n" + salt + written).digest()


def test_the_fields_are_those_of_the_code() -> None:
    assert tuple(NAMES) == FIELDS
    shown = TEXT.split("`shown` discloses")[1].split(". A verifier")[0]
    assert tuple(re.findall(r"`(\w+)`", shown)) == SHOWN
    for kind in KINDS:
        assert f"`{kind}`" in TEXT, kind


def test_the_example_is_what_the_page_says() -> None:
    values = {name: empty(name) for name in NAMES} | {
        "kind": "asked",
        "at": "2027-01-31T12:00:00.000000Z",
        "node": "kommune",
        "actor": "anna",
        "codes": ["policy-who"],
        "attempt": 1,
    }
    made = [commitment(name, bytes([i]) * 32, values[name]) for i, name in enumerate(NAMES)]
    for name in ("kind", "at", "attempt", "codes", "details"):
        assert said(f"`commitment({name})`") == made[NAMES.index(name)].hex()
    leaf = hashlib.sha256(b"\0" + b"samklang/audit/entry/1\n" + b"".join(made)).digest()
    assert said("leaf hash") == leaf.hex()
    root = hashlib.sha256(b"\1" + leaf + leaf).digest()
    assert said("root of two") == root.hex()
    lines = [line[4:] for line in EXAMPLE.split("\n\n", 1)[1].splitlines() if line[:4] in ("    ", "")]
    note = ("\n".join(lines).strip("\n") + "\n").encode()
    for key in ("the log's vkey", "the witness's vkey"):
        text = second_note.open_note(note, said(key))
        assert second_note.read_head(text) == ("samklang/fed/kommune", 2, root)

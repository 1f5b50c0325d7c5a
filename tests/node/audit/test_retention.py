"""What is deleted is gone; what was proven stays proven."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.node.audit.world import AT

from samklang.audit.deletions import withheld
from samklang.audit.entry import FIELDS, Event
from samklang.node.audit import retention
from samklang.node.audit.retention import due, forget, prune
from samklang.node.audit.trail import Trail, open_trail


@pytest.fixture
def trail(tmp_path: Path) -> Trail:
    made = open_trail(tmp_path, "fed", "kommune")
    for number, keep in enumerate(("P1Y", "P5Y", "P1Y", "P1Y")):
        kind = "charged" if number == 3 else "asked"
        made.append(Event(kind=kind, at=AT, actor=f"secret-actor-{number}"), keep=keep)
    return made


def test_details_go_when_their_time_has_come_and_proofs_stay(trail: Trail, tmp_path: Path) -> None:
    before = trail.checkpoint()
    assert due(trail, date(2028, 2, 29)) == []
    assert prune(trail, date(2028, 2, 29)).entries == 0
    pruned = prune(trail, date(2028, 3, 1))
    assert (pruned.entries, pruned.first, pruned.last) == (2, 0, 2), "the newest charge holds the ledger"
    entries = [*trail.entries()]
    assert [dict(e.shown) == {} for e in entries] == [True, False, True, False, False]
    assert entries[4].value("kind") == "pruned"
    assert entries[4].value("details") == {
        "entries": "2",
        "first": "0",
        "last": "2",
        "why": "retention ended",
    }
    assert trail.checkpoint(4) == before
    assert withheld(entries) == []
    assert withheld(entries[:4]) == [0, 2], "the entry about it accounts for it"
    assert prune(trail, date(2028, 3, 1)).entries == 0
    trail.close()
    written = b"".join(p.read_bytes() for p in tmp_path.glob("audit.sqlite*"))
    assert b"secret-actor-1" in written
    assert b"secret-actor-0" not in written
    assert b"secret-actor-2" not in written
    again = open_trail(tmp_path, "fed", "kommune")
    assert again.checkpoint(4) == before


def test_one_field_of_one_entry_can_be_erased(trail: Trail, tmp_path: Path) -> None:
    before = trail.checkpoint()
    forget(trail, 1, ["actor", "organisation"])
    entry = trail.entry(1)
    assert {*FIELDS} - {*entry.shown} == {"actor", "organisation"}
    assert entry.value("kind") == "asked"
    assert trail.checkpoint(4) == before
    assert withheld([*trail.entries()]) == []
    assert prune(trail, date(2099, 1, 1)).entries == 3, "what says that something was deleted stays"
    assert withheld([*trail.entries()]) == []
    for number, names in ((4, ["kind"]), (9, ["actor"]), (-1, ["actor"]), (1, ["nothing"])):
        with pytest.raises(ValueError, match="no such"):
            forget(trail, number, names)
    trail.close()
    assert b"secret-actor-1" not in b"".join(p.read_bytes() for p in tmp_path.glob("audit.sqlite*"))


def bytes_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.glob("*.sqlite*"))


class Killed(BaseException):
    """Stands where the process ends: nothing after it runs."""


def killed(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("step", ["_delete", "shrink"])
def test_pruning_that_was_cut_short_is_ended_by_the_next_and_said_once(
    trail: Trail, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrinks = iter([trail.file.shrink, killed])  # at the beginning, and after the deletion
    with monkeypatch.context() as patch:
        if step == "_delete":
            patch.setattr(retention, step, killed)
        else:
            patch.setattr(trail.file, step, lambda: next(shrinks)())
        with pytest.raises(Killed):
            prune(trail, date(2028, 3, 1))
    assert b"secret-actor-0" in bytes_of(tmp_path), "in the file or its write-ahead log"
    again = open_trail(tmp_path, "fed", "kommune")  # beside the first: closing that would tidy up
    assert prune(again, date(2028, 3, 1)).entries == (2 if step == "_delete" else 0)
    assert [e.value("kind") for e in again.entries()].count("pruned") == 1
    assert withheld([*again.entries()]) == []
    found = bytes_of(tmp_path)
    assert b"secret-actor-0" not in found
    assert b"secret-actor-1" in found


def test_an_erasure_that_was_cut_short_is_ended_by_the_next_pruning(
    trail: Trail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(retention, "_delete", killed)
        with pytest.raises(Killed):
            forget(trail, 1, ["actor", "organisation"])
    assert trail.entry(1).value("actor") == "secret-actor-1"
    assert prune(trail, date(2027, 3, 1)).entries == 0
    assert {*FIELDS} - {*trail.entry(1).shown} == {"actor", "organisation"}
    assert b"secret-actor-1" not in bytes_of(tmp_path)
    assert prune(trail, date(2027, 3, 1)).entries == 0
    assert [e.value("kind") for e in trail.entries()].count("pruned") == 1

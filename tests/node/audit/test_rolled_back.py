"""A node is shown what it has signed last, and doesn't go on from an older copy of its state."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.node.audit.world import IDENTITIES, MANIFEST, OTHER, RESULT, Node
from tests.support.refusals import code_of

from samklang.audit.checkpoint import Checkpoint
from samklang.audit.entry import Event
from samklang.audit.export import verify_export
from samklang.audit.note import Line, Note
from samklang.audit.witness import write_request
from samklang.coordinator.store import Store
from samklang.identity.keys import SigningKey
from samklang.node.audit.anchor import anchor
from samklang.node.audit.export import Beside, export_log


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path, "kommune")
    yield made
    made.close()


def signed(node: Node) -> bytes:
    """The newest checkpoint, as the coordinator keeps it."""
    return str(node.heads.sign()[1]).encode()


def copy(node: Node, place: Path) -> None:
    node.close()
    shutil.copytree(node.state, place)
    node.open()


def put_back(node: Node, place: Path) -> None:
    """As `samklang node restore` does: the whole state, which is consistent in itself."""
    node.close()
    shutil.rmtree(node.state)
    shutil.copytree(place, node.state)
    node.open()


def test_a_budget_is_not_spent_twice_by_restoring_ledger_and_log_together(node: Node, tmp_path: Path) -> None:
    """Each by itself is told by the other at the start; both of one age agree: only a third can tell."""
    node.take_part()
    early = signed(node)
    copy(node, tmp_path / "backup")
    node.take_part(OTHER)
    late = signed(node)
    for note in (early, late):
        assert code_of(node.service.compare, note) == "", "as long as nothing was put back"
    put_back(node, tmp_path / "backup")
    assert anchor(node.trail, node.ledger) == 0, "ledger and log agree"
    assert node.ledger.has(OTHER, 1) is False, "the charge is gone, and would be made again"
    assert code_of(node.service.compare, early) == ""
    assert code_of(node.service.compare, late) == "audit-rolled-back"
    for number in range(9):  # whatever is written on top of it
        node.trail.append(Event(kind="started", actor=str(number)))
        assert code_of(node.service.compare, late) == "audit-rolled-back"
    assert code_of(node.service.compare, signed(node)) == ""


def test_what_the_node_has_not_signed_itself_stops_nobody(node: Node) -> None:
    """A coordinator can keep a node away by not answering it, and not by making something up."""
    node.take_part()
    signed(node)
    ahead = Checkpoint(node.trail.origin, 10**9, bytes(32))
    assert code_of(node.service.compare, str(ahead.sign(SigningKey.generate())).encode()) == ""
    line = node.heads.sign()[1].lines[0]
    forged = str(Note(ahead.text(), (line,))).encode()
    assert code_of(node.service.compare, forged) == "audit-note-signature"
    other = Checkpoint("samklang/fed/region", 10**9, bytes(32)).sign(node.signer.key)
    assert code_of(node.service.compare, str(other).encode()) == ""
    for nonsense in (b"\xff", b"x", b"a\n\n", b"\n" * 100_000):
        assert code_of(node.service.compare, nonsense) == "audit-note"


def test_a_log_key_that_was_lost_is_another_one_and_the_log_goes_on(node: Node, tmp_path: Path) -> None:
    """Its exports verify, with the cosignatures since; what was kept before is still compared."""
    region = Node(tmp_path, "region")
    keys = {name: key.verify_key for name, key in IDENTITIES.items()}
    before = None
    for number, size in ((0, 0), (1, None)):
        node.take_part(OTHER if number else RESULT)
        state, note = node.heads.sign()
        old = 0 if size == 0 else region.witness.known()[node.trail.origin].size
        request = write_request(old, node.trail.consistency(old, state.size), note)
        line = region.witness.cosign("kommune", node.signer.statement.to_bytes(), request)
        assert isinstance(line, Line)
        whole = note.with_lines([line])
        node.heads.keep(whole, {"region": region.signer.statement})
        before = before or whole
        if number == 0:
            node.close()
            (node.state / "log.key").unlink()
            node.open()
    region.close()
    documents = SimpleNamespace(
        node=MANIFEST.nodes[0], manifest=SimpleNamespace(document=MANIFEST), config=SimpleNamespace()
    )
    found = Beside(documents, node.trail, node.signer, node.heads)  # type: ignore[arg-type]
    export = export_log(found)
    assert node.heads.cosigned() == [*export.heads], "and so does what the node's officer is shown"
    assert before is not None
    verified = verify_export(export, keys, [before])
    assert [seen.witness for seen in verified.cosigned] == ["region"]
    assert code_of(node.service.compare, str(before).encode()) == ""


def test_the_coordinator_keeps_the_newest_of_each_node_across_a_restart(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "c.sqlite")
    assert store.checkpoint("kommune") == b""
    for note in (b"one", b"two"):
        store.keep_checkpoint("kommune", note)
    store.keep_checkpoint("region", b"three")
    store.close()
    again = Store(tmp_path / "c.sqlite")
    assert (again.checkpoint("kommune"), again.checkpoint("region")) == (b"two", b"three")
    again.close()
    with sqlite3.connect(tmp_path / "c.sqlite") as db:
        assert db.execute("SELECT count(*) FROM checkpoint").fetchone() == (2,)

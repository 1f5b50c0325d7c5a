"""A node signs for what it took part in, once; what it is asked twice has one effect."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.node.audit.world import AT, IDENTITIES, MANIFEST, NAMES, OTHER, QUERY, RESULT, Node

from samklang.audit.entry import Event
from samklang.audit.note import COSIGNATURE, Line, NoteKey
from samklang.audit.receipt import SHOWN
from samklang.audit.statement import read_statement
from samklang.audit.witness import Conflict
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.node.audit.anchor import anchor
from samklang.node.audit.keys import open_log_key
from samklang.node.audit.retention import due
from samklang.node.ledger import Ledger
from samklang.policy import Caps
from samklang.v1 import nodes_pb2 as v1


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[dict[str, Node]]:
    made = {name: Node(tmp_path, name) for name in NAMES}
    yield made
    for node in made.values():
        node.close()


def code(call: object, *arguments: object) -> str:
    with pytest.raises(SamklangError) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value.code


def test_a_result_is_recorded_once_whatever_happens_in_between(nodes: dict[str, Node]) -> None:
    node = nodes["kommune"]
    node.take_part()
    number = node.results.record(QUERY, QUERY, 1, RESULT)
    assert node.results.record(QUERY, QUERY, 1, RESULT) == number
    node.reopen()
    assert node.results.record(QUERY, QUERY, 1, RESULT) == number
    assert node.kinds() == ["asked", "charged", "released"]
    entry = node.trail.entry(number)
    assert (entry.value("result"), entry.value("recipients")) == (RESULT, ["anna"])
    assert entry.value("rho_before") is None


def test_another_result_of_the_same_attempt_is_refused(nodes: dict[str, Node]) -> None:
    node = nodes["kommune"]
    node.take_part()
    node.results.record(QUERY, QUERY, 1, RESULT)
    assert code(node.results.record, QUERY, QUERY, 1, "sha256:" + "f" * 64) == "audit-other-result"


def test_what_a_node_took_no_part_in_it_does_not_sign(nodes: dict[str, Node]) -> None:
    node = nodes["kommune"]
    assert code(node.results.record, QUERY, QUERY, 1, RESULT) == "audit-not-mine"
    node.take_part()
    assert code(node.results.record, QUERY, QUERY, 2, RESULT) == "audit-not-mine"
    assert code(node.results.record, OTHER, OTHER, 1, RESULT) == "audit-not-mine"
    node.trail.append(Event(kind="charged", query=OTHER, attempt=1))
    assert code(node.results.record, OTHER, OTHER, 1, RESULT) == "audit-not-mine", "no charge in the ledger"
    number = node.results.record(QUERY, QUERY, 1, RESULT)
    assert code(node.results.prove, number - 1, {}) == "audit-not-mine", "receipts are about results alone"
    assert code(node.results.prove, 99, {}) == "audit-not-mine"


def test_a_stored_result_is_served_to_a_query_that_was_permitted(nodes: dict[str, Node]) -> None:
    node = nodes["kommune"]
    node.take_part()
    assert code(node.results.record, OTHER, QUERY, 1, RESULT) == "audit-not-mine", "never released"
    node.results.record(QUERY, QUERY, 1, RESULT)
    assert code(node.results.record, OTHER, QUERY, 1, RESULT) == "audit-not-mine", "never asked"
    node.trail.append(Event(kind="asked", query=OTHER, attempt=1, decision="deny"))
    assert code(node.results.record, OTHER, QUERY, 1, RESULT) == "audit-not-mine", "denied"
    node.trail.append(Event(kind="asked", query=OTHER, attempt=1, decision="permit", actor="bo"))
    assert code(node.results.record, OTHER, QUERY, 1, RESULT) == "audit-other-answer", "another question"
    node.keys.record(QUERY, 1, "key", "own")
    node.keys.record(OTHER, 1, "key", "own", served=True)
    assert code(node.results.record, OTHER, QUERY, 1, "sha256:" + "f" * 64) == "audit-other-result"
    number = node.results.record(OTHER, QUERY, 1, RESULT)
    assert node.results.record(OTHER, QUERY, 1, RESULT) == number
    entry = node.trail.entry(number)
    assert [entry.value(n) for n in ("kind", "actor", "query")] == ["served", "bo", OTHER]


def cosigned(node: Node, witness: Node, old: int) -> Line | Conflict:
    number = node.results.record(QUERY, QUERY, 1, RESULT)
    receipt, requests = node.results.prove(number, {witness.name: old})
    assert {*receipt.shown} == {*SHOWN}
    return witness.witness.cosign(node.name, node.signer.statement.to_bytes(), requests[witness.name])


def test_a_witness_remembers_over_a_restart(nodes: dict[str, Node]) -> None:
    node, witness = nodes["kommune"], nodes["region"]
    node.take_part()
    line = cosigned(node, witness, 0)
    assert isinstance(line, Line)
    note = node.heads.newest()
    assert note is not None
    node.heads.keep(note.with_lines([line]), {"region": witness.signer.statement})
    key = NoteKey("samklang/fed/region", witness.signer.key.verify_key, COSIGNATURE)
    kept = node.heads.newest()
    assert kept is not None
    assert kept.cosigned(key) > 0
    assert [*node.heads.partners()] == ["region"]
    witness.reopen()
    assert cosigned(node, witness, 0) == Conflict(3)
    assert witness.witness.known()["samklang/fed/kommune"].size == 3
    assert isinstance(cosigned(node, witness, 3), Line)


@pytest.mark.parametrize("later", [0, 1, 2, 5])
def test_a_restored_log_is_refused_and_that_is_on_record(
    nodes: dict[str, Node], tmp_path: Path, later: int
) -> None:
    """Shorter, as long, or longer than what the witness has seen: it is named, and both heads are kept."""
    node, witness = nodes["kommune"], nodes["region"]
    node.take_part()
    node.close()
    shutil.copytree(node.state, tmp_path / "backup")
    node.open()
    assert isinstance(cosigned(node, witness, 0), Line)
    node.close()
    shutil.rmtree(node.state)
    shutil.copytree(tmp_path / "backup", node.state)
    node.open()
    for _ in range(later):
        node.trail.append(Event(kind="started", details={"again": str(later)}))
    expected = "audit-log-behind" if later == 0 else "audit-log-forked"
    if later == 0:
        body = node.trail.checkpoint().sign(node.signer.key)
        request = b"old 0\n\n" + str(body).encode()
        assert code(witness.witness.cosign, "kommune", node.signer.statement.to_bytes(), request) == expected
    else:
        assert code(cosigned, node, witness, 3) == expected
        assert code(cosigned, node, witness, 3) == expected
    (entry,) = [e for e in witness.trail.entries() if e.value("kind") == "witness-refused"]
    assert (entry.value("actor"), entry.value("codes")) == ("kommune", [expected])
    said = entry.value("details")
    assert isinstance(said, dict)
    assert said["cosigned"].startswith("samklang/fed/kommune\n3\n")
    assert said["shown"].startswith("samklang/fed/kommune\n")


def test_a_partner_that_lost_its_file_is_readmitted_by_people_alone(nodes: dict[str, Node]) -> None:
    node, witness = nodes["kommune"], nodes["region"]
    node.take_part()
    cosigned(node, witness, 0)
    assert not witness.witness.readmit("gp")
    assert witness.witness.readmit("kommune")
    assert witness.witness.known() == {}
    assert witness.kinds() == ["witness-reset"]
    assert code(witness.witness.readmit, "nobody") == "audit-statement"


def test_statements_of_others_are_refused(nodes: dict[str, Node]) -> None:
    node, witness = nodes["kommune"], nodes["region"]
    node.take_part()
    _, requests = node.results.prove(node.results.record(QUERY, QUERY, 1, RESULT), {"region": 0})
    statement = node.signer.statement.to_bytes()
    for name, said in (("gp", statement), ("nobody", statement), ("region", statement)):
        assert code(witness.witness.cosign, name, said, requests["region"]) == "audit-statement"


def test_the_service_answers_every_question_and_never_raises(nodes: dict[str, Node]) -> None:
    node = nodes["kommune"]
    node.take_part()
    record = v1.RecordResult(query_digest=QUERY, computed_digest=QUERY, attempt=1, result_digest=RESULT)
    answer = node.service(v1.AuditQuestion(id="a", record=record))
    assert (answer.id, answer.recorded.number) == ("a", 2)
    prove = v1.ProveEntry(number=2, seen={"region": 0})
    proven = node.service(v1.AuditQuestion(id="b", prove=prove)).proven
    add = v1.AddCheckpoint(node="kommune", statement=proven.statement, request=proven.requests["region"])
    line = nodes["region"].service(v1.AuditQuestion(id="c", cosign=add)).cosigned.lines
    assert line.startswith("— samklang/fed/region ".encode())
    for wrong in (
        v1.AuditQuestion(id="x"),
        v1.AuditQuestion(id="x", record=v1.RecordResult(query_digest="nonsense")),
        v1.AuditQuestion(id="x", prove=v1.ProveEntry(number=10**12)),
        v1.AuditQuestion(id="x", cosign=v1.AddCheckpoint(node="region", statement=b"{", request=b"\xff")),
        v1.AuditQuestion(id="x", keep=v1.KeepCheckpoint(note=b"nonsense")),
        v1.AuditQuestion(id="x", keep=v1.KeepCheckpoint(note=b"a\n\n" + line)),
    ):
        answer = node.service(wrong)
        assert (answer.id, answer.WhichOneof("answer")) == ("x", "problem")
        assert answer.problem.code


def test_a_log_signs_nothing_that_does_not_continue_what_it_signed(
    nodes: dict[str, Node], tmp_path: Path
) -> None:
    node = nodes["kommune"]
    for _ in range(3):
        node.trail.append(Event(kind="started"))
    node.heads.sign()
    import sqlite3

    node.close()
    with sqlite3.connect(node.state / "audit.sqlite") as db:
        (trigger,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'leaf_no_update'").fetchone()
        db.execute("DROP TRIGGER leaf_no_update")
        db.execute("UPDATE leaf SET data = x'00' WHERE number = 1")
        db.execute(trigger)
    assert code(node.open) == "ledger-broken"
    with sqlite3.connect(node.state / "audit.sqlite") as db:
        db.execute("DROP TRIGGER leaf_no_update")
        db.execute("UPDATE leaf SET data = x'01' WHERE number = 1")
    assert code(node.open) == "ledger-broken", "and a trigger that is gone"
    (node.state / "audit.sqlite").unlink()
    node.open()


def test_the_log_key_is_private_and_vouched_for(tmp_path: Path) -> None:
    one = open_log_key(tmp_path, "fed", "kommune", IDENTITIES["kommune"])
    again = open_log_key(tmp_path, "fed", "kommune", IDENTITIES["kommune"])
    assert (one.said, one.statement) == (again.said, again.statement)
    assert (tmp_path / "log.key").stat().st_mode & 0o777 == 0o600
    identity = SigningKey.generate()
    moved = open_log_key(tmp_path, "fed", "kommune", identity)
    assert moved.said.key == one.said.key, "a new identity vouches for the same log"
    read_statement(moved.statement, "kommune", "fed", identity.verify_key)
    assert "PRIVATE" not in repr(moved)


def test_ledger_and_log_hold_each_other(nodes: dict[str, Node], tmp_path: Path) -> None:
    node = nodes["kommune"]
    node.take_part()
    assert anchor(node.trail, node.ledger) == 0
    node.ledger.charge(
        query=OTHER,
        attempt=1,
        grant="g",
        nano_rho=7,
        delta=0.0,
        granted=7,
        caps=Caps(month=10**9, year=10**9),
        now=AT + timedelta(days=1),
    )
    assert anchor(node.trail, node.ledger) == 1, "the process ended between charge and entry"
    assert anchor(node.trail, node.ledger) == 0
    entry = node.trail.newest("charged")
    assert entry is not None
    assert [entry.value(n) for n in ("query", "rho_before", "rho_after")] == [OTHER, 5, 12]
    younger = Ledger(tmp_path / "other.sqlite", Caps(month=10**9, year=10**9))
    assert code(anchor, node.trail, younger) == "ledger-rolled-back"
    younger.close()
    assert MANIFEST.nodes


def test_a_result_is_kept_as_long_as_its_charge(nodes: dict[str, Node]) -> None:
    """Whose grant said how long; who asked for what stands in both."""
    node = nodes["kommune"]
    said = {"query": QUERY, "attempt": 1, "recipients": ["anna"]}
    for kind in ("asked", "charged"):
        event = Event(kind=kind, at=AT, actor="secret-anna", decision="permit", **said)  # type: ignore[arg-type]
        node.trail.append(event, keep="P1Y")
    node.ledger.charge(
        query=QUERY, attempt=1, grant="g", nano_rho=5, delta=0.0, granted=5,
        caps=Caps(month=10**9, year=10**9), now=AT,
    )  # fmt: skip
    number = node.results.record(QUERY, QUERY, 1, RESULT)
    day = (AT + timedelta(days=367)).date()
    assert due(node.trail, day) == [0, number], "and the newest charge holds the ledger"

"""Exports verify with public keys alone; whatever is altered, dropped, reordered, cut or forked is named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.audit import AT, COSIGNED_AT, LogNode

from samklang.audit.entry import Event
from samklang.audit.export import (
    Export,
    LogEntry,
    Questions,
    VerifiedExport,
    read_export,
    verify_export,
    write_export,
)
from samklang.audit.note import Line, Note
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.canonical import digest_bytes

IDENTITIES = {n: SigningKey.from_seed(bytes([i + 1]) * 32) for i, n in enumerate(("kommune", "region", "gp"))}
KEYS = {name: key.verify_key for name, key in IDENTITIES.items()}


def event(number: int, text: str = "anna") -> Event:
    return Event(kind="asked", at=AT.replace(second=number % 60), node="kommune", actor=text, attempt=number)


def build(size: int, cosigned_at: int, key: SigningKey | None = None) -> tuple[LogNode, Export]:
    """A log of ``size`` entries, cosigned by two partners when it had ``cosigned_at``."""
    log = LogNode("kommune", IDENTITIES["kommune"], key=key or SigningKey.from_seed(b"\x11" * 32))
    partners = [LogNode(n, IDENTITIES[n], key=SigningKey.from_seed(b"\x22" * 32)) for n in ("region", "gp")]
    heads: list[Note] = []
    for number in range(size):
        log.append(event(number))
        if number + 1 == cosigned_at:
            note = log.head().sign(log.key)
            for partner in partners:
                line = partner.cosign(log, log.request(0))
                assert isinstance(line, Line)
                note = note.with_lines([line])
            heads.append(note)
    return log, exported(log, heads, partners)


def exported(log: LogNode, heads: list[Note], partners: list[LogNode]) -> Export:
    return Export(
        node=log.name,
        federation="fed",
        note=log.head().sign(log.key),
        heads=tuple(heads),
        keys={n.name: n.statement() for n in (log, *partners)},
        entries=[LogEntry(*entry) for entry in log.entries],
    )


LOG, EXPORT = build(9, 6)


def refused(export: Export, earlier: tuple[Note, ...] = (), keys: Any = KEYS) -> str:
    with pytest.raises(SamklangError) as caught:
        verify_export(read_export(write_export(export)), keys, earlier)
    return caught.value.code


def test_an_export_verifies_with_the_keys_alone() -> None:
    found = verify_export(read_export(write_export(EXPORT)), KEYS, EXPORT.heads)
    assert isinstance(found, VerifiedExport)
    assert found.checkpoint == LOG.head()
    assert [(c.witness, c.size, c.at) for c in found.cosigned] == [
        ("gp", 6, COSIGNED_AT),
        ("region", 6, COSIGNED_AT),
    ]
    assert (found.unknown, found.deleted) == ((), 0)
    assert found.export.entries[3].value("attempt") == 3


def test_what_no_partner_has_seen_is_counted_and_results_among_it_apart() -> None:
    found = verify_export(EXPORT, KEYS)
    assert (found.seen, found.unseen_releases) == (6, 0)
    assert {name: one.size for name, one in found.newest_cosigned.items()} == {"gp": 6, "region": 6}
    log, export = build(4, 2)
    for second in (50, 51):
        log.append(Event(kind="released", at=AT.replace(second=second), node="kommune", actor="anna"))
    partners = {n: e for n, e in export.keys.items() if n != "kommune"}
    longer = exported(log, [*export.heads], [])
    found = verify_export(replace(longer, keys={**longer.keys, **partners}), KEYS)
    assert (found.seen, found.unseen_releases) == (2, 2)
    # Without the partners' keys, or without what they signed, nobody but the node has seen anything.
    for alone in (
        verify_export(longer, {"kommune": KEYS["kommune"]}),
        verify_export(replace(longer, heads=()), KEYS),
    ):
        assert (alone.seen, alone.unseen_releases, alone.newest_cosigned) == (0, 2, {})


def test_partners_without_a_key_are_said_to_be_unknown() -> None:
    found = verify_export(EXPORT, {"kommune": KEYS["kommune"], "gp": KEYS["gp"]})
    assert {c.witness for c in found.cosigned} == {"gp"}
    assert found.unknown == ("samklang/fed/region",)
    assert refused(EXPORT, keys={"region": KEYS["region"]}) == "audit-keys"
    stranger = {**KEYS, "kommune": SigningKey.generate().verify_key}
    assert refused(EXPORT, keys=stranger) == "audit-statement"


@settings(max_examples=150, deadline=None)
@given(size=st.integers(2, 24), data=st.data())
def test_whatever_is_done_to_the_entries_is_named(size: int, data: st.DataObject) -> None:
    log, export = build(size, data.draw(st.integers(1, size)))
    entries = list(export.entries)
    at = data.draw(st.integers(0, size - 1))
    kind = data.draw(st.sampled_from(["alter", "drop", "swap", "cut", "insert", "body", "salt"]))
    if kind == "alter":
        other = LogNode("kommune", IDENTITIES["kommune"])
        other.append(event(at, "somebody else"))
        entries[at] = LogEntry(*other.entries[0])
    elif kind == "drop":
        del entries[at]
    elif kind == "swap":
        second = data.draw(st.integers(0, size - 1))
        assume(at != second)
        entries[at], entries[second] = entries[second], entries[at]
    elif kind == "cut":
        del entries[at:]
    elif kind == "insert":
        entries.insert(at, entries[data.draw(st.integers(0, size - 1))])
    else:
        shown = dict(entries[at].shown)
        if kind == "body":
            shown["actor"] = replace(shown["actor"], value="somebody else")
        else:
            shown["actor"] = replace(shown["actor"], salt=bytes(32))
        entries[at] = replace(entries[at], shown=shown)
    code = refused(replace(export, entries=entries))
    assert code in ("audit-proof-consistency", "audit-entry", "audit-export-order")
    assert log.name == "kommune"


def test_the_entry_that_was_changed_is_named_and_nobody_is_sent_to_ask_oneself() -> None:
    shown = {**EXPORT.entries[7].shown}
    shown["purpose"] = replace(shown["purpose"], value="care/find-cases")
    entries = [*EXPORT.entries[:7], replace(EXPORT.entries[7], shown=shown), EXPORT.entries[8]]
    with pytest.raises(SamklangError) as caught:
        verify_export(replace(EXPORT, entries=entries), KEYS)
    for what, fix in (caught.value.text("en"), caught.value.text("da")):
        assert "7" in what
        assert "purpose" in what
        assert "find-cases" not in what + fix
        assert "DPO" not in fix


@settings(max_examples=60, deadline=None)
@given(size=st.integers(2, 20), data=st.data())
def test_a_rewritten_log_is_named_by_a_note_that_was_kept(size: int, data: st.DataObject) -> None:
    """The node signs another history with its own keys; only what others kept can tell."""
    _, export = build(size, data.draw(st.integers(1, size)))
    kept = export.heads[0]
    rewritten = LogNode("kommune", IDENTITIES["kommune"], key=SigningKey.from_seed(b"\x11" * 32))
    again = data.draw(st.integers(1, 2 * size))
    for number in range(again):
        rewritten.append(event(number, "nobody"))
    forged = exported(rewritten, [], [])
    verify_export(forged, KEYS)
    behind = again < int(kept.text.split("\n")[1])
    assert refused(forged, (kept,)) == ("audit-log-behind" if behind else "audit-log-forked")
    assert refused(replace(forged, heads=export.heads)) == "audit-proof-consistency"


def pruned(**details: str) -> Event:
    return Event(kind="pruned", at=AT.replace(minute=59), node="kommune", details=details)


def with_deletions(*said: Event) -> Export:
    """Of nine entries, number 0 and 2 say nothing and number 4 no actor; then what the log says of it."""
    log, _ = build(9, 5)
    for one in said:
        log.append(one)
    export = exported(log, [], [])
    entries = list(export.entries)
    for number in (0, 2):
        entries[number] = replace(entries[number], shown={})
    entries[4] = replace(entries[4], shown={n: d for n, d in entries[4].shown.items() if n != "actor"})
    return replace(export, entries=entries)


ENDED = {"first": "0", "last": "2", "entries": "2", "why": "retention ended"}
ERASED = {"first": "4", "last": "4", "fields": "actor, organisation", "why": "erasure"}


def test_deleted_bodies_leave_the_log_what_it_was() -> None:
    export = with_deletions(pruned(**ENDED), pruned(**ERASED))
    found = verify_export(read_export(write_export(export)), KEYS)
    assert (found.deleted, found.checkpoint.size) == (3, 11)


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ((), 0),
        ((ENDED,), 4),
        ((ERASED,), 0),
        ((ENDED, ERASED | {"fields": "organisation"}), 4),
        ((ENDED, ERASED | {"first": "3"}), 4),
        ((ENDED | {"entries": "1"}, ERASED), 2),
        ((ENDED | {"last": "1", "entries": "9"}, ERASED), 2),
        ((ENDED | {"first": "1"}, ERASED), 0),
        ((ENDED | {"first": "x"}, ERASED), 0),
        ((ENDED | {"first": "-5"}, ERASED), 0),
    ],
)
def test_what_is_left_out_is_not_taken_for_deleted(said: tuple[dict[str, str], ...], first: int) -> None:
    """The leaves and the root are right; but the log doesn't say that this was deleted."""
    with pytest.raises(SamklangError) as caught:
        verify_export(with_deletions(*(pruned(**details) for details in said)), KEYS)
    assert caught.value.code == "audit-withheld"
    assert caught.value.params["entry"] == str(first)


def test_forms_that_are_none() -> None:
    data = write_export(EXPORT)
    document = json.loads(data)
    for wrong in (
        b"",
        b"[]",
        data[:-1],
        data.replace(b"export/1", b"export/2"),
        rfc8785.dumps(document | {"more": 1}),
        rfc8785.dumps(document | {"note": "no note"}),
        rfc8785.dumps(document | {"heads": [1]}),
        rfc8785.dumps(document | {"entries": [{}]}),
        rfc8785.dumps(document | {"keys": {"kommune": {}}}),
    ):
        with pytest.raises(SamklangError) as caught:
            read_export(wrong)
        assert caught.value.code == "audit-export-format"


def test_an_entry_of_another_log_and_time_that_runs_back_are_named() -> None:
    log = LogNode("kommune", IDENTITIES["kommune"])
    log.append(event(5))
    log.append(event(4))
    assert refused(exported(log, [], [])) == "audit-export-order"
    other = LogNode("kommune", IDENTITIES["kommune"])
    other.append(replace(event(0), node="region"))
    assert refused(exported(other, [], [])) == "audit-export-order"


def bundle(text: str) -> tuple[str, bytes]:
    """(digest of a signed document, bundled as queries are)."""
    signed = Envelope.sign("x", text.encode(), [IDENTITIES["gp"]])
    said = {"credential": signed.to_json(), "query": signed.to_json()}
    return digest_bytes(signed.payload), json.dumps(said).encode()


def with_queries() -> Export:
    """A log that was asked two queries, and whose newest entry names its policy."""
    log = LogNode("kommune", IDENTITIES["kommune"], key=SigningKey.from_seed(b"\x11" * 32))
    policy = Envelope.sign("y", b"policy", [IDENTITIES["gp"]])
    found = dict(bundle(text) for text in ("one", "two"))
    for number, digest in enumerate(found):
        log.append(replace(event(number), query=digest, policy=digest_bytes(policy.payload)))
    documents = {"policy": policy.to_bytes()}
    return replace(exported(log, [], []), questions=Questions(found, documents, {"month": 5, "year": 6}))


def test_queries_and_documents_come_along_and_are_what_the_entries_commit_to() -> None:
    export = with_queries()
    written = write_export(export)
    assert json.loads(written)["version"] == "samklang/audit-export/2"
    read = read_export(written)
    assert read.questions == export.questions
    assert verify_export(read, KEYS).checkpoint.size == 2
    assert read_export(write_export(replace(export, questions=None))).questions is None
    asked = export.questions
    assert asked is not None
    first, second = asked.bundles
    stranger = bundle("three")
    for bundles in (
        {first: asked.bundles[second]},
        {**asked.bundles, stranger[0]: stranger[1]},
        {first: asked.bundles[first][:-1]},
        {first: b"{}"},
    ):
        assert refused(replace(export, questions=replace(asked, bundles=bundles))) == "audit-export-query"
    other = Envelope.sign("y", b"another", [IDENTITIES["gp"]]).to_bytes()
    for documents in ({"policy": other}, {"policy": b"{}"}, {"codebook": other}):
        wrong = replace(export, questions=replace(asked, documents=documents))
        assert refused(wrong) == "audit-export-document"


@pytest.mark.parametrize(
    "change",
    [
        {"caps": {"week": 1}},
        {"caps": {"month": True}},
        {"caps": {"month": "5"}},
        {"documents": {"key": ""}},
        {"documents": {"policy": "no base64"}},
        {"queries": {"x": 1}},
        {"queries": []},
        {"version": "samklang/audit-export/1"},
        {"version": "samklang/audit-export/3"},
    ],
)
def test_an_export_with_queries_of_another_form_is_none(change: dict[str, Any]) -> None:
    written = json.loads(write_export(with_queries()))
    with pytest.raises(SamklangError) as caught:
        read_export(json.dumps(written | change).encode())
    assert caught.value.code == "audit-export-format"

"""Exports that were made to be believed: each is refused by a code of its own, and none takes all memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.audit.test_export import (
    EXPORT,
    IDENTITIES,
    KEYS,
    event,
    exported,
    pruned,
    refused,
    with_queries,
)
from tests.support.audit import LogNode
from tests.support.refusals import code_of

from samklang.audit import encoding
from samklang.audit.checkpoint import Checkpoint
from samklang.audit.deletions import withheld
from samklang.audit.encoding import load
from samklang.audit.entry import FIELDS, Disclosed
from samklang.audit.export import Export, LogEntry, read_export, verify_export, write_export
from samklang.audit.merkle import leaf_hash
from samklang.audit.note import LATEST, Line, Note, line_of
from samklang.audit.receipt import read_receipts, unpack
from samklang.identity.keys import SigningKey

KEY = SigningKey.from_seed(b"\x11" * 32)


def commits_to(**values: Any) -> Export:
    """A log, signed and whole, whose second entry commits to whatever its node likes."""
    log = LogNode("kommune", IDENTITIES["kommune"], key=KEY)
    for number in range(3):
        log.append(event(number))
    leaf, shown = log.entries[1]
    changed = shown | {name: Disclosed(bytes(32), value) for name, value in values.items()}
    head = leaf[: -32 * len(FIELDS)]
    try:
        whole = head + b"".join(changed[name].commitment(name) for name in FIELDS)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        whole = leaf  # it has no form that could be committed to
    log.entries[1] = whole, changed
    again = LogNode("kommune", IDENTITIES["kommune"], key=KEY)
    for data, shows in log.entries:
        again.entries.append((data, shows))
        again.tree.append(leaf_hash(data))
    return exported(again, [], [])


STRANGE = [None, 5, True, ["asked"], {"a": "b"}, [["x"]], {"a": {"b": 1}}, {"a": None}, 1 << 60]


@pytest.mark.parametrize("name", ["kind", "at", "query", "attempt", "codes", "details", "node", "policy"])
def test_whatever_a_node_commits_to_its_log_is_verified_or_refused(name: str) -> None:
    """It signs what it likes: a text where a list should be would stop whoever reads on."""
    for value in STRANGE:
        export = commits_to(**{name: value})
        if name == "query":  # verified together with queries that were asked
            export = replace(export, questions=with_queries().questions)
        for one in (export, replace(export, questions=None)):
            assert code_of(verify_export, one, KEYS) in (
                "", "audit-entry", "audit-export-order", "audit-export-query", "audit-withheld",
                "audit-export-document",
            )  # fmt: skip


@pytest.mark.parametrize("value", [["sha256:x"], {"a": "b"}, 5, None])
def test_a_field_of_another_type_is_named(value: Any) -> None:
    assert code_of(verify_export, commits_to(query=value), KEYS) == "audit-entry"


def test_two_logs_mixed() -> None:
    """Entries of one log under the other's checkpoint, whichever is said to be whose."""
    other = LogNode("region", IDENTITIES["region"], key=SigningKey.from_seed(b"\x22" * 32))
    for number in range(9):
        other.append(replace(event(number), node="region"))
    theirs = exported(other, [], [])
    keys = {**theirs.keys, **EXPORT.keys}
    assert refused(replace(EXPORT, entries=theirs.entries)) == "audit-proof-consistency"
    assert refused(replace(EXPORT, note=theirs.note, keys=keys)) == "audit-note-signature"
    assert refused(replace(EXPORT, heads=(*theirs.heads, theirs.note))) == "audit-note-signature"
    assert refused(replace(theirs, node="kommune", keys=EXPORT.keys)) == "audit-note-signature"
    assert refused(replace(theirs, keys={"region": EXPORT.keys["kommune"]})) == "audit-statement"
    half = [*EXPORT.entries[:5], *theirs.entries[5:]]
    assert refused(replace(EXPORT, entries=half)) == "audit-proof-consistency"


def test_two_states_of_one_size_are_not_both_this_log() -> None:
    state = Checkpoint("samklang/fed/kommune", 6, bytes(32))
    assert refused(replace(EXPORT, heads=(*EXPORT.heads, state.sign(KEY)))) == "audit-proof-consistency"
    assert refused(replace(EXPORT, heads=(state.sign(KEY), *EXPORT.heads))) == "audit-proof-consistency"
    assert refused(EXPORT, (EXPORT.heads[0], state.sign(KEY))) == "audit-log-forked"
    assert refused(EXPORT, (Checkpoint("samklang/fed/region", 6, bytes(32)).sign(KEY),)) != ""


def test_a_cosignature_of_a_key_that_is_not_the_partners_now_vouches_for_nothing() -> None:
    """A log key that a partner has lost, or that was never its own: the line stands there, uncounted."""
    note, origin = EXPORT.heads[0], "samklang/fed/region"
    old = line_of(note.text, origin, SigningKey.generate(), cosign_at=5)
    bare = Note(note.text, (note.lines[0], old))
    found = verify_export(replace(EXPORT, heads=(bare,)), KEYS)
    assert found.cosigned == ()
    # Under the id of the key that counts, what isn't its signature is refused.
    (real,) = [line for line in note.lines if line.name == origin]
    forged = Note(note.text, (note.lines[0], Line(origin, real.key_id, old.signature)))
    assert refused(replace(EXPORT, heads=(forged,))) == "audit-note-signature"
    moved = Note(EXPORT.note.text, (*EXPORT.note.lines, real))
    assert refused(replace(EXPORT, note=moved)) == "audit-note-signature"


@pytest.mark.parametrize("at", [LATEST + 1, 1 << 62, (1 << 63) - 1])
def test_a_partner_that_cosigns_at_no_time_that_there_is(at: int) -> None:
    note, key = EXPORT.heads[0], SigningKey.from_seed(b"\x22" * 32)
    late = Note(note.text, (note.lines[0], line_of(note.text, "samklang/fed/gp", key, cosign_at=at)))
    assert refused(replace(EXPORT, heads=(late,))) == "audit-note-signature"


def test_a_checkpoint_of_a_log_key_that_was_lost_counts_by_whoever_kept_it() -> None:
    """The identity vouches for the new key; what was kept is still compared."""
    log = LogNode("kommune", IDENTITIES["kommune"], key=SigningKey.generate())
    for leaf, shown in ((entry.leaf, entry.shown) for entry in EXPORT.entries):
        log.entries.append((leaf, dict(shown)))
        log.tree.append(leaf_hash(leaf))
    export = exported(log, [], [])
    assert verify_export(export, KEYS, EXPORT.heads).checkpoint == log.head()
    other = Checkpoint("samklang/fed/kommune", 6, bytes(32)).sign(KEY)
    assert refused(export, (other,)) == "audit-log-forked"
    elsewhere = Checkpoint("samklang/fed/region", 6, bytes(32)).sign(KEY)
    assert refused(export, (elsewhere,)) == "audit-origin"


class Says:
    """An entry that says what is given, or nothing."""

    def __init__(self, **details: str) -> None:
        self.shown: dict[str, Any] = dict.fromkeys(FIELDS) if details else {}
        self._details = details

    def value(self, name: str) -> Any:
        return {"kind": "pruned", "details": self._details}.get(name) if self.shown else None


def deletion(first: int, last: int, count: int) -> Says:
    return Says(first=str(first), last=str(last), entries=str(count))


KEPT = Says(first="x")


def test_what_one_deletion_did_not_take_another_can_not_hide() -> None:
    """A log says that ten of the old entries went and one of the new ones; it shows one of the old, which its
    node had kept a copy of, and hides two of the new."""
    old, new = [KEPT, *[Says()] * 9], [Says(), Says(), KEPT]
    assert withheld([*old, *new, deletion(0, 9, 10), deletion(10, 12, 1)]) == [11]


def by_trying(missing: Sequence[int], ranges: Sequence[tuple[int, int, int]]) -> int:
    """How many can be excused at most: by trying all ways."""
    if not missing:
        return 0
    best = by_trying(missing[1:], ranges)
    for n, (first, last, count) in enumerate(ranges):
        if first <= missing[0] <= last and count:
            left = [*ranges[:n], (first, last, count - 1), *ranges[n + 1 :]]
            best = max(best, 1 + by_trying(missing[1:], left))
    return best


SPAN = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.booleans(), min_size=6, max_size=6), st.lists(SPAN, max_size=3))
def test_as_many_as_deletions_account_for_are_excused_and_no_more(
    hidden: list[bool], said: list[tuple[int, int, int]]
) -> None:
    entries = [Says() if gone else KEPT for gone in hidden]
    whole = [*entries, *(deletion(*one) for one in said)]
    missing = [n for n, gone in enumerate(hidden) if gone]
    spans = [(a, b, min(n, b - a + 1)) for a, b, n in said if a <= b]
    assert len(withheld(whole)) == len(missing) - by_trying(missing, spans)


WHOLE = write_export(EXPORT)


@pytest.mark.parametrize(
    "data",
    [
        WHOLE.decode().encode("utf-16"),
        WHOLE.decode().encode("utf-32"),
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE.replace(b"kommune", b"k\xffmmune", 1),
        WHOLE.replace(b"kommune", b"k\xed\xa0\x80mmune", 1),
        WHOLE.replace(b'"node":', b'"node":"region","node":', 1),
        WHOLE.replace(b'"entries":', b'"entries":[],"entries":', 1),
        WHOLE.replace(b'"value":5', b'"value":' + b"5" * 5000, 1),
        WHOLE.replace(b'"value":5', b'"value":5.0', 1),
        WHOLE.replace(b'"value":5', b'"value":NaN', 1),
        WHOLE.replace(b'"value":5', b'"value":1e999999', 1),
        WHOLE.replace(b'"value":5', b'"value":' + b"[" * 100_000 + b"]" * 100_000, 1),
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        WHOLE + b"x",
        WHOLE + WHOLE,
    ],
)  # fmt: skip
def test_bytes_that_are_no_export_in_one_reading_alone(data: bytes) -> None:
    assert data != WHOLE
    assert code_of(read_export, data) == "audit-export-format"
    for read in (read_receipts, unpack):
        assert code_of(read, data) == "audit-receipt-format"


def test_a_file_that_unfolds_is_refused_before_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three bytes in the file are an empty list of 56 in memory: 256 MiB would take more than there is."""
    monkeypatch.setattr(encoding, "MOST_PARTS", 10_000)
    load(b"[" + b"[]," * 4000 + b"[]]")
    for part in (b"[],", b"{},", b'"",', b"1,", b'{"a":"b"},'):
        data = b"[" + part * 200_000 + b"1]"
        tracemalloc.start()
        with pytest.raises(ValueError, match="too large"):
            load(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_export_with_anything_put_in_anywhere_is_verified_or_refused(data: st.DataObject) -> None:
    anything = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.sampled_from([1 << 70, "\ud800"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    )
    document: Any = json.loads(write_export(with_queries()))
    where = document
    while True:
        keys = range(len(where)) if isinstance(where, list) else sorted(where)
        key = data.draw(st.sampled_from([*keys]))
        inner = where[key]
        if not isinstance(inner, list | dict) or not inner or data.draw(st.booleans()):
            break
        where = inner
    where[key] = data.draw(anything)
    found = code_of(lambda: verify_export(read_export(json.dumps(document).encode()), KEYS))
    assert found == "" or found.startswith(("audit-", "identity-"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(WHOLE)), st.integers(0, 200))
def test_bytes_put_in_anywhere_are_refused_or_change_nothing(more: bytes, at: int, cut: int) -> None:
    data = WHOLE[:at] + more + WHOLE[at + cut :]
    found = code_of(lambda: verify_export(read_export(data), KEYS))
    assert found.startswith("audit-") or read_export(data) == read_export(WHOLE)


def test_a_proof_without_end_is_not_read_to_its_end() -> None:
    from samklang.audit.merkle import verify_consistency, verify_inclusion

    proof = [bytes(32)] * 100_000
    assert code_of(verify_inclusion, bytes(32), 0, 1 << 60, proof, bytes(32)) == "audit-proof-inclusion"
    assert code_of(verify_consistency, 1, 1 << 60, bytes(32), bytes(32), proof) == "audit-proof-consistency"
    assert code_of(verify_inclusion, bytes(32), 0, 10**4000, [], bytes(32)) == "audit-proof-inclusion"


def test_a_deletion_with_a_reason_that_is_not_true_stays_on_record() -> None:
    """What a node writes of its own deletions can't be checked; that it deleted, and what, is shown."""
    log = LogNode("kommune", IDENTITIES["kommune"], key=KEY)
    for number in range(4):
        log.append(event(number))
    log.append(pruned(first="3", last="3", entries="1", why="retention ended"))
    export = exported(log, [], [])
    entries = [*export.entries]
    entries[3] = LogEntry(entries[3].leaf, {})
    found = verify_export(replace(export, entries=entries), KEYS)
    assert (found.deleted, found.export.entries[4].value("details")["why"]) == (1, "retention ended")

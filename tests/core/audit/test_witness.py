"""A witness remembers: what continues is cosigned; what was cut, rewritten or shown twice is named."""

from __future__ import annotations

import copy

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.audit import LogNode, released

from samklang.audit.note import COSIGNATURE, Line, NoteKey, parse_note
from samklang.audit.witness import Conflict, Known, parse_request, write_request
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey

KEY, WITNESS = SigningKey.from_seed(b"\x01" * 32), SigningKey.from_seed(b"\x02" * 32)


def log(count: int) -> LogNode:
    made = LogNode("kommune", KEY, key=KEY)
    for number in range(count):
        write(made, number)
    return made


def write(made: LogNode, number: int) -> None:
    made.append(released("kommune", b"%d" % number, "sha256:" + "0" * 64, ["kommune"]))


def witness() -> LogNode:
    return LogNode("region", WITNESS, key=WITNESS)


def code(made: LogNode, other: LogNode, body: bytes) -> str:
    with pytest.raises(SamklangError) as caught:
        other.cosign(made, body)
    return caught.value.code


def test_what_continues_is_cosigned() -> None:
    made, other = log(3), witness()
    for old, size in ((0, 3), (3, 3), (3, 7)):
        while len(made.tree) < size:
            write(made, size)
        line = other.cosign(made, made.request(old))
        assert isinstance(line, Line)
        note = made.head().sign(KEY).with_lines([line])
        key = NoteKey(other.origin, WITNESS.verify_key, COSIGNATURE)
        assert parse_note(str(note)).cosigned(key) == 1_800_000_000
        assert other.known[made.origin] == Known(size, made.tree.root())


def test_another_old_size_is_answered_with_the_one_that_is_remembered() -> None:
    made, other = log(5), witness()
    assert other.cosign(made, made.request(3)) == Conflict(0)
    other.cosign(made, made.request(0))
    write(made, 5)
    for old in (0, 3, 6):
        assert other.cosign(made, made.request(old)) == Conflict(5)
    assert other.known[made.origin].size == 5


@settings(deadline=None)
@given(size=st.integers(1, 40), data=st.data())
def test_a_log_that_is_not_what_it_was_is_named(size: int, data: st.DataObject) -> None:
    """Altered, dropped, reordered, cut, or forked: whatever the log then asks for, it isn't cosigned."""
    made, other = log(size), witness()
    other.cosign(made, made.request(0))
    before = copy.deepcopy(other.known)
    kind = data.draw(st.sampled_from(["alter", "drop", "swap", "cut", "fork"]))
    at = data.draw(st.integers(0, size - 1))
    entries = list(made.entries)
    forged = LogNode("kommune", KEY, key=KEY)
    if kind == "drop":
        del entries[at]
    elif kind == "swap":
        second = data.draw(st.integers(0, size - 1))
        assume(second != at)
        entries[at], entries[second] = entries[second], entries[at]
    elif kind == "cut":
        del entries[at:]
    forged_at = at if kind in ("alter", "fork") else -1
    for number, (_, shown) in enumerate(entries):
        if number == forged_at or (kind == "fork" and number > at):
            write(forged, 1000 + number)
        else:
            forged.entries.append(entries[number])
            forged.tree.append(made.tree.leaf(made.entries.index(entries[number])))
        assert shown
    for number in range(data.draw(st.integers(0, 5))):
        write(forged, 2000 + number)
    assume(forged.tree.root() != made.tree.root())
    if len(forged.tree) < size:
        assert code(forged, other, forged.request(0)) == "audit-log-behind"
    else:
        assert code(forged, other, forged.request(size)) == "audit-log-forked"
        assert other.cosign(forged, forged.request(0)) == Conflict(size)
    assert other.known == before


def test_requests_are_read_as_the_specification_writes_them() -> None:
    made = log(6)
    body = made.request(3)
    head, _, note = body.partition(b"\n\n")
    assert head.split(b"\n")[0] == b"old 3"
    assert parse_note(note).text == made.head().text()
    request = parse_request(body)
    assert write_request(request.old, request.proof, request.note) == body
    for wrong in (
        b"",
        head,
        note,
        body.replace(b"old 3", b"old 03"),
        body.replace(b"old 3", b"old -3"),
        body.replace(b"old", b"new"),
        body[:-1],
        b"old 3\n*\n\n" + note,
        b"old 3\n" + b"AAAA\n" * 64 + b"\n" + note,
    ):
        with pytest.raises(SamklangError) as caught:
            parse_request(wrong)
        assert caught.value.code == "audit-note"


def test_an_unsigned_checkpoint_is_nobodys() -> None:
    made, other = log(2), witness()
    stranger = LogNode("kommune", KEY, key=SigningKey.generate())
    stranger.entries, stranger.tree = made.entries, made.tree
    assert code(made, other, stranger.request(0)) == "audit-note-signature"
    assert not other.known

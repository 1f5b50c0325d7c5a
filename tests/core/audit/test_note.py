"""Notes and checkpoints: published vectors, a second implementation, every changed byte."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.audit import second_note

from samklang.audit.checkpoint import Checkpoint, origin_of, parse_checkpoint, read_checkpoint
from samklang.audit.note import COSIGNATURE, Note, NoteKey, line_of, parse_lines, parse_note
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"  # noqa: E501
)
"""The note, keys and signature in the documentation of Go's golang.org/x/mod/sumdb/note."""

SOFA = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"  # noqa: E501
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"  # noqa: E501
)
"""The example of C2SP tlog-cosignature; its text says that the witness signed at 1679315147."""

KEY = SigningKey.from_seed(b"\x01" * 32)
OTHER = SigningKey.from_seed(b"\x02" * 32)
ORIGIN = origin_of("fed", "kommune")
HEAD = Checkpoint(ORIGIN, 5, b"\x07" * 32)


def test_gos_published_note_verifies_and_is_reproduced() -> None:
    key = NoteKey.from_vkey(PETER)
    assert key.vkey == PETER
    note = parse_note(PETER_NOTE)
    note.verify(key)
    private = SigningKey.from_seed(PETER_SEED)
    assert private.verify_key == key.key
    assert str(Note(note.text, (line_of(note.text, "PeterNeumann", private),))) == PETER_NOTE
    assert second_note.open_note(PETER_NOTE.encode(), PETER) == note.text.encode()


def test_the_published_cosigned_checkpoint_is_read_as_it_is_written() -> None:
    note = parse_note(SOFA)
    head = parse_checkpoint(note)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(note) == SOFA
    log, witness = note.lines
    assert (log.name, len(log.signature)) == (head.origin, 64)
    assert (witness.name, len(witness.signature)) == ("witness.example.com/w1", 72)
    assert int.from_bytes(witness.signature[:8], "big") == 1679315147


def test_a_checkpoint_verifies_with_the_second_implementation() -> None:
    note = HEAD.sign(KEY)
    note = note.with_lines([line_of(note.text, "samklang/fed/region", OTHER, cosign_at=1_800_000_000)])
    data = str(note).encode()
    log = NoteKey(ORIGIN, KEY.verify_key)
    witness = NoteKey("samklang/fed/region", OTHER.verify_key, COSIGNATURE)
    for key in (log, witness):
        text = second_note.open_note(data, key.vkey)
        assert second_note.read_head(text) == (ORIGIN, 5, b"\x07" * 32)
    again = parse_note(data)
    assert read_checkpoint(again, log) == HEAD
    assert again.cosigned(witness) == 1_800_000_000


def test_a_cosignature_is_no_signature_of_a_log() -> None:
    """One key serves both; neither line can be passed off as the other."""
    note = HEAD.sign(KEY)
    cosigned = line_of(note.text, ORIGIN, KEY, cosign_at=1)
    log, witness = NoteKey(ORIGIN, KEY.verify_key), NoteKey(ORIGIN, KEY.verify_key, COSIGNATURE)
    assert log.id != witness.id
    moved = type(cosigned)(ORIGIN, log.id, cosigned.signature[8:])
    with pytest.raises(SamklangError):
        Note(note.text, (moved,)).verify(log)
    with pytest.raises(SamklangError):
        note.cosigned(witness)


@settings(deadline=None)
@given(st.data())
def test_one_changed_byte_is_refused(data: st.DataObject) -> None:
    note = HEAD.sign(KEY)
    witness = NoteKey("samklang/fed/region", OTHER.verify_key, COSIGNATURE)
    note = note.with_lines([line_of(note.text, witness.name, OTHER, cosign_at=1_800_000_000)])
    raw = bytearray(str(note).encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))

    def read() -> None:
        found = parse_note(bytes(raw))
        read_checkpoint(found, NoteKey(ORIGIN, KEY.verify_key))
        found.cosigned(witness)

    with pytest.raises(SamklangError) as caught:
        read()
    assert caught.value.code.startswith("audit-")


def test_a_bad_signature_beside_a_good_one_is_refused() -> None:
    note = HEAD.sign(KEY)
    bad = type(note.lines[0])(ORIGIN, note.lines[0].key_id, b"\0" * 64)
    with pytest.raises(SamklangError) as caught:
        note.with_lines([bad]).verify(NoteKey(ORIGIN, KEY.verify_key))
    assert caught.value.code == "audit-note-signature"


def test_signatures_of_unknown_keys_are_left_alone() -> None:
    note = HEAD.sign(KEY).with_lines([line_of(HEAD.text(), ORIGIN, OTHER)])
    assert read_checkpoint(note, NoteKey(ORIGIN, KEY.verify_key)) == HEAD
    data = str(note).replace("\n5\n", "\n6\n").encode()
    with pytest.raises(InvalidSignature):
        second_note.open_note(data, NoteKey(ORIGIN, KEY.verify_key).vkey)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— na me AAAAAAAA\n",
        "text\n\n— a+b AAAAAAAA\n",
        "te\txt\n\n— name AAAAAAAA\n",
        "text\n\n— name AAAAAAA=\n\n",
        "text\r\n\n— name AAAAAAAA\n",
    ],
)
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(SamklangError) as caught:
        parse_note(text)
    assert caught.value.code == "audit-note"


@pytest.mark.parametrize(
    "text", ["o\n05\nA\n", "o\n5\n", "\n5\nAAAA\n", "o\n-1\nAAAA\n", "o\n5\nAAAA\nmore\n"]
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(SamklangError) as caught:
        parse_checkpoint(Note(text, ()))
    assert caught.value.code == "audit-note"


def test_vkeys_and_lines_that_are_none() -> None:
    for wrong in (PETER[:-1], PETER.replace("c74f20a3", "c74f20a4"), "a+b", "a+b+c", ""):
        with pytest.raises(SamklangError):
            NoteKey.from_vkey(wrong)
    for wrong in ("", "\n", "— x\n"):
        with pytest.raises(SamklangError):
            parse_lines(wrong)
    for text, name in (("no newline", "a"), ("a\n", "with space"), ("a\x00\n", "a")):
        with pytest.raises(ValueError, match="note"):
            line_of(text, name, KEY)


def test_another_logs_checkpoint_is_refused() -> None:
    strange = Checkpoint(origin_of("fed", "region"), 5, b"\x07" * 32)
    note = Note(strange.text(), (line_of(strange.text(), ORIGIN, KEY),))
    with pytest.raises(SamklangError) as caught:
        read_checkpoint(note, NoteKey(ORIGIN, KEY.verify_key))
    assert caught.value.code == "audit-origin"

"""A revoked certificate counts no more, from the next call on; a list that can't be read lets nobody in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from samklang.errors import SamklangError
from samklang.transport.peer import Peer
from samklang.transport.revocation import Revoked

GONE, HERE = "ab" * 32, "cd" * 32


def _peer(fingerprint: str) -> Peer:
    return Peer("f", "node", "gp", fingerprint, 0.0)


def _code(revoked: Revoked, fingerprint: str) -> str:
    try:
        revoked.check(_peer(fingerprint))
    except SamklangError as error:
        return error.code
    return ""


def test_without_a_list_everybody_passes(tmp_path: Path) -> None:
    assert _code(Revoked(), GONE) == ""
    assert _code(Revoked(tmp_path / "none"), GONE) == ""


def test_a_line_counts_as_soon_as_it_is_there_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "revoked.txt"
    revoked = Revoked(file)
    assert _code(revoked, GONE) == ""
    file.write_text(f"# whom and when\n\n{GONE} node gp 2026-11-25\n")
    assert _code(revoked, GONE) == "transport-certificate-revoked"
    assert _code(revoked, HERE) == ""
    file.unlink()
    assert _code(revoked, GONE) == "transport-certificate-revoked"


@pytest.mark.parametrize("text", ["nonsense", GONE[:-1], GONE.upper(), f"ok {GONE}", f"{GONE}\nx"])
def test_a_list_that_can_not_be_read_lets_nobody_in(tmp_path: Path, text: str) -> None:
    file = tmp_path / "revoked.txt"
    revoked = Revoked(file)
    file.write_text(text)
    assert _code(revoked, HERE) == "transport-revocations"
    file.write_bytes(b"\xff")
    os.utime(file, (1, 1))
    assert _code(revoked, HERE) == "transport-revocations"

"""What strangers write: no CPR number, however spelled; one line; and nothing else is touched."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.model.plain_text import MOST, has_number, masked, one_line

# Generated numbers, nobody's.
NUMBERS = (
    "0101504444", "010150-4444", "01 01 50 4444", "01.01.50-4444", "01/01/50 4444", "010150\u20114444",
    "010150\u200b4444", "010150\u00a04444", "cpr0101504444", "CPR:0101504444.", "6101504444", "9101504444",
    "010150A123", "010150\u20134444", "01-01-50-4444",
    "\u0660\u0661\u0660\u0661\u0665\u0660\u0664\u0664\u0664\u0664",
)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_seen_however_it_is_written(number: str) -> None:
    assert has_number(f"about {number}")
    assert "444" not in masked(f"about {number}, and so on")
    assert "[number]" in one_line(f"about {number}")


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01 to 2027-01-01", "01.01.2026-31.12.2026", "sag 26/11873", "DBL \u00a7 10", "65-79, 80+",
        "2027-01-31T12:00:00.000000Z", "tlf. 65 51", "0.00001 rho", "\u03b5 1 (\u03b4 1e-8)", "P2Y, PT72H",
    ],
)  # fmt: skip
def test_what_is_no_number_stays(text: str) -> None:
    assert masked(text) == text
    assert one_line(text) == text


@given(st.binary(max_size=16))
def test_digests_stay(data: bytes) -> None:
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    assert masked(digest) == digest
    assert masked(f"ledger/{digest[7:39]}/1012/{digest[7:]}") == f"ledger/{digest[7:39]}/1012/{digest[7:]}"


@given(st.text())
def test_one_line_of_what_can_be_seen(text: str) -> None:
    shown = one_line(text)
    assert len(shown) <= MOST
    assert not has_number(shown)
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}

"""CPR numbers as integers: against Python's own base 36, and every other character refused."""

from __future__ import annotations

from string import ascii_uppercase, digits

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.protocol.packing import pack

ALPHABET = digits + ascii_uppercase
numbers = st.text(ALPHABET, min_size=10, max_size=10)


@given(st.lists(numbers, max_size=30))
def test_is_base_36_and_keeps_the_order(wanted: list[str]) -> None:
    cpr = np.array(wanted, "S10")
    assert pack(cpr).tolist() == [int(w, 36) for w in wanted]
    assert cpr[np.argsort(pack(cpr), kind="stable")].tolist() == sorted(cpr.tolist())


def test_longer_than_what_is_worked_on_at_a_time() -> None:
    cpr = np.array([f"{i:010d}" for i in range(40_000)], "S10")
    assert np.array_equal(pack(cpr), pack(cpr[::-1])[::-1])
    assert (np.diff(pack(cpr).astype(np.int64)) > 0).all()


@pytest.mark.parametrize("place", range(10))
@pytest.mark.parametrize("byte", [b for b in range(256) if chr(b) not in ALPHABET])
def test_any_other_character_is_refused(byte: int, place: int) -> None:
    number = bytearray(b"Z101809Z00")
    number[place] = byte
    cpr = np.frombuffer(b"0101801000" + bytes(number), "S10")
    with pytest.raises(SamklangError) as caught:
        pack(cpr)
    assert caught.value.code == "protocol-own-rows"

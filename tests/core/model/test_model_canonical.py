"""Canonical bytes: one per document, the same as an independent encoding, and nothing else is read."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.core.model.documents import CODEBOOK, DRAFT, POLICY, codebook, with_digest

from samklang.errors import SamklangError
from samklang.model.canonical import canonical, digest, digest_bytes, parse_canonical
from samklang.model.codebook import Codebook
from samklang.model.loading import loads
from samklang.model.policy import Policy
from samklang.model.query import Analyst, Draft, Period, Privacy, Query

DRAFTED = loads(with_digest(DRAFT), Draft).document


def query(**change: Any) -> Query:
    parts = {
        **DRAFTED.model_dump(by_alias=True),
        "analyst": Analyst(id="anna", organisation="north-town"),
        "recipients": ("anna",),
        "nonce": "0" * 32,
        "not_after": datetime(2027, 3, 1, 12, tzinfo=UTC),
        **change,
    }
    return Query.model_validate(parts)


def test_against_an_independent_encoding() -> None:
    """For these documents JCS is JSON with sorted keys and no blanks."""
    for text, model in ((CODEBOOK, Codebook), (POLICY, Policy)):
        data = canonical(loads(text.encode(), model).document)
        again = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert again.encode() == data


def test_the_bytes_of_a_small_document() -> None:
    period = Period(from_=date(2026, 1, 1), until=date(2027, 1, 1), as_of=date(2026, 12, 31))
    assert canonical(period) == b'{"as_of":"2026-12-31","from":"2026-01-01","until":"2027-01-01"}'
    assert digest(period) == digest_bytes(canonical(period))
    assert canonical(Privacy()) == b'{"delta":"0.00000001","epsilon":"1"}'


def test_two_spellings_hash_alike() -> None:
    other = DRAFT.replace("epsilon: 1.0, delta: 1e-8", "delta: 0.00000001, epsilon: 1")
    other = other.replace("- {variable: income}\n", "- as: sum\n    variable: 'income'\n") + "# a remark\n"
    assert other != DRAFT
    assert digest(loads(with_digest(other), Draft).document) == digest(DRAFTED)
    without = DRAFT.replace("privacy: {epsilon: 1.0, delta: 1e-8}\n", "")
    assert digest(loads(with_digest(without), Draft).document) == digest(DRAFTED)


def test_every_change_of_content_changes_the_digest() -> None:
    changes: list[dict[str, Any]] = [
        {"nonce": "1" * 32},
        {"not_after": datetime(2027, 3, 1, 12, 0, 1, tzinfo=UTC)},
        {"recipients": ("anna", "bo")},
        {"max_attempts": 1},
        {"privacy": Privacy(epsilon=Decimal("1.01"))},
        {"nodes": ("gp", "north")},
        {"require": {}},
        {"target_group": None},
    ]
    digests = {digest(query())} | {digest(query(**c)) for c in changes}
    assert len(digests) == len(changes) + 1


def test_an_instant_is_the_same_in_every_zone() -> None:
    copenhagen = timezone(timedelta(hours=1))
    assert digest(query(not_after=datetime(2027, 3, 1, 13, tzinfo=copenhagen))) == digest(query())


class Loose(BaseModel):
    value: Any


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), 2**53 + 1, datetime(2027, 1, 1), Decimal("NaN"), b"x", {"a": [0.1]},
     datetime(2027, 1, 1, microsecond=1, tzinfo=UTC), Decimal("1e-999999999"), Decimal("1e999999999")],
)  # fmt: skip
def test_what_has_no_canonical_form(value: object) -> None:
    with pytest.raises(ValueError):
        canonical(Loose(value=value))


DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=6)


@given(DECIMALS, st.integers(0, 5))
def test_decimals_are_plain_and_short(value: Decimal, zeros: int) -> None:
    same = value.scaleb(-zeros) * 10**zeros
    text = json.loads(canonical(Loose(value=value)))["value"]
    assert Decimal(text) == value
    assert "e" not in text.lower()
    assert canonical(Loose(value=same)) == canonical(Loose(value=value))


NAMES = st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,8}\Z").filter(lambda name: any(c.islower() for c in name))
LEVELS = st.from_regex(r"\A[A-Za-zæøå0-9+<>=.\-]{1,6}\Z")


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    axis = st.one_of(
        st.fixed_dictionaries({"variable": NAMES, "banding": NAMES}),
        st.fixed_dictionaries({"presence": NAMES}),
    )
    return Draft.model_validate(
        {
            "title": {"en": draw(st.text(max_size=10)), "da": draw(st.text(max_size=10))},
            "federation": draw(NAMES),
            "codebook": digest(codebook()),
            "operation": "stratify",
            "purpose": {"family": "statistical", "id": draw(NAMES), "text": draw(st.text(max_size=5))},
            "period": {"from": draw(st.dates()), "until": draw(st.dates()), "as_of": draw(st.dates())},
            "axes": tuple(draw(st.lists(axis, min_size=1, max_size=4))),
            "require": draw(st.dictionaries(NAMES, st.lists(LEVELS, max_size=2).map(tuple), max_size=2)),
            "privacy": {"epsilon": draw(st.decimals("0.01", 8, places=3))},
        }
    )


@settings(max_examples=50)
@given(drafts())
def test_round_trip(draft: Draft) -> None:
    data = canonical(draft)
    assert parse_canonical(data, Draft) == draft
    assert canonical(parse_canonical(data, Draft)) == data


@given(st.data())
def test_no_other_bytes_stand_for_a_document(data: st.DataObject) -> None:
    """Whatever is changed in the bytes: refused, or another document with another digest."""
    good = canonical(query())
    at = data.draw(st.integers(0, len(good) - 1))
    piece = data.draw(st.sampled_from([b"", b" ", b"0", b'"', b",", b"null", b"\\u0061", b"e", b"}"]))
    bad = good[:at] + piece + good[at + data.draw(st.integers(0, 1)) :]
    try:
        parsed = parse_canonical(bad, Query)
    except SamklangError as error:
        if not error.code.startswith("document-"):
            raise
        return
    assert canonical(parsed) == bad
    assert (digest(parsed) == digest(query())) == (bad == good)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"as_of"', b'"as_of" '),
        (b'{"analyst"', b'{"analyst":{"id":"bo","organisation":"x"},"analyst"'),
        (b'"from":', b'"from_":'),
        (b'"epsilon":"1"', b'"epsilon":"1.0"'),
        (b'"epsilon":"1"', b'"epsilon":1'),
        (b'"max_attempts":3', b'"max_attempts":3.0'),
        (b'"max_attempts":3', b'"max_attempts":"3"'),
        (b'12:00:00Z"', b'12:00:00+00:00"'),
        (b'12:00:00Z"', b'12:00:00.5Z"'),
        (b'12:00:00Z"', b'12:00:00"'),
        (b'"operation":"stratify"', b'"operation":"strat\\u0069fy"'),
        ("Område".encode(), b"Omr\\u00e5de"),
    ],
)
def test_other_spellings_are_refused(old: bytes, new: bytes) -> None:
    good = canonical(query())
    assert good.count(old) >= 1
    with pytest.raises(SamklangError, match="document-"):
        parse_canonical(good.replace(old, new, 1), Query)
    for odd in (b"", b"\xff", b"[]", b"null", good + b"\n", b"\xef\xbb\xbf" + good, b"[" * 100_000):
        with pytest.raises(SamklangError, match="document-"):
            parse_canonical(odd, Query)

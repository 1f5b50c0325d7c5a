"""Bundles and documents that were made to break their reader: refused by name, whoever has signed them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.core.model.documents import manifest
from tests.core.model.test_model_signing import ANNA, NOW, credential, query

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.model.canonical import canonical, parse_canonical, parse_exact
from samklang.model.codebook import Codebook
from samklang.model.enrolment import Request, read_request
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.query import Query
from samklang.model.signing import INTENTS, verify_query

GOOD = canonical(query())
MEMBERS = manifest()
ODD = [
    b'{"title":' + b"1" * 5000 + b"}",
    b'{"federation":"a","federation":' + b"9" * 4301 + b"}",
    b"[" * 100_000,
    b'{"a":' * 300 + b"1" + b"}" * 300,
    b'{"title":' + b"[" * 190 + b"]" * 190 + b"}",
    b'{"title":"\\ud800"}',
    b'{"title":NaN}',
    b'{"title":1e999999999}',
    b'{"title":-0}',
    b'"\xff"',
    b"\x00",
    b"",
    b"null",
    b'{"a":1,"a":2}',
    GOOD.decode().encode("utf-16"),
    b"\xef\xbb\xbf" + GOOD,
    GOOD + b" ",
    GOOD + GOOD,
]


def refused(function: Any, *words: Any, **more: Any) -> str:
    with pytest.raises(SamklangError) as caught:
        function(*words, **more)
    return caught.value.code


def bundle(payload: bytes, kind: str = INTENTS["query"]) -> bytes:
    """As an analyst who is vouched for hands it in, with whatever ``payload`` signed by the right key."""
    signed = Envelope.sign(kind, payload, [ANNA]).to_json()
    return json.dumps({"credential": json.loads(credential()), "query": signed}).encode()


def test_the_bundle_itself_is_fine() -> None:
    assert verify_query(bundle(GOOD), MEMBERS, NOW).analyst == "anna"


@pytest.mark.parametrize("payload", ODD)
def test_what_a_permitted_analyst_signs_is_read_or_refused(payload: bytes) -> None:
    assert refused(verify_query, bundle(payload), MEMBERS, NOW).startswith("document-")
    models: tuple[type[BaseModel], ...] = (Query, Manifest, Codebook, Policy, Request)
    for model in models:
        for parse in (parse_canonical, parse_exact):
            refused(parse, payload, model)


@settings(max_examples=300, deadline=None)
@given(more=st.binary(max_size=40), at=st.integers(0, len(GOOD)), cut=st.integers(0, 60))
def test_a_signed_query_with_bytes_put_in_anywhere(more: bytes, at: int, cut: int) -> None:
    payload = GOOD[:at] + more + GOOD[at + cut :]
    try:
        found = verify_query(bundle(payload), MEMBERS, NOW)
    except SamklangError:
        return
    assert canonical(found.query) == payload, "one document has one form"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.sampled_from(ODD))
def test_bytes_that_are_no_bundle_and_no_paper(data: bytes) -> None:
    assert refused(verify_query, data, MEMBERS, NOW).startswith("identity-")
    refused(read_request, data)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_bundle_with_anything_put_in_anywhere(data: st.DataObject) -> None:
    anything = (
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just([[]]) | st.just({"a": {}})
    )
    document: Any = json.loads(bundle(GOOD))
    where = document
    while True:
        key = data.draw(st.sampled_from([*(range(len(where)) if isinstance(where, list) else sorted(where))]))
        if not isinstance(where[key], list | dict) or data.draw(st.booleans()):
            break
        where = where[key]
    before = where[key]
    where[key] = data.draw(anything)
    if where[key] != before and key != "keyid":
        assert refused(verify_query, json.dumps(document).encode(), MEMBERS, NOW)

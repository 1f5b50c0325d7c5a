"""DSSE envelopes: the specification's vector, and nothing but what was signed gets through."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope, pae, parse_json
from samklang.identity.keys import SigningKey

TYPE = "application/vnd.samklang.query.v1+json"
KEY, OTHER = SigningKey.from_seed(bytes(32)), SigningKey.from_seed(bytes([1]) * 32)


def test_pae_is_the_specification_s() -> None:
    # secure-systems-lab/dsse, protocol.md, "Test Vectors".
    got = pae("http://example.com/HelloWorld", b"hello world")
    assert got == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(st.text(max_size=20), st.binary(max_size=20), st.text(max_size=20), st.binary(max_size=20))
def test_pae_is_injective(kind1: str, body1: bytes, kind2: str, body2: bytes) -> None:
    same = (kind1, body1) == (kind2, body2)
    assert (pae(kind1, body1) == pae(kind2, body2)) == same


@given(st.binary(max_size=200))
def test_what_was_signed_comes_back(payload: bytes) -> None:
    data = Envelope.sign(TYPE, payload, [KEY, OTHER]).to_bytes()
    assert Envelope.from_bytes(data).verify(TYPE, [KEY.verify_key]) == payload
    assert Envelope.from_bytes(data).verify(TYPE, [OTHER.verify_key, KEY.verify_key]) == payload


def test_every_key_must_have_signed() -> None:
    envelope = Envelope.sign(TYPE, b"{}", [KEY])
    with pytest.raises(SamklangError, match="identity-signature-missing"):
        envelope.verify(TYPE, [KEY.verify_key, OTHER.verify_key])
    with pytest.raises(SamklangError, match="identity-signature-missing"):
        envelope.verify(TYPE, [])
    with pytest.raises(SamklangError, match="identity-envelope-type"):
        envelope.verify("application/vnd.samklang.policy.v1+json", [KEY.verify_key])


def test_a_keyid_proves_nothing() -> None:
    envelope = Envelope.sign(TYPE, b"{}", [OTHER])
    (signature,) = envelope.signatures
    forged = Envelope(TYPE, b"{}", (type(signature)(KEY.verify_key.keyid, signature.sig),))
    with pytest.raises(SamklangError, match="identity-signature"):
        forged.verify(TYPE, [KEY.verify_key])


def test_type_and_payload_are_both_covered() -> None:
    signed = Envelope.sign(TYPE, b"{}", [KEY])
    for changed in (
        Envelope(TYPE, b"{ }", signed.signatures),
        Envelope("other", b"{}", signed.signatures),
    ):
        with pytest.raises(SamklangError, match="identity-signature"):
            changed.verify(changed.payload_type, [KEY.verify_key])


def test_reading_is_strict() -> None:
    good = json.loads(Envelope.sign(TYPE, b"\xff\xfe\xfd\xfc", [KEY]).to_bytes())

    def but(**change: object) -> bytes:
        return json.dumps({**good, **change}).encode()

    signature = good["signatures"][0]
    bad = [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        but(extra="x"),
        but(payload=5),
        but(payload=None),
        but(payload=good["payload"].rstrip("=")),
        but(payload=good["payload"] + "\n"),
        but(payload=base64.urlsafe_b64encode(b"\xff\xfe\xfd\xfc").decode()),
        but(payload="//79/B=="),
        but(payload="æ"),
        but(payloadType=["x"]),
        but(signatures="x"),
        but(signatures=[signature] * 33),
        but(signatures=[{**signature, "extra": "x"}]),
        but(signatures=[{"sig": signature["sig"]}]),
        but(signatures=[{**signature, "keyid": None}]),
        json.dumps(good).replace('{"payload', '{"payload": "AAAA", "payload', 1).encode(),
        but(signatures=[1]),
        but(signatures=[1.5]),
    ]
    for data in bad:
        with pytest.raises(SamklangError, match="identity-envelope"):
            Envelope.from_bytes(data)
    Envelope.from_bytes(but())


@given(st.binary(max_size=60))
def test_any_bytes_are_an_envelope_or_refused(data: bytes) -> None:
    try:
        parse_json(data)
        Envelope.from_bytes(data)
    except SamklangError as error:
        if error.code != "identity-envelope":
            raise

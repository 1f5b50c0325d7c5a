"""Signed documents and query bundles: every link of the chain is needed, and each missing one has a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.model.documents import CODEBOOK, DRAFT, KEYS, MANIFEST, codebook, manifest, with_digest

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.model.calendar import day_of, is_valid
from samklang.model.canonical import canonical, digest, digest_bytes
from samklang.model.codebook import Codebook
from samklang.model.loading import loads
from samklang.model.manifest import Manifest, Validity
from samklang.model.query import Analyst, Draft, Query
from samklang.model.signing import (
    PAYLOAD_TYPES,
    VerifiedQuery,
    issue_credential,
    sign_document,
    sign_query,
    verify_codebook,
    verify_document,
    verify_manifest,
    verify_query,
)

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
ANNA = SigningKey.from_seed(bytes([77]) * 32)
CONTROLLERS = [SigningKey.from_seed(bytes([n]) * 32) for n in (91, 92)]
PUBLIC = [k.verify_key for k in CONTROLLERS]
VALID = Validity(from_=date(2027, 2, 1), until=date(2027, 4, 30))


def credential(by: str = "north", **change: Any) -> bytes:
    parts = {
        "federation": "small",
        "analyst": "anna",
        "organisation": "north-town",
        "role": "analyst",
        "public": ANNA.verify_key,
        "valid": VALID,
    }
    return issue_credential(KEYS[by], **{**parts, **change})


def query(**change: Any) -> Query:
    draft = loads(with_digest(DRAFT), Draft).document
    parts = {
        **draft.model_dump(by_alias=True),
        "analyst": Analyst(id="anna", organisation="north-town"),
        "recipients": ("anna",),
        "nonce": "0" * 32,
        "not_after": NOW + timedelta(hours=1),
    }
    return Query.model_validate({**parts, **change})


def ahead(key: str, days: int) -> Query:
    """A query whose period has ``key`` so many days after today."""
    today = day_of(NOW)
    period = {"from": date(2026, 1, 1), "until": today, "as_of": today} | {key: today + timedelta(days)}
    return query(period=period)


def verify(
    asked: Query | None = None, key: SigningKey = ANNA, vouched: bytes | None = None, now: datetime = NOW
) -> VerifiedQuery:
    return verify_query(sign_query(asked or query(), key, vouched or credential()), manifest(), now)


def test_a_good_bundle() -> None:
    verified = verify()
    assert (verified.analyst, verified.organisation, verified.role) == ("anna", "north-town", "analyst")
    assert verified.query == query()
    assert verified.digest == digest(query())


REFUSED: dict[str, tuple[str, Callable[[], object]]] = {
    "another key": ("identity-signature-missing", lambda: verify(key=CONTROLLERS[0])),
    "own credential": (
        "identity-credential-issuer",
        lambda: verify(
            vouched=issue_credential(
                ANNA,
                federation="small",
                analyst="anna",
                organisation="north-town",
                role="analyst",
                public=ANNA.verify_key,
                valid=VALID,
            )
        ),
    ),
    "vouched by the coordinator": (
        "identity-credential-issuer",
        lambda: verify(vouched=credential("coordinator")),
    ),
    "vouched by another organisation's node": (
        "identity-credential-organisation",
        lambda: verify(vouched=credential("south")),
    ),
    "credential of another federation": (
        "identity-credential-organisation",
        lambda: verify(vouched=credential(federation="large")),
    ),
    "credential not begun": (
        "identity-credential-expired",
        lambda: verify(vouched=credential(valid=Validity(from_=date(2027, 3, 2), until=date(2027, 4, 1)))),
    ),
    "credential over": (
        "identity-credential-expired",
        lambda: verify(vouched=credential(valid=Validity(from_=date(2027, 1, 1), until=date(2027, 2, 28)))),
    ),
    "another analyst": (
        "identity-query-analyst",
        lambda: verify(query(analyst=Analyst(id="bo", organisation="north-town"))),
    ),
    "another organisation": (
        "identity-query-analyst",
        lambda: verify(query(analyst=Analyst(id="anna", organisation="south-town"))),
    ),
    "another federation": ("identity-query-federation", lambda: verify(query(federation="large"))),
    "another codebook": (
        "identity-query-codebook",
        lambda: verify(query(codebook="sha256:" + "0" * 64)),
    ),
    "too late": (
        "identity-query-expired",
        lambda: verify(query(not_after=NOW - timedelta(minutes=6))),
    ),
    "not_after too far": (
        "identity-query-far",
        lambda: verify(query(not_after=NOW + timedelta(days=31, minutes=6))),
    ),
    **{
        f"{key} in the future": ("document-query-future", lambda key=key, days=days: verify(ahead(key, days)))
        for key, days in (("from", 1), ("until", 2), ("as_of", 1))
    },
    "manifest over": (
        "identity-manifest-expired",
        lambda: verify(now=datetime(2028, 1, 2, tzinfo=UTC)),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bundle_is_refused_by_name(name: str) -> None:
    code, attempt = REFUSED[name]
    with pytest.raises(SamklangError) as caught:
        attempt()
    assert caught.value.code == code


@pytest.mark.parametrize(("key", "days"), [("from", 0), ("until", 1), ("as_of", 0)])
def test_a_period_may_go_up_to_today(key: str, days: int) -> None:
    verify(ahead(key, days))


def test_not_after_may_be_a_month_ahead() -> None:
    verify(query(not_after=NOW + timedelta(days=31)))


def test_clocks_may_be_five_minutes_apart() -> None:
    verify(query(not_after=NOW - timedelta(minutes=4)))


def test_the_parts_cannot_be_exchanged() -> None:
    bundle = json.loads(sign_query(query(), ANNA, credential()))
    for changed in (
        {"query": bundle["query"]},
        {**bundle, "more": "x"},
        {"query": bundle["credential"], "credential": bundle["credential"]},
        {"query": bundle["query"], "credential": bundle["query"]},
        {"query": bundle["credential"], "credential": bundle["query"]},
    ):
        with pytest.raises(SamklangError, match="identity-"):
            verify_query(json.dumps(changed).encode(), manifest(), NOW)


def test_a_plan_is_never_taken_for_a_query_nor_a_query_for_a_plan() -> None:
    plan = sign_query(query(), ANNA, credential(), intent="plan")
    bundle = sign_query(query(), ANNA, credential())
    assert verify_query(plan, manifest(), NOW, intent="plan").query == query()
    renamed = json.loads(plan)
    renamed["query"] = renamed.pop("plan")
    back = json.loads(bundle)
    back["plan"] = back.pop("query")
    with pytest.raises(SamklangError, match="identity-envelope"):
        verify_query(plan, manifest(), NOW)
    with pytest.raises(SamklangError, match="identity-envelope-type"):
        verify_query(json.dumps(renamed).encode(), manifest(), NOW)
    with pytest.raises(SamklangError, match="identity-envelope"):
        verify_query(bundle, manifest(), NOW, intent="plan")
    with pytest.raises(SamklangError, match="identity-envelope-type"):
        verify_query(json.dumps(back).encode(), manifest(), NOW, intent="plan")


def test_a_payload_that_is_not_canonical_is_refused_although_signed() -> None:
    payload = canonical(query()).replace(b'"as_of":', b'"as_of": ')
    envelope = Envelope.sign(PAYLOAD_TYPES[Query], payload, [ANNA])
    bundle = {"query": envelope.to_json(), "credential": json.loads(credential())}
    with pytest.raises(SamklangError, match="document-not-canonical"):
        verify_query(json.dumps(bundle).encode(), manifest(), NOW)


BUNDLE = sign_query(query(), ANNA, credential())
CHECKED = manifest()


@given(st.integers(0, len(BUNDLE) - 1), st.integers(0, 7))
def test_one_changed_bit_is_refused_or_changes_nothing(at: int, bit: int) -> None:
    changed = bytearray(BUNDLE)
    changed[at] ^= 1 << bit
    try:
        verified = verify_query(bytes(changed), CHECKED, NOW)
    except SamklangError:
        return
    raise AssertionError(f"bit {bit} of byte {at} made no difference to {verified.digest}")


def test_documents_need_every_controller() -> None:
    signed = sign_document(manifest(), CONTROLLERS)
    verified = verify_manifest(signed, PUBLIC, NOW)
    assert verified.document == manifest()
    assert verified.digest == digest(manifest())
    with pytest.raises(SamklangError, match="identity-signature-missing"):
        verify_manifest(sign_document(manifest(), CONTROLLERS[:1]), PUBLIC, NOW)
    with pytest.raises(SamklangError, match="identity-signature-missing"):
        verify_manifest(signed, [], NOW)
    with pytest.raises(SamklangError, match="identity-envelope-type"):
        verify_document(signed, Codebook, PUBLIC)
    for now in (datetime(2026, 12, 31, 22, 54, tzinfo=UTC), datetime(2027, 12, 31, 23, 6, tzinfo=UTC)):
        with pytest.raises(SamklangError, match="identity-manifest-expired"):
            verify_manifest(signed, PUBLIC, now)
    for now in (datetime(2026, 12, 31, 22, 56, tzinfo=UTC), datetime(2027, 12, 31, 23, 4, tzinfo=UTC)):
        verify_manifest(signed, PUBLIC, now)


def test_a_codebook_is_the_manifest_s() -> None:
    assert verify_codebook(sign_document(codebook(), CONTROLLERS), PUBLIC, manifest()).document == codebook()
    other = codebook(CODEBOOK.replace("clip: 10", "clip: 11"))
    with pytest.raises(SamklangError, match="identity-manifest-codebook"):
        verify_codebook(sign_document(other, CONTROLLERS), PUBLIC, manifest())


def test_digests_are_of_the_signed_bytes() -> None:
    signed = sign_document(codebook(), CONTROLLERS)
    payload = Envelope.from_bytes(signed).payload
    assert verify_document(signed, Codebook, PUBLIC).digest == digest_bytes(payload)
    assert loads(MANIFEST.replace("DIGEST", digest_bytes(payload)).encode(), Manifest).document == manifest()


def test_days_are_copenhagen_s() -> None:
    assert day_of(datetime(2027, 6, 30, 22, 30, tzinfo=UTC)) == date(2027, 7, 1)
    assert day_of(datetime(2027, 12, 31, 22, 30, tzinfo=UTC)) == date(2027, 12, 31)
    assert not is_valid(VALID, datetime(2027, 4, 30, 22, 6, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        day_of(datetime(2027, 1, 1))

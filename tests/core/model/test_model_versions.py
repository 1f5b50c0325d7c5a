"""Documents of earlier versions are read, digest and signatures as they are; of later ones, refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.core.model.documents import KEYS as PARTIES
from tests.core.model.documents import POLICY, codebook, manifest
from tests.core.model.test_model_signing import ANNA, CONTROLLERS, NOW, credential, query
from tests.support.earlier import default_at, having, optional_places, parts, sign_earlier, sparsest, without

from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import VerifyKey
from samklang.model.base import Document
from samklang.model.canonical import (
    ADDED,
    canonical,
    digest,
    digest_bytes,
    parse_canonical,
    parse_exact,
)
from samklang.model.checks import check_codebook, check_manifest, check_policy, check_query
from samklang.model.codebook import Codebook
from samklang.model.loading import loads
from samklang.model.manifest import Manifest
from samklang.model.policy import Policy
from samklang.model.problems import DocumentErrors
from samklang.model.sameness import core_bytes
from samklang.model.signing import (
    INTENTS,
    PAYLOAD_TYPES,
    Credential,
    unverified_query,
    verify_codebook,
    verify_document,
    verify_manifest,
    verify_query,
)
from samklang.policy.differencing import Shape
from samklang.policy.differencing.shape import shape_of

EARLIER = Path(__file__).parent / "earlier"
"""Signed by two keys that were thrown away, with every optional key left out that could be."""

KEYS = [
    VerifyKey.from_text(text)
    for text in (
        "ed25519:lGIQrVEKUjL8lEwK7pO02/AW2AHOa7qalD3OQAg6eS8=",
        "ed25519:AxjW2X8TnrVqr/hd+dVnMIR0TehfxNbaSoicwX+nXHQ=",
    )
]
DIGESTS: dict[type[BaseModel], tuple[str, str]] = {
    Codebook: ("codebook", "sha256:de3c9e501a2d01feec685dd9ca517283ed0c5fa8884c39089efae72a9c9427d3"),
    Manifest: ("manifest", "sha256:e4b5ccf775dd5eda361550feb901455b299bb93e1da30d8c362c56c85223c8cb"),
    Policy: ("policy", "sha256:33f65b4dc8fcafb5df7a95b67ee0b565badc0ca2affde464053a5eae73cc6729"),
}
POLICIES = loads(POLICY.encode(), Policy).document
DOCUMENTS: list[BaseModel] = [
    codebook(),
    manifest(),
    POLICIES,
    query(),
    parse_canonical(Envelope.from_bytes(credential()).payload, Credential),
    shape_of(query(), manifest(), codebook()),
]
BY_KIND = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: type(d).__name__)


def kept(model: type[BaseModel]) -> bytes:
    return (EARLIER / f"{DIGESTS[model][0]}.json").read_bytes()


@pytest.mark.parametrize("model", DIGESTS)
def test_what_an_earlier_version_signed_has_its_digest_and_signatures(model: type[BaseModel]) -> None:
    signed = verify_document(kept(model), model, KEYS)
    assert signed.digest == DIGESTS[model][1]
    assert signed.digest != digest(signed.document), "the fixture leaves something out"
    with pytest.raises(SamklangError, match="identity-signature-missing"):
        verify_document(kept(model), model, [*KEYS, ANNA.verify_key])


def test_earlier_documents_work_together() -> None:
    """The manifest names the codebook by the digest of its signed bytes; a query of today does too."""
    around = verify_manifest(kept(Manifest), KEYS, NOW)
    book = verify_codebook(kept(Codebook), KEYS, around.document)
    check_manifest(around.document)
    check_codebook(book.document)
    check_policy(verify_document(kept(Policy), Policy, KEYS).document, around.document, book.document)
    check_query(query(codebook=book.digest), around.document, book.document)
    with pytest.raises(SamklangError, match="document-query-codebook"):
        check_query(query(codebook=digest(book.document)), around.document, book.document)
    with pytest.raises(SamklangError, match="identity-manifest-codebook"):
        verify_codebook(kept(Codebook), KEYS, manifest())


def test_an_earlier_query_and_credential_are_verified_and_named_by_their_bytes() -> None:
    vouched = Envelope.sign(PAYLOAD_TYPES[Credential], sparsest(DOCUMENTS[4]), [PARTIES["north"]])
    payload = sparsest(query())
    asked = Envelope.sign(INTENTS["query"], payload, [ANNA])
    bundle = json.dumps({"credential": vouched.to_json(), "query": asked.to_json()}).encode()
    verified = verify_query(bundle, manifest(), NOW)
    assert verified.query == query()
    assert verified.digest == digest_bytes(payload) != digest(query())
    assert unverified_query(bundle) == (query(), verified.digest)


@BY_KIND
def test_the_sparsest_form_means_the_same(document: BaseModel) -> None:
    assert parse_canonical(sparsest(document), type(document)) == document


@BY_KIND
def test_every_optional_key_left_out_is_its_default(document: BaseModel) -> None:
    """Each by itself: that is what a document says which was signed before there was the key."""
    for place in optional_places(document):
        left_out = parse_canonical(without(document, [place]), type(document))
        default = default_at(document, place)
        assert left_out == parse_canonical(having(document, place, default), type(document)), place


@settings(max_examples=60)
@given(st.data())
def test_any_optional_keys_may_be_left_out_together(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(DOCUMENTS))
    places = optional_places(document)
    if not places:
        return
    chosen = data.draw(st.sets(st.sampled_from(places), min_size=1))
    payload = without(document, chosen)
    expected = json.loads(canonical(document))
    for place in chosen:
        if not any(place[:n] in chosen for n in range(1, len(place))):
            here: Any = expected
            for step in place[:-1]:
                here = here[step]
            here[place[-1]] = default_at(document, place)
    model = type(document)
    assert parse_canonical(payload, model) == parse_canonical(rfc8785.dumps(expected), model)
    with pytest.raises(SamklangError, match="document-not-canonical"):
        parse_exact(payload, model)
    bad = data.draw(
        st.sampled_from([payload + b"\n", payload[:1] + b" " + payload[1:], payload.replace(b":", b": ", 1)])
    )
    with pytest.raises(SamklangError, match="document-not-canonical"):
        parse_canonical(bad, model)


@BY_KIND
def test_a_key_of_a_later_version_is_refused_wherever_it_is(document: BaseModel) -> None:
    for place, _ in parts(document):
        payload = having(document, (*place, "zeal"), False)
        for parse in (parse_canonical, parse_exact):
            with pytest.raises(SamklangError, match="document-newer") as caught:
                parse(payload, type(document))
            assert "'zeal'" in str(caught.value)
        if kind := PAYLOAD_TYPES.get(type(document)):
            envelope = Envelope.sign(kind, payload, CONTROLLERS).to_bytes()
            with pytest.raises(SamklangError, match="document-newer"):
                verify_document(envelope, type(document), [k.verify_key for k in CONTROLLERS])


@BY_KIND
def test_a_key_that_isnt_optional_is_missed(document: BaseModel) -> None:
    for place, part in parts(document):
        for name, field in type(part).model_fields.items():
            if field.is_required():
                with pytest.raises(DocumentErrors):
                    parse_canonical(without(document, [(*place, field.alias or name)]), type(document))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"max_attempts":2', b'"max_attempts":2,"max_attempts":2'),
        (b'"max_attempts":2', b'"max_attempts":2.0'),
        (b'"max_attempts":2', b'"max_attempts":2e0'),
        (b'"max_attempts":2', b'"max_attempts":9007199254740993'),
        (b'"epsilon":"0.5"', b'"epsilon":"0.50"'),
        (b'"epsilon":"0.5"', b'"epsilon":0.5'),
        (b'"title"', b'"\\u0074itle"'),
    ],
)
def test_what_is_there_is_canonical_whatever_is_left_out(old: bytes, new: bytes) -> None:
    asked = query(max_attempts=2, privacy={"epsilon": "0.5"})
    payload = sparsest(asked)
    assert parse_canonical(payload, type(asked)) == asked
    assert payload.count(old) == 1
    with pytest.raises(SamklangError, match="document-"):
        parse_canonical(payload.replace(old, new), type(asked))


def test_the_same_question_is_the_same_whatever_its_document_leaves_out() -> None:
    """Sameness, shape and so the stored answer and the guard look at what is meant, never at bytes."""
    left_out = parse_canonical(sparsest(query()), type(query()))
    assert core_bytes(left_out, ("a", "b")) == core_bytes(query(), ("a", "b"))
    book = parse_canonical(sparsest(codebook()), Codebook)
    around = parse_canonical(sparsest(manifest()), Manifest)
    shape = shape_of(left_out, around, book)
    assert shape == shape_of(query(), manifest(), codebook())
    assert canonical(parse_canonical(sparsest(shape), Shape)) == canonical(shape)


class First(Document):
    name: str
    limit: int = 5


class Second(Document):
    """A later version of :class:`First`."""

    name: str
    limit: int = 5
    sealed: Annotated[bool, ADDED] = False
    parts: Annotated[tuple[First, ...], ADDED] = ()


def test_an_added_key_that_isnt_used_changes_no_bytes() -> None:
    """So a file signs alike under both versions, and the earlier one reads what the later one wrote."""
    assert canonical(Second(name="x")) == canonical(First(name="x")) == b'{"limit":5,"name":"x"}'
    assert canonical(Second(name="x", sealed=False, parts=())) == canonical(First(name="x"))
    assert parse_exact(canonical(Second(name="x")), First) == First(name="x")
    used = canonical(Second(name="x", sealed=True))
    assert used == b'{"limit":5,"name":"x","sealed":true}'
    assert parse_canonical(used, Second) == parse_exact(used, Second) == Second(name="x", sealed=True)
    with pytest.raises(SamklangError, match="document-newer"):
        parse_canonical(used, First)
    with pytest.raises(SamklangError, match="document-newer"):
        parse_canonical(b'{"limit":5,"name":"x","parts":[]}', First)


def test_the_sparsest_form_is_signed_by_the_helper() -> None:
    """The helper of other tests does what it says."""
    signed = verify_document(sign_earlier(POLICIES, [ANNA]), Policy, [ANNA.verify_key])
    assert signed.document == POLICIES
    assert signed.digest == digest_bytes(sparsest(POLICIES))

"""A node whose controllers, DPO and analyst have signed with an earlier version works as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.node.test_daemon_decisions import World
from tests.support.earlier import sign_earlier, sparsest

from samklang.cli.sandbox import material
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.model.canonical import canonical, digest_bytes, parse_exact
from samklang.model.loading import load
from samklang.model.policy import Policy
from samklang.model.signing import INTENTS
from samklang.node.documents import policy_source
from samklang.protocol.agreement import ACCEPTANCE_TYPE, Acceptance
from samklang.transport.participation import Refusal


@pytest.fixture
def region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(material, "sign_document", sign_earlier)
    monkeypatch.setattr(material, "digest", lambda document: digest_bytes(sparsest(document)))
    world = World(tmp_path, "region")
    world.draft["codebook"] = world.documents.codebook.digest
    yield world
    world.close()


def payload(world: World, name: str) -> bytes:
    folder = world.documents.config.documents.policy.parent
    return Envelope.from_bytes((folder / name).read_bytes()).payload


def test_it_takes_part_and_names_documents_by_what_was_signed(region: World) -> None:
    here = region.documents
    names = {
        "policy-region.json": here.policy,
        "manifest.json": here.manifest,
        "codebook.json": here.codebook,
    }
    for name, signed in names.items():
        assert signed.digest == digest_bytes(payload(region, name))
        assert payload(region, name) != canonical(signed.document), "it leaves something out"
    asked = sparsest(region.query())
    bundle = {
        "credential": Envelope.from_bytes(region.credential).to_json(),
        "query": Envelope.sign(INTENTS["query"], asked, [region.key]).to_json(),
    }
    part = region.offer(json.dumps(bundle).encode())
    envelope = Envelope.from_bytes(part.acceptance)
    said = parse_exact(envelope.verify(ACCEPTANCE_TYPE, [here.identity.verify_key]), Acceptance)
    assert (said.query, said.manifest, said.codebook, said.policy) == (
        digest_bytes(asked),
        here.manifest.digest,
        here.codebook.digest,
        here.policy.digest,
    )


def test_a_query_that_a_later_version_wrote_is_refused_by_name(region: World) -> None:
    later: dict[str, Any] = json.loads(canonical(region.query())) | {"zeal": True}
    query = json.dumps(later, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    bundle = {
        "credential": Envelope.from_bytes(region.credential).to_json(),
        "query": Envelope.sign(INTENTS["query"], query, [region.key]).to_json(),
    }
    with pytest.raises(Refusal) as caught:
        region.offer(json.dumps(bundle).encode())
    assert [reason.code for reason in caught.value.reasons] == ["document-newer"]


def test_the_file_that_the_policy_was_written_in_is_still_its_source(region: World, tmp_path: Path) -> None:
    """The digest of the file, with today's defaults in it, is another one; what it says is the same."""
    signed = region.documents.policy
    file = tmp_path / "policy.yaml"
    file.write_bytes(canonical(signed.document))
    assert load(file, Policy).digest != signed.digest
    assert policy_source(file, signed).document == signed.document
    file.write_bytes(canonical(signed.document).replace(b'"version":1', b'"version":2', 1))
    with pytest.raises(SamklangError, match="policy-source-differs"):
        policy_source(file, signed)

"""A federation whose documents and credentials an earlier version signed answers on real processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.node.tiny import write_folder
from tests.support.earlier import sign_earlier, sparsest
from tests.support.synthea import ROOT

from samklang.cli.sandbox import material
from samklang.cli.sandbox.federation import Sandbox
from samklang.identity.dsse import Envelope
from samklang.model import signing
from samklang.model.canonical import canonical, digest_bytes
from samklang.node.documents import load_documents

pytestmark = pytest.mark.processes


def test_a_query_of_today_is_answered_and_one_of_then_from_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material, "sign_document", sign_earlier)
    monkeypatch.setattr(signing, "sign_document", sign_earlier)
    monkeypatch.setattr(material, "digest", lambda document: digest_bytes(sparsest(document)))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    entry = ("-m", "tests.support.quiet_main")
    with Sandbox(write_folder(tmp_path / "f"), tmp_path / "w", entry=entry, environment=environment) as here:
        for config in here.material.nodes.values():
            documents = load_documents(config)
            policy = Envelope.from_bytes(documents.config.documents.policy.read_bytes()).payload
            assert policy != canonical(documents.policy.document), "it leaves something out"
        draft = here.client.draft(here.blueprint.query("areas"))
        assert draft.codebook == documents.codebook.digest
        assert {node.decision for node in here.client.plan(draft).nodes} == {"permit"}
        release = here.client.ask(draft)
        assert release.header["served_from"] is None
        signed: list[bytes] = []
        monkeypatch.setattr(signing, "canonical", lambda query: signed.append(sparsest(query)) or signed[-1])
        again = here.client.ask(draft)
        assert again.header["served_from"]["nano_rho_spent"] == 0, "the same question, whatever is left out"
        assert again.rows() == release.rows()
        assert signed
        assert not any(b"max_attempts" in query for query in signed)

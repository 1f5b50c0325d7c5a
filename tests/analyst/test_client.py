"""The client against a real gRPC server over mTLS: it believes nothing that isn't signed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.support.audit import LogNode, receipts_for

from samklang.analyst import Client, connect
from samklang.analyst.config import load_client_config
from samklang.audit.receipt import unpack, verify_receipts
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import COORDINATOR, Material, make
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.identity.pki import Authority
from samklang.model.problems import DocumentErrors
from samklang.model.sameness import core_digest
from samklang.model.signing import sign_document, unverified_query, verify_query
from samklang.transport.options import SERVER
from samklang.transport.status import status_code, to_metadata
from samklang.transport.tls import TlsFiles, server_credentials
from samklang.v1 import federation_pb2 as v1
from samklang.v1 import federation_pb2_grpc as services

import grpc  # isort: skip

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "federation"
QUESTION = FOLDER / "queries" / "four-axes.yaml"
PARTICIPANTS = [{"node": "kommune"}, {"node": "region"}]
RELEASE = {
    "version": "samklang/release/2",
    "participants": PARTICIPANTS,
    "axes": [{"name": "age", "levels": [{"id": "old"}]}],
    "cells": [{"levels": {"age": "old"}, "shown": True, "count": 7, "count_interval": ["1", "13"]}],
}


def status(state: v1.QueryState.ValueType, **more: Any) -> v1.QueryStatus:
    return v1.QueryStatus(query_id="q1", state=state, attempt=1, max_attempts=3, **more)


RUNNING = status(v1.QUERY_STATE_RUNNING, stage="link", per_mille=400)
DONE = status(v1.QUERY_STATE_DONE, per_mille=1000)
DENIED = status(
    v1.QUERY_STATE_DENIED,
    reasons=[v1.Reason(code="policy-max-axes", what="Too many axes.", fix="Ask for fewer.", node="gp")],
)


@dataclass
class FakeCoordinator(services.FederationServicer):
    """Hands out what the test put in, and fails when told to."""

    manifest: bytes
    codebook: bytes
    watches: list[list[v1.QueryStatus | str]] = field(default_factory=lambda: [[RUNNING, DONE]])
    bundles: list[bytes] = field(default_factory=list)
    stored: bool = False
    receipts: Callable[[bytes, str], bytes] = lambda release, query: b""
    """(release, digest of the query) → receipts."""

    def GetDocuments(self, request: Any, context: grpc.ServicerContext) -> v1.GetDocumentsResponse:
        return v1.GetDocumentsResponse(manifest=self.manifest, codebook=self.codebook)

    def Submit(self, request: Any, context: grpc.ServicerContext) -> v1.SubmitResponse:
        self.bundles.append(request.bundle)
        return v1.SubmitResponse(query_id=unverified_query(request.bundle)[1][7:39])

    def Watch(self, request: Any, context: grpc.ServicerContext) -> Iterator[v1.QueryStatus]:
        for entry in self.watches.pop(0):
            if isinstance(entry, str):
                self._fail(context, entry)
            else:
                yield entry

    def GetRelease(self, request: Any, context: grpc.ServicerContext) -> v1.GetReleaseResponse:
        if not self.bundles or request.query_id == "other":
            self._fail(context, "transport-internal")
        nodes = [node["node"] for node in PARTICIPANTS]
        question = core_digest(unverified_query(self.bundles[0])[0], nodes)
        release = rfc8785.dumps(RELEASE | {"question": question})
        served = v1.ServedFrom(released_at_us=1_700_000_000_000_000) if self.stored else None
        bundle = self.bundles[-1]
        receipts = self.receipts(release, unverified_query(bundle)[1])
        return v1.GetReleaseResponse(release=release, receipts=receipts, bundle=bundle, served_from=served)

    def List(self, request: Any, context: grpc.ServicerContext) -> v1.ListResponse:
        mine = [v1.QueryStatus(query_id=unverified_query(b)[1][7:39], state=DONE.state) for b in self.bundles]
        listed = [*mine, DONE, DENIED][: request.limit or 200]
        return v1.ListResponse(queries=listed, bundles=[*self.bundles, b"no query"])

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> v1.CancelResponse:
        return v1.CancelResponse(status=status(v1.QUERY_STATE_CANCELLED))

    def _fail(self, context: grpc.ServicerContext, code: str) -> None:
        if code == "gone":
            context.abort(grpc.StatusCode.UNAVAILABLE, "the connection broke")
        error = SamklangError(code, party="coordinator", private="secret diagnosis")
        context.set_trailing_metadata(to_metadata(error))
        context.abort(status_code(error), error.code)


@dataclass
class Setting:
    material: Material
    fake: FakeCoordinator

    def client(self) -> Client:
        return connect(self.material.client)


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    material = make(read_folder(FOLDER), tmp_path / "work", today=datetime.now(UTC).date())
    documents = tmp_path / "work" / "documents"
    fake = FakeCoordinator(*((documents / f"{name}.json").read_bytes() for name in ("manifest", "codebook")))
    place = tmp_path / "work" / COORDINATOR
    files = TlsFiles(place / "ca.pem", place / "tls.pem", place / "tls.key")
    server = grpc.server(ThreadPoolExecutor(4), options=SERVER)
    services.add_FederationServicer_to_server(fake, server)
    port = server.add_secure_port("127.0.0.1:0", server_credentials(files))
    server.start()
    material.write_addresses(f"127.0.0.1:{port}")
    logs = {
        node: LogNode(node, SigningKey.load(tmp_path / "work" / f"node-{node}" / "identity.key"), "benchmark")
        for node in ("kommune", "region")
    }
    fake.receipts = lambda release, query: receipts_for(release, query, logs, material.manifest)
    yield Setting(material, fake)
    server.stop(None).wait()


def test_a_question_is_signed_asked_and_answered(setting: Setting) -> None:
    with setting.client() as client:
        seen: list[str] = []
        release = client.ask(QUESTION, lambda s: seen.append(s.state))
    assert seen == ["running", "done"]
    assert release.to_pandas()["count"].tolist() == [7]
    verified = verify_query(setting.fake.bundles[0], setting.material.manifest, datetime.now(UTC))
    assert verified.query.codebook == setting.material.manifest.codebook
    assert verified.query.max_attempts == 3


def test_each_submission_is_a_query_of_its_own(setting: Setting) -> None:
    with setting.client() as client:
        client.submit(QUESTION)
        client.submit(QUESTION)
    assert len(set(setting.fake.bundles)) == 2


@pytest.mark.parametrize("forged", ["manifest", "codebook"])
def test_documents_with_another_signature_are_refused(setting: Setting, forged: str) -> None:
    document = getattr(setting.material, forged)
    setattr(setting.fake, forged, sign_document(document, [SigningKey.generate()]))
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        client.submit(QUESTION)
    assert caught.value.code == "identity-signature-missing"
    assert not setting.fake.bundles


def test_a_codebook_in_the_manifests_place_is_refused(setting: Setting) -> None:
    setting.fake.manifest = setting.fake.codebook
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        client.manifest()
    assert caught.value.code == "identity-envelope-type"


def test_a_wrong_question_is_not_sent(setting: Setting, tmp_path: Path) -> None:
    question = tmp_path / "q.yaml"
    question.write_text(QUESTION.read_text().replace("variable: contacts", "variable: contact"))
    with setting.client() as client, pytest.raises(DocumentErrors) as caught:
        client.submit(question)
    assert "contacts" in str(caught.value)
    assert f"{question}:10:" in str(caught.value)
    assert not setting.fake.bundles


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        ("privacy: {epsilon: 1e-9}", "privacy-budget-too-small", "13:20"),
        ("federation: another", "client-other-federation", "13:13"),
        (f"codebook: sha256:{'0' * 64}", "client-other-codebook", "13:11"),
    ],
)
def test_what_cannot_be_computed_is_said_at_its_place_before_it_is_sent(
    line: str, code: str, place: str, setting: Setting, tmp_path: Path
) -> None:
    question = tmp_path / "q.yaml"
    question.write_text(QUESTION.read_text() + line + "\n")
    with setting.client() as client:
        for ask in (client.check, client.submit):
            with pytest.raises(SamklangError) as caught:
                ask(question)
            assert (caught.value.code, str(caught.value.at)) == (code, f"{question}:{place}")
    assert not setting.fake.bundles


def test_what_could_not_be_saved_is_not_asked(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    submit = ["query", "submit", str(QUESTION), "--watch", "--client", str(setting.material.client)]
    assert main([*submit, "--save", "answer.xlsx"]) == exits.DOCUMENT
    assert "client-save-format" in capsys.readouterr().err
    assert not setting.fake.bundles


@pytest.mark.parametrize("limit", ["-5", "0", "99999999999", "many"])
def test_a_limit_that_makes_no_sense(limit: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["query", "list", f"--limit={limit}"])
    assert caught.value.code == exits.USAGE


def test_a_denial_becomes_the_partners_reason(setting: Setting) -> None:
    setting.fake.watches = [[DENIED]]
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        client.ask(QUESTION)
    assert (caught.value.code, caught.value.fix) == ("policy-max-axes", "Ask for fewer.")


def test_a_watch_survives_a_coordinator_that_comes_back(setting: Setting) -> None:
    setting.fake.watches = [[RUNNING, "gone"], ["gone"], [RUNNING], [RUNNING, DONE]]
    with setting.client() as client:
        assert [s.state for s in client.watch("q1")] == ["running", "done"]


def test_a_watch_does_not_wait_for_one_that_was_never_there(setting: Setting) -> None:
    setting.fake.watches = [["gone"]]
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        list(client.watch("q1"))
    assert caught.value.code == "transport-unreachable"


def test_a_named_failure_comes_without_its_private_part(setting: Setting) -> None:
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        client.release("other")
    assert caught.value.code == "transport-internal"
    assert "secret" not in str(caught.value)


def test_no_receipt_no_result(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is shown or saved of a release whose receipts are missing, or about something else."""
    whole = setting.fake.receipts

    def without(release: bytes, query: str) -> bytes:
        document = json.loads(whole(release, query))
        del document["receipts"]["region"]
        return rfc8785.dumps(document)

    wrong = {
        "audit-receipt-format": lambda release, query: b"",
        "audit-receipt-missing": without,
        "audit-receipt-other": lambda release, query: whole(release.replace(b"7", b"8", 1), query),
        "audit-receipt-other ": lambda release, query: whole(release, "sha256:" + "0" * 64),
    }
    with setting.client() as client:
        query = client.submit(QUESTION)
        for code, receipts in wrong.items():
            setting.fake.receipts = receipts
            with pytest.raises(SamklangError) as caught:
                client.release(query)
            assert caught.value.code == code.strip()
    setting.fake.receipts = without
    assert main(["query", "show", query, "--client", str(setting.material.client)]) == exits.FAILED
    said = capsys.readouterr()
    assert (said.out, "audit-receipt-missing" in said.err) == ("", True)


def test_receipts_are_saved_beside_the_table(setting: Setting, tmp_path: Path) -> None:
    with setting.client() as client:
        query = client.submit(QUESTION)
        found = client.release(query)
        found.save(tmp_path / "answer.csv")
    release, receipts = unpack((tmp_path / "answer.receipt.json").read_bytes())
    assert receipts == found.receipts
    assert [v.node for v in verify_receipts(receipts, release, query, setting.material.manifest)] == [
        "kommune",
        "region",
    ]


def test_a_coordinator_of_another_authority_is_named(setting: Setting) -> None:
    """Not as one that isn't there."""
    now = datetime.now(UTC)
    foreign = Authority.create("benchmark", days=1, now=now)
    (setting.material.client.parent / "ca.pem").write_bytes(foreign.certificate)
    for file in ("tls.pem", "tls.key"):
        (setting.material.client.parent / file).unlink()
    issued = foreign.issue("analyst", "analyst", "kommune", days=1, now=now)
    issued.write(*(setting.material.client.parent / file for file in ("tls.pem", "tls.key")))
    with setting.client() as client:
        for call in (client.manifest, lambda: list(client.watch("q1"))):
            with pytest.raises(SamklangError) as caught:
                call()
            assert caught.value.code == "transport-tls-untrusted"


def test_wrong_keys_of_an_analyst_are_named(setting: Setting) -> None:
    place = setting.material.client.parent
    credential, identity = place / "credential.json", place / "identity.key"
    kept = credential.read_bytes()
    credential.write_bytes((setting.material.workdir / "documents" / "manifest.json").read_bytes())
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        client.check(QUESTION)
    assert (caught.value.code, str(caught.value.at)) == ("identity-envelope-type", f"{credential}:1:1")
    credential.write_bytes(kept)
    identity.unlink()
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        client.check(QUESTION)
    assert (caught.value.code, caught.value.at) == ("identity-key-unreadable", None)
    SigningKey.generate().save(identity)
    with setting.client() as client, pytest.raises(SamklangError) as caught:
        client.submit(QUESTION)
    assert caught.value.code == "client-other-key"
    assert not setting.fake.bundles


def test_nobody_there_is_named(setting: Setting) -> None:
    config = load_client_config(setting.material.client)
    nowhere = config.coordinator.model_copy(update={"address": "127.0.0.1:1"})
    elsewhere = config.model_copy(update={"coordinator": nowhere})
    with connect(elsewhere) as client, pytest.raises(SamklangError) as caught:
        client.manifest()
    assert caught.value.code == "transport-unreachable"


def test_the_command_line(
    setting: Setting, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(setting.material.client.parent)
    who = ["--client", "config.yaml"]
    assert main(["query", "check", str(QUESTION), *who]) == exits.OK
    saved = tmp_path / "answer.csv"
    capsys.readouterr()
    submit = ["query", "submit", str(QUESTION), "--watch", *who]
    assert main([*submit, "--save", str(saved), "--json"]) == exits.OK
    assert json.loads(capsys.readouterr().out)["cells"][0]["count"] == 7
    setting.fake.watches = [[DONE]]
    assert main([*submit, "--save", str(saved)]) == exits.OK
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("saved ")]
    assert [line.split(":")[0] for line in said] == [
        f"saved {saved}",
        f"saved {saved.with_suffix('.header.json')}",
        f"saved {saved.with_suffix('.receipt.json')}",
    ]
    assert saved.read_text().splitlines()[1].startswith("old,True,7,")
    assert main(["query", "list", *who]) == exits.OK
    assert "denied" in capsys.readouterr().out
    assert main(["query", "cancel", "q1", *who]) == exits.OK
    setting.fake.watches = [[DENIED]]
    assert main(submit) == exits.DENIED
    shown = capsys.readouterr()
    assert "gp: policy-max-axes: Too many axes." in shown.err
    assert main(["codebook", "show", "--search", "age", *who]) == exits.OK
    assert "age/five" in capsys.readouterr().out


def test_a_release_carries_what_belongs_to_the_own_query(setting: Setting) -> None:
    """Two analysts get the same bytes; title and digest are the query's own, and so is what it cost."""
    with setting.client() as client:
        query = client.submit(QUESTION)
        computed = client.release(query).header
        setting.fake.stored = True
        stored = client.release(client.submit(QUESTION)).header
    assert computed["title"]["en"]
    assert computed["query"].startswith(f"sha256:{query}")
    assert computed["query"] != stored["query"]
    assert (computed["served_from"], stored["served_from"]["nano_rho_spent"]) == (None, 0)
    assert stored["served_from"]["released_at"] == "2023-11-14T22:13:20+00:00"


def test_a_list_says_what_was_asked_and_when_by_the_readers_clock(
    setting: Setting, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A title stands at the query that it is signed in, and at no other."""
    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    time.tzset()
    try:
        who = ["--client", str(setting.material.client)]
        with setting.client() as client:
            query = client.submit(QUESTION)
            titles = {status.query: status.title for status in client.queries()}
        title = titles.pop(query)
        assert title is not None
        assert titles == {"q1": None}
        for lang in ("en", "da"):
            assert main(["query", "list", *who, "--language", lang]) == exits.OK
            first, *others = capsys.readouterr().out.splitlines()[2:]
            assert first.startswith(query)
            assert re.search(rf" 1970-01-01 01:00 CET +{getattr(title, lang)}$", first)
            assert all(title.en not in line for line in others)
        assert main(["query", "list", *who, "--json"]) == exits.OK
        assert json.loads(capsys.readouterr().out)[0]["title"] == title.model_dump()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_answer_to_another_question_is_refused(setting: Setting, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(QUESTION.read_text() + "privacy: {epsilon: 0.5}\n")
    with setting.client() as client:
        first = client.submit(QUESTION)
        for fetch in (client.submit(other), first):  # another question's release; another query's bundle
            with pytest.raises(SamklangError) as caught:
                client.release(fetch)
            assert caught.value.code == "client-release-other"


@pytest.mark.parametrize("size", [(1 << 20) + 1, 5 << 20])
def test_a_bundle_that_is_too_large_is_named_before_it_is_sent(setting: Setting, size: int) -> None:
    with setting.client() as client:
        for call in (client._calls.submit, client._calls.plan):
            with pytest.raises(SamklangError) as caught:
                call(b"x" * size)
            assert caught.value.code == "transport-bundle-size"
    assert not setting.fake.bundles


def test_a_period_that_has_not_been_is_said_at_its_place(setting: Setting, tmp_path: Path) -> None:
    question = tmp_path / "q.yaml"
    question.write_text(QUESTION.read_text().replace("until: 2026-01-01", "until: 2999-01-01"))
    with setting.client() as client, pytest.raises(DocumentErrors) as caught:
        client.submit(question)
    assert [p.code for p in caught.value.problems] == ["document-query-future"]
    assert str(caught.value.problems[0].at) == f"{question}:5:35"
    assert not setting.fake.bundles

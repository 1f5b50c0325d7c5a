"""An officer reads a running node from outside over mTLS: everything, nothing more, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.node.tiny import people, write_folder
from tests.support.synthea import ROOT

from samklang.cli import exits
from samklang.cli.main import main as command
from samklang.cli.overseeing.calls import Calls, calling
from samklang.cli.sandbox.federation import Sandbox
from samklang.cli.sandbox.material import _Maker
from samklang.errors import SamklangError
from samklang.identity.pki import KINDS, Authority
from samklang.transport.authorisation import MAY_CALL
from samklang.transport.options import open_sync_channel
from samklang.transport.status import from_rpc_error
from samklang.transport.tls import TlsFiles

import grpc  # isort: skip
from samklang.v1 import oversight_pb2 as v1  # isort: skip

pytestmark = pytest.mark.processes

OVERSIGHT = "\noversight: {listen: '127.0.0.1:0'}\n"
CANARY = "0101504444"
"""In the objection register and in the region's contacts; a generated number, nobody's."""


class Overseen:
    """A running federation; the officer's files; certificates of other kinds and organisations."""

    def __init__(self, sandbox: Sandbox, authority: Authority, folder: Path) -> None:
        self.sandbox = sandbox
        self.authority = authority
        self.folder = folder
        self.officer = sandbox.workdir / "dpo-region"
        self.config = self.officer / "config.yaml"
        self.state = sandbox.material.nodes["region"].parent / "state"
        log = (self.state.parent / "log.jsonl").read_text().splitlines()
        lines = [json.loads(line) for line in log]
        (self.address,) = [line["address"] for line in lines if line["event"] == "oversight listens"]

    def files(self, kind: Any, organisation: str) -> TlsFiles:
        name = f"{kind}-{organisation}"
        ca, certificate, key = (self.folder / f"{name}.{end}" for end in ("ca", "pem", "key"))
        if not certificate.exists():
            hosts = ("localhost",) if kind == "coordinator" else ()
            now = datetime.now(UTC)
            issued = self.authority.issue(kind, kind, organisation, days=1, now=now, hosts=hosts)
            issued.write(certificate, key)
            ca.write_bytes(self.authority.certificate)
        return TlsFiles(ca, certificate, key)

    def own(self) -> TlsFiles:
        return TlsFiles(*(self.officer / name for name in ("ca.pem", "tls.pem", "tls.key")))

    def fingerprints(self) -> dict[str, str]:
        """Every file of the node's state but SQLite's shared memory, which is no content."""
        return {
            str(path.relative_to(self.state)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.state.rglob("*"))
            if path.is_file() and not path.name.endswith("-shm")
        }


@pytest.fixture(scope="module")
def overseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Overseen]:
    base = tmp_path_factory.mktemp("oversight")
    folder = write_folder(base / "f", part=OVERSIGHT)
    with (folder / "data" / "contact.csv").open("a") as file:
        file.write(f"{CANARY},77\n")
    (folder / "data" / "no.csv").write_text(
        "cpr\n" + "\n".join([CANARY, *(p[0] for p in people(120))]) + "\n"
    )
    part = folder / "nodes" / "region.yaml"
    part.write_text(part.read_text() + "consent: {objections: {file: no.csv}}\n")
    kept: list[Authority] = []
    made = _Maker.make

    def keep(self: Any, listen: str) -> Any:
        kept.append(self._authority)
        return made(self, listen)

    patch = pytest.MonkeyPatch()
    patch.setattr(_Maker, "make", keep)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    (base / "certificates").mkdir()
    try:
        with Sandbox(folder, base / "w", environment=environment) as sandbox:
            sandbox.ask("areas")
            yield Overseen(sandbox, kept[0], base / "certificates")
    finally:
        patch.undo()


def everything(calls: Calls) -> list[Any]:
    """Every call, in every form."""
    return [
        calls.documents(),
        calls.ledger(),
        calls.ledger(after=1),
        calls.log(),
        calls.log(start=2, limit=1, seen=1),
        calls.queries(),
        calls.approvals(),
        calls.snapshots(),
        calls.health(),
    ]


def test_an_officer_changes_nothing_and_sees_nobody(overseen: Overseen) -> None:
    everything_there = {name.rpartition("/")[2] for name in MAY_CALL if "/samklang.v1.Oversight/" in name}
    with calling(overseen.address, overseen.own()) as calls:
        everything(calls)  # what SQLite does at the first look is not what is asked about here
        before = overseen.fingerprints()
        answers = everything(calls)
        assert overseen.fingerprints() == before
    assert len(before) > 6
    assert {type(answer).__name__ for answer in answers} == {f"{name}Response" for name in everything_there}
    documents, said = answers[0], answers[1:]
    for answer in (*said, documents):
        data = answer.SerializeToString()
        for number in (CANARY, *(person[0] for person in people(400))):
            assert number.encode() not in data
            assert f"{number[:6]}-{number[6:]}".encode() not in data
    (register,) = answers[7].registers
    assert (register.name, register.kind, register.about) == ("objections", "objection", "100")
    assert answers[8].linked
    assert answers[1].entries[0].nano_rho > 0


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_call_what(overseen: Overseen, kind: str) -> None:
    methods = [name for name in MAY_CALL if "/samklang.v1.Oversight/" in name]
    assert len(methods) == 7
    with open_sync_channel(overseen.address, overseen.files(kind, "region")) as channel:
        for method in methods:
            call = channel.unary_unary(method, request_serializer=None, response_deserializer=None)
            if kind in MAY_CALL[method]:
                call(b"", timeout=20)
                continue
            with pytest.raises(grpc.RpcError) as caught:
                call(b"", timeout=20)
            error = from_rpc_error(caught.value)
            assert error.code == "transport-not-authorised"
            assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert {kind for method in methods for kind in MAY_CALL[method]} == {"dpo", "operator"}


WORDS, NUMBER = st.text(max_size=80), st.integers(0, (1 << 31) - 1)
ASKED = {
    "GetLedger": st.builds(v1.GetLedgerRequest, after=NUMBER),
    "GetLog": st.builds(v1.GetLogRequest, start=NUMBER, limit=NUMBER, seen=NUMBER),
    "GetQueries": st.builds(v1.GetQueriesRequest, after=WORDS),
    "GetApprovals": st.builds(v1.GetApprovalsRequest, limit=NUMBER),
}


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_bytes_to_any_call_are_refused_by_name(overseen: Overseen, data: st.DataObject) -> None:
    """From whomever; an officer's are answered or no message, and never a defect of the node."""
    kind = data.draw(st.sampled_from(["dpo", "dpo", *KINDS]))
    method = data.draw(st.sampled_from(sorted(name for name in MAY_CALL if ".Oversight/" in name)))
    formed = ASKED.get(method.rpartition("/")[2], st.just(v1.GetHealthRequest()))
    message = data.draw(st.binary(max_size=100) | formed.map(lambda said: said.SerializeToString()))
    code = ""
    with open_sync_channel(overseen.address, overseen.files(kind, "region")) as channel:
        try:
            channel.unary_unary(method, None, None)(message, timeout=20)
        except grpc.RpcError as failure:
            code = from_rpc_error(failure).code
    assert code in (("", "transport-message") if kind in MAY_CALL[method] else ("transport-not-authorised",))


def test_officers_of_others_and_strangers_read_nothing(overseen: Overseen) -> None:
    with (
        calling(overseen.address, overseen.files("dpo", "kommune")) as calls,
        pytest.raises(SamklangError) as caught,
    ):
        calls.documents()
    assert caught.value.code == "transport-other-organisation"
    for federation in ("tiny", "other"):
        stranger = Authority.create(federation, days=1, now=datetime.now(UTC))
        issued = stranger.issue("dpo", "dpo", "region", days=1, now=datetime.now(UTC))
        credentials = grpc.ssl_channel_credentials(
            overseen.authority.certificate, issued.key, issued.certificate
        )
        with grpc.secure_channel(overseen.address, credentials) as channel:
            call = channel.unary_unary("/samklang.v1.Oversight/GetHealth", None, None)
            with pytest.raises(grpc.RpcError) as refused:
                call(b"", timeout=20)
            assert refused.value.code() == grpc.StatusCode.UNAVAILABLE, "TLS doesn't come about"


def run(overseen: Overseen, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    where = [] if "--connect" in words else ["--connect", overseen.address]
    code = command(["dpo", *words, "--config", str(overseen.config), *where])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_check_says_what_holds_and_remembers(overseen: Overseen, capsys: pytest.CaptureFixture[str]) -> None:
    seen = overseen.officer / "seen.json"
    seen.unlink(missing_ok=True)
    code, text = run(overseen, capsys, "check", "--language", "da")
    assert code == exits.OK, text
    assert text.startswith("region: alt, hvad der kan kontrolleres herfra, er i orden.")
    assert "Dette er den første kontrol" in text
    assert "Budgetregnskabets kæde er hel: 1 træk." in text
    assert "Hvert træk står i loggen." in text
    code, text = run(overseen, capsys, "check")
    assert code == exits.OK
    assert "Ledger and log continue what was seen last time; 0 new entries." in text
    assert "Seen and signed by " in text
    good = seen.read_text()
    remembered = json.loads(good)
    for change in (
        {"ledger": remembered["ledger"][:-4] + "0000"},
        {"log": {**remembered["log"], "root": "A" * 43 + "="}},
        {"log": {**remembered["log"], "size": remembered["log"]["size"] + 1}},
    ):
        seen.write_text(json.dumps(remembered | change))
        code, text = run(overseen, capsys, "check")
        assert code == exits.FAILED, "a ledger or log that doesn't continue what was seen"
        assert "region: 1 thing is wrong." in text
        assert seen.read_text() == json.dumps(remembered | change), "nothing wrong is remembered"
    seen.write_text(good)


def test_a_policy_that_others_signed_is_not_shown(
    overseen: Overseen, capsys: pytest.CaptureFixture[str]
) -> None:
    from samklang.identity.keys import SigningKey

    code, text = run(overseen, capsys, "policy", "--json")
    assert code == exits.OK
    assert json.loads(text)["policy"]["policy"]["node"] == "region"
    good = overseen.config.read_text()
    config = json.loads(good)
    config["trust"]["policy"] = [SigningKey.generate().verify_key.text]
    overseen.config.write_text(json.dumps(config))
    try:
        for words in (["policy"], ["check"]):
            code, text = run(overseen, capsys, *words)
            assert code != exits.OK
            assert "signature" in text
            assert "policy:1:1" in text or "The policy: " in text, "which document"
    finally:
        overseen.config.write_text(good)


def test_log_ledger_approvals_snapshots_and_health(
    overseen: Overseen, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = run(overseen, capsys, "log")
    assert code == exits.OK
    assert "charged" in text
    assert "permit" in text
    code, text = run(overseen, capsys, "ledger", "--json")
    said = json.loads(text)
    assert (code, len(said["entries"])) == (exits.OK, 1)
    spent = {(a["grant"], a["period"]): a["spent"] for a in said["accounts"]}
    assert spent["", "month"] == spent["overview", "year"] == said["entries"][0]["nano_rho"]
    code, text = run(overseen, capsys, "approvals")
    assert (code, text.strip()) == (exits.OK, "Nothing waits for a decision.")
    code, text = run(overseen, capsys, "snapshots")
    assert code == exits.OK
    assert "objections" in text
    code, text = run(overseen, capsys, "health", "--language", "da")
    assert code == exits.OK
    assert "region: forbundet" in text


def test_the_officers_own_file_and_page(
    overseen: Overseen, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Made on the officer's machine; verified by anybody with the keys; what was asked is in it in words."""
    export, keys = tmp_path / "log.json", tmp_path / "keys.txt"
    assert run(overseen, capsys, "log", "--out", str(export))[0] == exits.OK
    node = str(overseen.state.parent / "config.yaml")
    command(["audit", "keys", "--config", node])
    keys.write_text(capsys.readouterr().out)
    # By keys of controllers whom the officer trusts, and not by what the node's configuration says.
    assert run(overseen, capsys, "keys") == (exits.OK, keys.read_text())
    words = ["audit", "verify", str(export), "--keys", str(keys), "--json"]
    assert command([*words, "--report", str(tmp_path / "made.html")]) == exits.OK
    found = json.loads(capsys.readouterr().out)
    assert (found["queries"], found["unseen_releases"]) == (1, 0)
    assert {one["witness"] for one in found["cosigned"]} == {"kommune"}
    assert run(overseen, capsys, "log", "--out", str(tmp_path / "own.html"))[0] == exits.OK
    made, own = ((tmp_path / name).read_text() for name in ("made.html", "own.html"))
    title = "<h2>What was asked, and what was answered"
    assert made.partition(title)[2] == own.partition(title)[2] != ""
    assert run(overseen, capsys, "log", "--out", str(tmp_path / "log.csv"))[0] == exits.FAILED


def test_a_query_that_the_node_hides_is_missed(
    overseen: Overseen, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(overseen.state / "questions.sqlite") as db:
        rows = db.execute("SELECT * FROM question").fetchall()
        db.execute("DELETE FROM question")
    try:
        _, text = run(overseen, capsys, "check")
        assert "The log speaks of 1 query that the node doesn't show: entry " in text
    finally:
        with sqlite3.connect(overseen.state / "questions.sqlite") as db:
            db.executemany("INSERT INTO question VALUES (?, ?, ?, ?)", rows)
    _, text = run(overseen, capsys, "check", "--language", "da")
    assert "Den forespørgsel, loggen nævner, kan læses." in text


def said_number(overseen: Overseen, capsys: pytest.CaptureFixture[str]) -> int:
    """The number of the entry about the question that was asked."""
    _, text = run(overseen, capsys, "log", "--json")
    return int(next(e["number"] for e in json.loads(text)["entries"] if e["kind"] == "asked"))


def test_a_draft_is_tried_from_outside(
    overseen: Overseen, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What the officer computes from what the node sends is what the node computes beside its log."""
    policy = overseen.sandbox.workdir.parent / "f" / "policies" / "region.yaml"
    draft = tmp_path / "draft.yaml"
    draft.write_text(policy.read_text().replace("max_axes: 3", "max_axes: 1"))
    code, text = run(overseen, capsys, "simulate", str(draft), "--json")
    assert code == exits.OK, text
    said = json.loads(text)
    assert (said["requests"], said["narrower"], said["lost"], said["node_caps_known"]) == (1, 1, [], True)
    assert said["changed"][0]["draft"]["codes"] == ["policy-axes"]
    config = str(overseen.state.parent / "config.yaml")
    command(["policy", "simulate", str(draft), "--log", config, "--json"])
    beside = json.loads(capsys.readouterr().out)
    assert {**said, "entries": 0} == {**beside, "entries": 0}
    number = said_number(overseen, capsys)
    code, text = run(overseen, capsys, "log", str(number), "--language", "da")
    assert (code, "Fordelt på: Område (area): Nord, Syd" in text) == (exits.OK, True)
    assert run(overseen, capsys, "log", "999")[0] == exits.FAILED
    draft.write_text(policy.read_text().replace("who: [analyst]", "who: [analyst]\n    max_axes: 9"))
    code, text = run(overseen, capsys, "simulate", str(draft))
    assert code == exits.DOCUMENT


def test_at_the_coordinator_an_officer_sees_that_own_nodes_took_part(
    overseen: Overseen, capsys: pytest.CaptureFixture[str]
) -> None:
    address = overseen.sandbox.address
    code, text = run(overseen, capsys, "queries", "--json", "--connect", address)
    (query,) = json.loads(text)
    assert (code, query["state"], query["nodes"], query["analyst"]) == (
        exits.OK,
        "done",
        ["region"],
        "analyst",
    )
    from samklang.cli.overseeing.calls import participations

    assert participations(address, overseen.files("dpo", "nobody"), 10) == []
    with pytest.raises(SamklangError) as caught:
        participations(address, overseen.files("analyst", "region"), 10)
    assert caught.value.code == "transport-not-authorised"


def test_only_named_certificates_where_the_node_names_them() -> None:
    from samklang.node.oversight.server import Overseen as Served
    from samklang.transport.peer import Peer

    class Reader:
        organisation = "region"

    served = Served(Reader(), "127.0.0.1:0", ["a" * 64])  # type: ignore[arg-type]
    served.admit(Peer("tiny", "dpo", "anne", "a" * 64, 0.0, "region"))
    for peer in (
        Peer("tiny", "dpo", "anne", "b" * 64, 0.0, "region"),
        Peer("tiny", "dpo", "anne", "a" * 64, 0.0, "kommune"),
    ):
        with pytest.raises(SamklangError) as caught:
            served.admit(peer)
        assert caught.value.code == "transport-other-organisation"
    assert v1.GetHealthRequest().SerializeToString() == b""

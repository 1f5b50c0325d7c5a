"""A federation from nothing by its own commands: keys, requests, fingerprints, signatures; it answers."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import expected, write_folder

from samklang.analyst import connect
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.processes import Managed, stop_all
from samklang.identity.pki import Authority, peer_from_certificate
from samklang.identity.requests import new_request
from samklang.model.yaml_tree import read_tree

Run = Callable[..., dict[str, Any]]
LABELS = ("--label-en", 'North "A": x', "--label-da", "Nord – æøå")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that succeeds (or ends with ``code``); returns what it says."""

    def run(*words: object, code: int = exits.OK) -> dict[str, Any]:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == code
        shown = capsys.readouterr()
        said: dict[str, Any] = json.loads(shown.out if code == exits.OK else shown.err)
        return said if code == exits.OK else said["error"]

    return run


def init(run: Run, folder: Path, address: str = "127.0.0.1:7443") -> dict[str, Any]:
    names = ("--id", "tiny", "--organisation", "operator", "--address", address)
    return run("federation", "init", folder, *names, *LABELS)


def enrol(run: Run, folder: Path, name: str, *more: str) -> str:
    """Returns the fingerprint that the member reads out."""
    names = ("--federation", "tiny", "--id", name, "--organisation", name)
    said = run("federation", "enrol", folder, *names, *more)
    return str(said["fingerprints"]["request"])


def test_private_keys_stay_where_they_were_made(run: Run, tmp_path: Path) -> None:
    init(run, tmp_path / "op")
    told = enrol(run, tmp_path / "gp", "gp", "--sectors", "gp")
    said = run(
        "federation", "admit", tmp_path / "op", tmp_path / "gp" / "request.json", "--fingerprint", told
    )
    private = [(tmp_path / "gp" / name).read_bytes() for name in ("tls.key", "identity.key")]
    for key in private:
        body = key.splitlines()[1]
        for file in (tmp_path / "gp" / "request.json", Path(said["file"]), *(tmp_path / "op").rglob("*.*")):
            assert body not in file.read_bytes()
    for folder in ("op", "gp"):
        for key_file in (tmp_path / folder).rglob("*.key"):
            assert key_file.stat().st_mode & 0o077 == 0
    certificate = json.loads(Path(said["file"]).read_text())["certificate"]
    assert peer_from_certificate(certificate.encode()).uri == "samklang://tiny/node/gp"


def test_a_node_is_added_and_comments_stay(run: Run, tmp_path: Path) -> None:
    init(run, tmp_path / "op")
    manifest = tmp_path / "op" / "federation.yaml"
    manifest.write_text(manifest.read_text().replace("nodes:\n", "# our own words\nnodes:\n"))
    for name in ("north", "south"):
        told = enrol(run, tmp_path / name, name, "--sectors", "kommune", *LABELS)
        request = tmp_path / name / "request.json"
        run("federation", "admit", tmp_path / "op", request, "--fingerprint", told)
    text = manifest.read_text()
    assert "# our own words" in text
    nodes = read_tree(text.encode(), "m").data["nodes"]
    assert [node["id"] for node in nodes] == ["north", "south"]
    assert nodes[0]["label"] == {"en": 'North "A": x', "da": "Nord – æøå"}


def test_a_changed_request_has_another_fingerprint_or_no_signature(run: Run, tmp_path: Path) -> None:
    init(run, tmp_path / "op")
    told = enrol(run, tmp_path / "gp", "gp", "--sectors", "gp")
    other = enrol(run, tmp_path / "evil", "gp", "--sectors", "gp")
    request = tmp_path / "evil" / "request.json"
    words = ("federation", "admit", tmp_path / "op", request, "--fingerprint")
    assert told != other
    assert run(*words, told, code=exits.DOCUMENT)["code"] == "enrolment-fingerprint"
    paper = json.loads(request.read_text())
    paper["payload"] = json.loads((tmp_path / "gp" / "request.json").read_text())["payload"]
    request.write_text(json.dumps(paper))
    assert run(*words, told, code=exits.DOCUMENT)["code"].startswith("identity-signature")
    request.write_text("{}")
    assert run(*words, told, code=exits.DOCUMENT)["code"] == "identity-envelope"
    assert not (tmp_path / "op" / "replies").exists()


def test_nobody_is_admitted_twice_or_to_another_federation(run: Run, tmp_path: Path) -> None:
    init(run, tmp_path / "op")
    told = enrol(run, tmp_path / "gp", "gp", "--sectors", "gp")
    words = ("federation", "admit", tmp_path / "op", tmp_path / "gp" / "request.json", "--fingerprint", told)
    run(*words)
    before = (tmp_path / "op" / "federation.yaml").read_text()
    assert run(*words, code=exits.DOCUMENT)["code"] == "enrolment-known"
    assert (tmp_path / "op" / "federation.yaml").read_text() == before
    names = ("--federation", "other", "--id", "x", "--organisation", "x")
    said = run("federation", "enrol", tmp_path / "x", *names)
    elsewhere = ("federation", "admit", tmp_path / "op", tmp_path / "x" / "request.json", "--fingerprint")
    found = run(*elsewhere, said["fingerprints"]["request"], code=exits.DOCUMENT)
    assert found["code"] == "enrolment-file"


def test_a_manifest_that_ends_otherwise_is_left_alone(run: Run, tmp_path: Path) -> None:
    init(run, tmp_path / "op")
    manifest = tmp_path / "op" / "federation.yaml"
    manifest.write_text(manifest.read_text().replace("nodes:\n", "nodes: []\nmore: 1\n"))
    before = manifest.read_text()
    told = enrol(run, tmp_path / "gp", "gp", "--sectors", "gp")
    words = ("federation", "admit", tmp_path / "op", tmp_path / "gp" / "request.json", "--fingerprint", told)
    assert run(*words, code=exits.DOCUMENT)["code"] == "enrolment-manifest"
    assert manifest.read_text() == before


def test_a_reply_must_be_the_authoritys_for_this_member_and_its_key(run: Run, tmp_path: Path) -> None:
    made = init(run, tmp_path / "op")
    init(run, tmp_path / "foreign")
    authority = made["fingerprints"]["authority"]
    told = enrol(run, tmp_path / "gp", "gp", "--sectors", "gp")
    words = ("federation", "admit", tmp_path / "op", tmp_path / "gp" / "request.json", "--fingerprint", told)
    said = run(*words)
    assert said["fingerprints"]["authority"] == authority
    good = json.loads(Path(said["file"]).read_text())
    bad = tmp_path / "bad.json"

    def install(reply: dict[str, Any], fingerprint: str = authority, code: int = exits.DOCUMENT) -> str:
        bad.write_text(json.dumps(reply))
        words = ("federation", "install", tmp_path / "gp", bad, "--fingerprint", fingerprint)
        return str(run(*words, code=code).get("code"))

    from datetime import UTC, datetime

    mine = Authority.load(tmp_path / "op" / "ca.pem", tmp_path / "op" / "ca.key")
    others = Authority.load(tmp_path / "foreign" / "ca.pem", tmp_path / "foreign" / "ca.key")
    csr = json.loads(json.loads(json.dumps(_payload(tmp_path / "gp" / "request.json"))))["csr"].encode()
    now = datetime.now(UTC)
    swapped = {
        "foreign authority": others.certify(csr, "node", "gp", "gp", days=1, now=now),
        "other member": mine.certify(csr, "node", "other", "gp", days=1, now=now),
        "other kind": mine.certify(csr, "analyst", "gp", "gp", days=1, now=now),
        "other key": mine.certify(new_request("gp", "gp")[0], "node", "gp", "gp", days=1, now=now),
    }
    for certificate in swapped.values():
        assert install({**good, "certificate": certificate.decode()}) == "enrolment-file"
    foreign = {**good, "authority": others.certificate.decode()}
    assert install(foreign) == "enrolment-fingerprint"
    assert install({}) == "enrolment-file"
    assert install({**good, "certificate": "x"}) == "identity-certificate"
    assert not (tmp_path / "gp" / "config.yaml").exists()
    assert install(good, authority.upper(), exits.OK) == "None"
    assert (tmp_path / "gp" / "tls.pem").read_text() == good["certificate"]


def _payload(request: Path) -> str:
    import base64

    return base64.b64decode(json.loads(request.read_text())["payload"]).decode()


@pytest.mark.parametrize("name", ["Æble", "a b", "", "x" * 64, "../x"])
def test_names_that_cannot_stand_in_documents_are_refused(run: Run, tmp_path: Path, name: str) -> None:
    names = ("--federation", "tiny", f"--id={name}", "--organisation", "gp")
    assert (
        run("federation", "enrol", tmp_path / "gp", *names, code=exits.DOCUMENT)["code"] == "enrolment-name"
    )
    assert not (tmp_path / "gp").exists()


def test_nothing_is_made_over_something(run: Run, tmp_path: Path) -> None:
    (tmp_path / "op").mkdir()
    (tmp_path / "op" / "mine").write_text("x")
    words = ("federation", "init", tmp_path / "op", "--id", "tiny", "--organisation", "o")
    assert run(*words, code=exits.DOCUMENT)["code"] == "enrolment-folder"
    run("federation", "key", tmp_path / "c.key")
    again = run("federation", "key", tmp_path / "c.key", code=exits.DOCUMENT)
    assert again["code"] == "identity-key-exists"


@pytest.fixture
def processes() -> Iterator[list[Managed]]:
    started: list[Managed] = []
    yield started
    stop_all(started)


@pytest.mark.processes
def test_a_federation_that_was_enrolled_answers(run: Run, tmp_path: Path, processes: list[Managed]) -> None:
    """Operator, controller, two partners and an analyst, each in a folder of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    papers = write_folder(tmp_path / "papers")
    operator = tmp_path / "operator"
    authority = init(run, operator, address)["fingerprints"]["authority"]
    controller = run("federation", "key", tmp_path / "controller.key")["public"]
    members = {"kommune": ("--sectors", "kommune"), "region": ("--sectors", "region")}
    members["anna"] = ("--kind", "analyst")
    told = {}
    for name, more in members.items():
        place = tmp_path / name
        words = (
            "--federation",
            "tiny",
            "--id",
            name,
            "--organisation",
            "kommune" if name == "anna" else name,
        )
        told[name] = run("federation", "enrol", place, *words, *more)["fingerprints"]["request"]
        request = place / "request.json"
        reply = run("federation", "admit", operator, request, "--fingerprint", told[name])["file"]
        trust = ("--trust", controller, "--fingerprint", authority)
        run("federation", "install", place, reply, *trust)

    key = ("--key", tmp_path / "controller.key", "--out")
    book = run("federation", "sign", "codebook", papers / "codebook.yaml", *key, operator / "codebook.json")
    manifest = operator / "federation.yaml"
    text = manifest.read_text().replace(
        "# compute_parties: [A, B, C]", "compute_parties: [coordinator, kommune, region]"
    )
    manifest.write_text(text.replace('# codebook: "sha256:..."', f'codebook: "{book["digest"]}"'))
    run("federation", "sign", "manifest", manifest, *key, operator / "manifest.json")
    config = operator / "coordinator" / "config.yaml"
    config.write_text(config.read_text().replace("[]", f'["{controller}"]'))
    for node, table in (("kommune", "citizen"), ("region", "contact")):
        place = tmp_path / node
        for name in ("manifest.json", "codebook.json"):
            shutil.copy(operator / name, place / name)
        run("federation", "sign", "policy", papers / "policies" / f"{node}.yaml", *key, place / "policy.json")
        config = place / "config.yaml"
        tables = f"tables: {{{table}: {{file: {papers}/data/{table}.csv}}}}"
        config.write_text(config.read_text().replace("tables: {}", tables))
        assert run("node", "check", "--config", config)["tables"][table]["rows_kept"] > 0
    vouched = ("--identity", tmp_path / "kommune" / "identity.key", "--fingerprint", told["anna"])
    request, credential = tmp_path / "anna" / "request.json", tmp_path / "anna" / "credential.json"
    run("federation", "vouch", request, *vouched, "--out", credential)

    for name, path in (
        ("coordinator", operator / "coordinator" / "config.yaml"),
        ("node", tmp_path / "kommune" / "config.yaml"),
        ("node", tmp_path / "region" / "config.yaml"),
    ):
        command = [sys.executable, "-m", "samklang.cli", name, "run", "--config", str(path)]
        processes.append(Managed(name, command, path.parent / "log.jsonl"))
        if name == "coordinator":
            assert processes[-1].ready(60)["address"] == address
    for node in processes[1:]:
        node.ready(60)
    with connect(tmp_path / "anna" / "config.yaml") as client:
        assert client.plan(papers / "queries" / "areas.yaml").permitted
        release = client.ask(papers / "queries" / "areas.yaml")
    sd = float(release.header["privacy"]["count_sd"])
    exact = expected(400)
    for cell in release.document["cells"]:
        if cell["shown"]:  # 7.5 standard deviations: a false alarm below 1e-12
            count, _ = exact.get((cell["levels"]["area"], cell["levels"]["contacts"]), (0, 0))
            assert abs(cell["count"] - count) < 7.5 * sd

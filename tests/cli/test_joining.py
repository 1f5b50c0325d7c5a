"""Joining over the network with an invitation; new keys, revocation, leaving; the coordinator is real."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from tests.cli.test_federation_enrolment import init
from tests.node.tiny import write_folder

from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.overseeing.config import load_officer_config
from samklang.cli.sandbox.processes import Managed, stop_all
from samklang.identity.pki import peer_from_certificate
from samklang.model.enrolment import Invitation, proof, read_invitation
from samklang.model.yaml_tree import read_tree

Run = Callable[..., Any]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that succeeds (or ends with ``code``); returns what it says."""

    def run(*words: object, code: int = exits.OK) -> Any:
        capsys.readouterr()
        got = main([*map(str, words), "--json"])
        shown = capsys.readouterr()
        assert got == code, shown.err
        return json.loads(shown.out) if code == exits.OK else json.loads(shown.err)["error"]

    return run


@pytest.fixture
def coordinators() -> Iterator[list[Managed]]:
    started: list[Managed] = []
    yield started
    stop_all(started)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Operator:
    """An operator's folder with a coordinator that runs, for a federation of two nodes from files."""

    def __init__(self, run: Run, folder: Path, started: list[Managed]) -> None:
        self.run, self.folder, self._started = run, folder, started
        self.address = f"127.0.0.1:{free_port()}"
        enrolment = f"127.0.0.1:{free_port()}"
        names = ("--id", "tiny", "--organisation", "operator", "--address", self.address)
        self.told = run("federation", "init", folder, *names, "--enrolment", enrolment)["fingerprints"]

    def complete(self, template: Path, tmp: Path, members: dict[str, Path]) -> None:
        """Sign what the members' controllers sign: codebook and manifest."""
        run = self.run
        controller = run("federation", "key", tmp / "controller.key")["public"]
        sign = ("--key", tmp / "controller.key")
        codebook = run("federation", "sign", "codebook", template / "codebook.yaml", *sign, "--out",
                       self.folder / "codebook.json")["digest"]  # fmt: skip
        draft = self.folder / "federation.yaml"
        names = ", ".join(["coordinator", *members])
        text = draft.read_text()
        text = text.replace("# compute_parties: [A, B, C]", f"compute_parties: [{names}]")
        draft.write_text(text.replace('# codebook: "sha256:..."', f'codebook: "{codebook}"'))
        run("federation", "sign", "manifest", draft, *sign, "--out", self.folder / "manifest.json")
        config = self.folder / "coordinator/config.yaml"
        config.write_text(config.read_text().replace("[]", f'["{controller}"]'))

    def start(self) -> Managed:
        config = self.folder / "coordinator/config.yaml"
        command = [sys.executable, "-m", "samklang.cli", "coordinator", "run", "--config", str(config)]
        process = Managed("coordinator", command, self.folder / "log.jsonl")
        self._started.append(process)
        process.ready(60)
        return process


@pytest.fixture
def operator(run: Run, tmp_path: Path, coordinators: list[Managed]) -> Operator:
    """Two founding nodes have enrolled by files; the coordinator runs."""
    template = write_folder(tmp_path / "template")
    made = Operator(run, tmp_path / "op", coordinators)
    members = {}
    nodes = read_tree((template / "federation.yaml").read_bytes(), "federation.yaml").data["nodes"]
    for node in nodes:
        name = node["id"]
        folder = tmp_path / name
        words = ("--federation", "tiny", "--id", name, "--organisation", node["organisation"])
        said = run("federation", "enrol", folder, *words, "--sectors", ",".join(node["sectors"]))
        told = said["fingerprints"]["request"]
        run("federation", "admit", made.folder, folder / "request.json", "--fingerprint", told)
        reply = made.folder / f"replies/node-{name}.json"
        run("federation", "install", folder, reply, "--fingerprint", made.told["authority"])
        members[name] = folder
    made.complete(template, tmp_path, members)
    made.start()
    return made


def _invitation(operator: Operator, file: Path, name: str = "late", *more: str) -> Invitation:
    words = ("--id", name, "--organisation", name, "--sectors", "gp", *more)
    said = operator.run("federation", "invite", operator.folder, *words)
    file.write_text(said["invitation"])
    return read_invitation(said["invitation"])


def test_a_member_joins_by_invitation_and_telephone(operator: Operator, run: Run, tmp_path: Path) -> None:
    _invitation(operator, tmp_path / "paper")
    node, paper, host = tmp_path / "late", tmp_path / "paper", ("--host", "late.example.dk")
    waiting = run("federation", "join", node, "--invitation", paper, *host, code=exits.DOCUMENT)
    assert waiting["code"] == "enrolment-waiting"
    (asked,) = run("federation", "requests", operator.folder)
    assert (asked["id"], asked["kind"], asked["organisation"]) == ("late", "node", "late")
    # What the member reads out is what the operator sees; somebody else's fingerprint admits nobody.
    wrong = run(
        "federation", "admit", operator.folder, "late", "--fingerprint", "0" * 32, code=exits.DOCUMENT
    )
    assert wrong["code"] == "enrolment-fingerprint"
    run("federation", "admit", operator.folder, "late", "--fingerprint", asked["fingerprint"])
    said = run("federation", "join", node, "--invitation", paper)
    assert said["fingerprints"]["request"] == asked["fingerprint"]
    run("federation", "install", node, said["file"], "--fingerprint", operator.told["authority"])
    draft = read_tree((operator.folder / "federation.yaml").read_bytes(), "x").data
    assert draft["nodes"][-1]["id"] == "late"
    assert draft["federation"]["version"] == 2, "a signed manifest has version 1"
    assert _names(node / "tls.pem") == ["late.example.dk"], "by which its officer calls it"
    assert run("federation", "requests", operator.folder) == []
    _an_officer_joins(operator, run, tmp_path)
    for key in (node / "tls.key", node / "identity.key"):
        body = key.read_bytes().splitlines()[1]
        for file in operator.folder.rglob("*"):
            assert not file.is_file() or body not in file.read_bytes()


def _names(certificate: Path) -> list[str]:
    extensions = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions
    found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return found.get_values_for_type(x509.DNSName)


def _an_officer_joins(operator: Operator, run: Run, tmp_path: Path) -> None:
    """As docs/dpo-guide.md says."""
    folder, paper = tmp_path / "dpo", tmp_path / "officer"
    who = ("--kind", "dpo", "--id", "kirsten", "--organisation", "late")
    paper.write_text(run("federation", "invite", operator.folder, *who)["invitation"])
    run("federation", "join", folder, "--invitation", paper, code=exits.DOCUMENT)
    (asked,) = run("federation", "requests", operator.folder)
    run("federation", "admit", operator.folder, "kirsten", "--fingerprint", asked["fingerprint"])
    reply = run("federation", "join", folder, "--invitation", paper)["file"]
    key = run("federation", "key", tmp_path / "dpo.key")["public"]
    told = ("--fingerprint", operator.told["authority"], "--trust", key)
    config = Path(run("federation", "install", folder, reply, *told)["file"])
    config.write_text(
        config.read_text().replace(
            '# node: {id: NODE, address: "HOST:PORT"}', 'node: {id: late, address: "late.example.dk:7444"}'
        )
    )
    found = load_officer_config(config)
    assert (found.node.id, found.trust.policy) == ("late", (key,))
    peer = peer_from_certificate((folder / "tls.pem").read_bytes())
    assert (peer.kind, peer.organisation) == ("dpo", "late")
    assert not _names_or_none(folder / "tls.pem"), "an officer's certificate serves nothing"


def _names_or_none(certificate: Path) -> list[str]:
    try:
        return _names(certificate)
    except x509.ExtensionNotFound:
        return []


def test_an_invitation_is_good_once_for_one_member_and_some_days(
    operator: Operator, run: Run, tmp_path: Path
) -> None:
    invitation = _invitation(operator, tmp_path / "paper")
    run("federation", "join", tmp_path / "a", "--invitation", tmp_path / "paper", code=exits.DOCUMENT)
    # Another request with the same invitation: other keys.
    second = run(
        "federation", "join", tmp_path / "b", "--invitation", tmp_path / "paper", code=exits.DOCUMENT
    )
    assert second["code"] == "enrolment-invitation"
    for name, other in {
        "secret": {"secret": "0" * 32},
        "number": {"number": "0" * 16},
        "name": {"id": "other"},
        "kind": {"kind": "analyst", "sectors": ()},
    }.items():
        fresh = _invitation(operator, tmp_path / "fresh", "later")
        (tmp_path / name).write_text(fresh.model_copy(update=other).text())
        refused = run("federation", "join", tmp_path / f"m-{name}", "--invitation", tmp_path / name,
                      code=exits.DOCUMENT)  # fmt: skip
        assert refused["code"] == "enrolment-invitation", name
    _invitation(operator, tmp_path / "old", "old", "--days", "0")
    old = run(
        "federation", "join", tmp_path / "old-node", "--invitation", tmp_path / "old", code=exits.DOCUMENT
    )
    assert old["code"] == "enrolment-invitation"
    assert len(run("federation", "requests", operator.folder)) == 1
    run("federation", "requests", operator.folder, "--refuse", "late")
    gone = run("federation", "join", tmp_path / "a", "--invitation", tmp_path / "paper", code=exits.DOCUMENT)
    assert gone["code"] == "enrolment-refused"
    assert proof(invitation.secret, b"x") != proof("0" * 32, b"x")


def test_who_tries_secrets_is_slowed_down(operator: Operator, run: Run, tmp_path: Path) -> None:
    wrong = _invitation(operator, tmp_path / "paper").model_copy(update={"secret": "0" * 32})
    (tmp_path / "wrong").write_text(wrong.text())
    codes = [
        run("federation", "join", tmp_path / "x", "--invitation", tmp_path / "wrong", code=exits.DOCUMENT)[
            "code"
        ]
        for _ in range(12)
    ]
    assert codes[:10] == ["enrolment-invitation"] * 10
    assert codes[10:] == ["enrolment-busy"] * 2


def test_somebody_elses_server_gets_nothing(operator: Operator, run: Run, tmp_path: Path) -> None:
    """An invitation names the authority: a coordinator certified by another one isn't asked."""
    foreign = tmp_path / "foreign"
    init(run, foreign)
    invitation = _invitation(operator, tmp_path / "paper")
    other = invitation.model_copy(update={"authority": (foreign / "ca.pem").read_text()})
    (tmp_path / "other").write_text(other.text())
    refused = run(
        "federation", "join", tmp_path / "x", "--invitation", tmp_path / "other", code=exits.UNREACHABLE
    )
    assert refused["code"].startswith("transport-")
    assert run("federation", "requests", operator.folder) == []


def test_new_keys_revocation_and_leaving(operator: Operator, run: Run, tmp_path: Path) -> None:
    node = sorted(p.parent.name for p in tmp_path.glob("*/request.json"))[0]
    folder, paper = tmp_path / node, tmp_path / "paper"
    before = (folder / "tls.pem").read_bytes(), (folder / "identity.key").read_bytes()
    organisation = json.loads(_payload(folder / "request.json"))["organisation"]
    sectors = ",".join(json.loads(_payload(folder / "request.json"))["sectors"])
    said = run("federation", "invite", operator.folder, "--id", node, "--organisation", organisation,
               "--sectors", sectors)  # fmt: skip
    paper.write_text(said["invitation"])
    run("federation", "renew", folder, "--identity", "--invitation", paper, code=exits.DOCUMENT)
    (asked,) = run("federation", "requests", operator.folder)
    run("federation", "admit", operator.folder, node, "--fingerprint", asked["fingerprint"])
    reply = run("federation", "renew", folder, "--invitation", paper)["file"]
    changed = run("federation", "swap", folder, reply, "--fingerprint", operator.told["authority"])["changed"]
    assert set(changed) == {"identity.key", "request.json", "ca.pem", "tls.key", "tls.pem"}
    assert (folder / "tls.pem.old").read_bytes() == before[0]
    assert (folder / "identity.key").read_bytes() != before[1]
    draft = read_tree((operator.folder / "federation.yaml").read_bytes(), "x").data
    new = json.loads(_payload(folder / "request.json"))["identity"]
    assert [n["identity"] for n in draft["nodes"] if n["id"] == node] == [new]
    assert draft["federation"]["version"] == 2
    # The old certificate still opens connections, until it is revoked.
    old = tmp_path / "old"
    old.mkdir()
    for name in ("ca.pem", "tls.pem", "tls.key"):
        (old / name).write_bytes((folder / f"{name}.old").read_bytes())
        (old / name).chmod(0o600)
    assert _hello(operator.address, old) == "linked"
    assert run("federation", "revoke", operator.folder, node)["revoked"]
    assert _hello(operator.address, old) == "transport-certificate-revoked"
    assert _hello(operator.address, folder) == "linked"
    assert len(run("federation", "remove", operator.folder, node)["revoked"]) == 1
    assert _hello(operator.address, folder) == "transport-certificate-revoked"
    draft = read_tree((operator.folder / "federation.yaml").read_bytes(), "x").data
    assert node not in [n["id"] for n in draft["nodes"]]


def test_signatures_are_added_one_by_one(operator: Operator, run: Run, tmp_path: Path) -> None:
    draft = operator.folder / "federation.yaml"
    run("federation", "key", tmp_path / "second.key")
    sign = ("federation", "sign", "manifest", draft, "--key", tmp_path / "second.key", "--onto",
            operator.folder / "manifest.json")  # fmt: skip
    run(*sign, "--out", tmp_path / "both.json")
    assert len(json.loads((tmp_path / "both.json").read_text())["signatures"]) == 2
    draft.write_text(draft.read_text().replace("version: 1", "version: 5"))
    other = run(*sign, "--out", tmp_path / "third.json", code=exits.DOCUMENT)
    assert other["code"] == "enrolment-file"


def _payload(paper: Path) -> bytes:
    from samklang.identity.dsse import Envelope

    return Envelope.from_bytes(paper.read_bytes()).payload


def _hello(address: str, folder: Path) -> str:
    """What the coordinator says to a link with the certificate in ``folder``."""
    import asyncio

    from samklang.errors import SamklangError
    from samklang.node.link import Link
    from samklang.transport.tls import TlsFiles

    files = TlsFiles(folder / "ca.pem", folder / "tls.pem", folder / "tls.key")
    documents = operator_documents(folder)

    async def run() -> str:
        linked: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def hear(_: Any) -> Any:
            linked.set_result("linked")
            return lambda message: None

        async def unlinked(error: SamklangError) -> None:
            pass

        task = asyncio.create_task(Link(address, files, *documents, hear, unlinked).run())
        done, _ = await asyncio.wait({task, linked}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        if linked in done:
            return "linked"
        error = task.exception() if task in done else None
        return error.code if isinstance(error, SamklangError) else "silence"

    return asyncio.run(run())


def operator_documents(folder: Path) -> tuple[str, str]:
    """Digests of the manifest and codebook that the operator's coordinator has."""
    from samklang.model.canonical import digest_bytes

    place = folder.parent / "op"
    return tuple(digest_bytes(_payload(place / f"{name}.json")) for name in ("manifest", "codebook"))  # type: ignore[return-value]

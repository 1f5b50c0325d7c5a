"""Operators and evaluators join like every other member, and get no more than they need."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.cli import test_joining as joining
from tests.core.model.test_model_signing import query

from samklang.cli import exits
from samklang.cli.enrolment.manifest_draft import Draft
from samklang.errors import SamklangError
from samklang.identity.dsse import Envelope
from samklang.identity.keys import SigningKey
from samklang.identity.pki import peer_from_certificate
from samklang.model.calendar import day_of
from samklang.model.canonical import parse_canonical
from samklang.model.enrolment import Request, read_request, sign_request
from samklang.model.manifest import Manifest
from samklang.model.query import Analyst
from samklang.model.signing import sign_query, verify_query
from samklang.model.yaml_tree import read_tree
from samklang.transport.authorisation import MAY_CALL
from samklang.transport.options import open_sync_channel
from samklang.transport.status import from_rpc_error
from samklang.transport.tls import TlsFiles

import grpc  # isort: skip

run, coordinators, operator = joining.run, joining.coordinators, joining.operator
Run, Operator = joining.Run, joining.Operator


def invited(operator: Operator, folder: Path, *words: str) -> tuple[Path, dict[str, Any]]:
    """Join over the network and by telephone; returns the reply's file and the request as it waited."""
    said = operator.run("federation", "invite", operator.folder, *words)
    paper = folder.with_suffix(".txt")
    paper.write_text(said["invitation"])
    join = ("federation", "join", folder, "--invitation", paper)
    assert operator.run(*join, code=exits.DOCUMENT)["code"] == "enrolment-waiting"
    (asked,) = operator.run("federation", "requests", operator.folder)
    admit = ("federation", "admit", operator.folder, asked["id"], "--fingerprint")
    assert operator.run(*admit, "0" * 32, code=exits.DOCUMENT)["code"] == "enrolment-fingerprint"
    operator.run(*admit, asked["fingerprint"])
    return Path(operator.run(*join)["file"]), asked


def refusals(address: str, folder: Path) -> dict[str, str]:
    """What the coordinator says to each of its methods, called with nothing in it."""
    files = TlsFiles(folder / "ca.pem", folder / "tls.pem", folder / "tls.key")
    found = {}
    with open_sync_channel(address, files) as channel:
        for method in MAY_CALL:
            if method.split("/")[1] not in ("samklang.v1.Federation", "samklang.v1.Nodes"):
                continue
            try:
                channel.unary_unary(method, None, None)(b"", timeout=20)
                found[method] = "answered"
            except grpc.RpcError as failure:
                found[method] = from_rpc_error(failure, address).code
    return found


@pytest.mark.processes
def test_an_operator_may_call_what_the_table_says_and_nothing_else(
    operator: Operator, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "olga"
    reply, asked = invited(
        operator, folder, "--kind", "operator", "--id", "olga", "--organisation", "operator"
    )
    assert (asked["id"], asked["kind"], asked["organisation"]) == ("olga", "operator", "operator")
    trust = run("federation", "key", tmp_path / "c2.key")["public"]
    run("federation", "install", folder, reply, "--fingerprint", operator.told["authority"], "--trust", trust)
    pem = (folder / "tls.pem").read_bytes()
    peer = peer_from_certificate(pem)
    assert (peer.kind, peer.name, peer.organisation) == ("operator", "olga", "operator")
    extensions = x509.load_pem_x509_certificate(pem).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [] == names.get_values_for_type(x509.IPAddress)
    uses = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]

    said = refusals(operator.address, folder)
    allowed = {method for method in said if "operator" in MAY_CALL[method]}
    assert allowed == {"/samklang.v1.Federation/GetDocuments"}
    assert {method for method, code in said.items() if code != "transport-not-authorised"} == allowed
    assert said["/samklang.v1.Federation/GetDocuments"] == "answered"

    draft = read_tree((operator.folder / "federation.yaml").read_bytes(), "x").data
    assert "olga" not in json.dumps(draft["nodes"])
    assert "evaluators" not in draft
    run("federation", "revoke", operator.folder, "olga", "--kind", "operator", "--all")
    assert set(refusals(operator.address, folder).values()) == {"transport-certificate-revoked"}


@pytest.mark.processes
def test_an_evaluator_joins_and_vouches_for_its_people(operator: Operator, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "center"
    evaluator = ("--kind", "evaluator", "--organisation", "center")
    other = run("federation", "invite", operator.folder, *evaluator, "--id", "x", code=exits.DOCUMENT)
    assert other["code"] == "enrolment-kind"
    reply, _ = invited(operator, folder, *evaluator, "--id", "center")
    authority = operator.told["authority"]
    wrong = run("federation", "install", folder, reply, "--fingerprint", "0" * 32, code=exits.DOCUMENT)
    assert wrong["code"] == "enrolment-fingerprint"
    run("federation", "install", folder, reply, "--fingerprint", authority)
    # Nothing that opens a connection: what it has is a key that vouches, and a line in the manifest.
    assert json.loads(reply.read_text())["certificate"] == ""
    kept = {"ca.pem", "identity.key", "reply.json", "request.json"}
    assert {file.name for file in folder.iterdir()} == kept
    draft = operator.folder / "federation.yaml"
    data = read_tree(draft.read_bytes(), "x").data
    identity = SigningKey.load(folder / "identity.key")
    (listed,) = data["evaluators"]
    assert (listed["organisation"], listed["identity"]) == ("center", identity.verify_key.text)
    assert data["federation"]["version"] == 2
    assert len(data["nodes"]) == 2

    sign = ("federation", "sign", "manifest", draft, "--key", tmp_path / "controller.key", "--out")
    run(*sign, tmp_path / "second.json")
    signed = Envelope.from_bytes((tmp_path / "second.json").read_bytes())
    manifest = parse_canonical(signed.payload, Manifest)
    anna = tmp_path / "anna"
    invited(operator, anna, "--kind", "analyst", "--id", "anna", "--organisation", "center")
    told = read_request((anna / "request.json").read_bytes())[1].removeprefix("sha256:")[:32]
    vouch = ("federation", "vouch", anna / "request.json", "--fingerprint", told, "--out")
    run(*vouch, anna / "credential.json", "--identity", folder / "identity.key")
    now = datetime.now(UTC).replace(microsecond=0)
    today = day_of(now)
    asked = query(
        federation="tiny",
        codebook=manifest.codebook,
        analyst=Analyst(id="anna", organisation="center"),
        not_after=now + timedelta(hours=1),
        period={"from": today - timedelta(100), "until": today, "as_of": today},
    )
    bundle = sign_query(
        asked, SigningKey.load(anna / "identity.key"), (anna / "credential.json").read_bytes()
    )
    assert verify_query(bundle, manifest, now).organisation == "center"

    # A key that is lost is replaced in the manifest, signed for by the old one; then it leaves.
    kept_key = run("federation", "renew", folder, code=exits.DOCUMENT)
    assert kept_key["code"] == "enrolment-kind"
    told = run("federation", "renew", folder, "--identity")["fingerprints"]["request"]
    admit = ("federation", "admit", operator.folder, folder / "renewal/request.json", "--fingerprint", told)
    assert run(*admit, "--kind", "node", code=exits.DOCUMENT)["code"] == "enrolment-file"
    again = run(*admit)["file"]
    assert set(run("federation", "swap", folder, again, "--fingerprint", authority)["changed"]) == {
        "identity.key", "request.json", "ca.pem",
    }  # fmt: skip
    (listed,) = read_tree(draft.read_bytes(), "x").data["evaluators"]
    assert listed["identity"] == SigningKey.load(folder / "identity.key").verify_key.text
    assert listed["identity"] != identity.verify_key.text
    run(*sign, tmp_path / "third.json")
    remove = ("federation", "remove", operator.folder, "center")
    assert run(*remove, code=exits.DOCUMENT)["code"] == "enrolment-unknown", "it is no node"
    assert run(*remove, "--kind", "evaluator")["revoked"] == []
    assert "evaluators" not in read_tree(draft.read_bytes(), "x").data
    run(*sign, tmp_path / "fourth.json")
    later = parse_canonical(Envelope.from_bytes((tmp_path / "fourth.json").read_bytes()).payload, Manifest)
    with pytest.raises(SamklangError, match="identity-credential-issuer"):
        verify_query(bundle, later, now)


def test_nobody_becomes_an_operator_by_a_file_that_says_so(run: Run, tmp_path: Path) -> None:
    """An invitation says the kind; of a file, the one who admits must say it."""
    folder, member = tmp_path / "op", tmp_path / "olga"
    run("federation", "init", folder, "--id", "tiny", "--organisation", "operator")
    words = ("--federation", "tiny", "--id", "olga", "--organisation", "operator", "--kind", "operator")
    told = run("federation", "enrol", member, *words)["fingerprints"]["request"]
    admit = ("federation", "admit", folder, member / "request.json", "--fingerprint", told)
    for kind in ((), ("--kind", "dpo")):
        assert run(*admit, *kind, code=exits.DOCUMENT)["code"] == "enrolment-file"
    assert not (folder / "issued.txt").exists()
    run(*admit, "--kind", "operator")
    hosts = ("--host", "hub.example.dk")
    refused = run("federation", "enrol", tmp_path / "x", *words, *hosts, code=exits.DOCUMENT)
    assert refused["code"] == "enrolment-kind"
    assert not (tmp_path / "x").exists(), "nothing is made for a request that can't be"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("evaluator", {"id": "other"}),
        ("evaluator", {"csr": "x"}),
        ("evaluator", {"sectors": ("gp",)}),
        ("operator", {"sectors": ("gp",)}),
        ("operator", {"hosts": ("hub.example.dk",)}),
        ("analyst", {"csr": ""}),
    ],
)
def test_a_paper_that_a_member_made_itself_must_fit_its_kind(kind: Any, change: dict[str, Any]) -> None:
    key = SigningKey.generate()
    fine = Request.model_validate(
        {
            "federation": "tiny", "kind": kind, "id": "center", "organisation": "center",
            "label": {"en": "x", "da": "x"}, "identity": key.verify_key.text,
            "csr": "" if kind == "evaluator" else "x",
        }
    )  # fmt: skip
    assert read_request(sign_request(fine, key)[0])[0] == fine
    with pytest.raises(SamklangError) as caught:
        read_request(sign_request(fine.model_copy(update=change), key)[0])
    assert caught.value.code == "enrolment-kind"


DRAFT = """\
federation: {id: tiny, version: 1}
%snodes:
  - id: gp
    organisation: practice
    identity: "KEY-OF-GP"
"""


def asking(name: str = "center", identity: str | None = None) -> Request:
    return Request.model_validate(
        {
            "federation": "tiny", "kind": "evaluator", "id": name, "organisation": name,
            "label": {"en": 'Quality: "A"', "da": "Kvalitet – æøå"}, "csr": "",
            "identity": identity or SigningKey.generate().verify_key.text,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# our own words\n",
        "evaluators:\n",
        'evaluators:  # who measures\n  # the first\n  - {organisation: old, identity: "OLD"}\n',
        'evaluators:\n- organisation: old\n  identity: "OLD"\n\n# below\n',
        'evaluators:\n    - organisation: old\n      identity: "OLD"\n',
    ],
)
def test_an_evaluators_line_comes_and_goes_and_the_rest_stays(before: str, tmp_path: Path) -> None:
    file = tmp_path / "federation.yaml"
    file.write_text(DRAFT % before)
    old = [e["organisation"] for e in Draft(tmp_path).evaluators]
    draft, request = Draft(tmp_path), asking()
    draft.add(request)
    draft.write()
    draft = Draft(tmp_path)
    assert draft.identity("center", "evaluator") == request.identity
    assert draft.evaluators[0]["label"] == request.label.model_dump()
    assert [e["organisation"] for e in draft.evaluators] == ["center", *old]
    assert [n["id"] for n in draft.nodes] == ["gp"]
    for line in before.splitlines():
        assert line in draft.text.decode()
    for known in (asking(), asking("practice"), asking("third", request.identity)):
        with pytest.raises(SamklangError, match="enrolment-known"):
            draft.add(known)
    draft.remove("center", "evaluator")
    assert [e["organisation"] for e in draft.evaluators] == old
    assert [n["id"] for n in draft.nodes] == ["gp"]


@pytest.mark.parametrize("before", ["evaluators: []\n", 'evaluators: [{organisation: old, identity: "O"}]\n'])
def test_a_draft_that_cant_be_changed_stays(before: str, tmp_path: Path) -> None:
    (tmp_path / "federation.yaml").write_text(DRAFT % before)
    draft = Draft(tmp_path)
    with pytest.raises(SamklangError, match="enrolment-evaluators"):
        draft.add(asking())
    assert draft.text == (DRAFT % before).encode()

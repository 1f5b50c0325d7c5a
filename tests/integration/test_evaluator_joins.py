"""An evaluator joins Slip Sundheden Fri by invitation and telephone, and its analyst asks: from the first
paper to the released table, with the members' own processes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.cli import test_joining as joining
from tests.cli.test_joining import Run, free_port

from samklang.analyst import connect
from samklang.analyst.status import Status
from samklang.audit.receipt import read_receipts
from samklang.cli import exits
from samklang.cli.demo.population import WEST, generate
from samklang.cli.sandbox.federation import COORDINATOR, Sandbox
from samklang.cli.sandbox.material import Material, _Maker
from samklang.errors import SamklangError
from samklang.identity.requests import fingerprint
from samklang.model.canonical import digest
from samklang.model.enrolment import read_request
from samklang.model.yaml_tree import read_tree

pytestmark = pytest.mark.processes

FOLDER = Path(__file__).parents[2] / "policies" / "slip-sundheden-fri"
EVALUATOR = "center-for-kvalitet"
run = joining.run


class Founded(Sandbox):
    """The four members have founded it, without an evaluator; the operator's folder is the sandbox's own."""

    def __enter__(self) -> Founded:
        assert self._given is not None
        self.workdir = self._given
        self.workdir.mkdir(mode=0o700)
        today = date.today()
        self.maker = _Maker(self.blueprint, self.workdir, today, (), oversight=False)
        self._material: Material | None = self.maker.make(f"127.0.0.1:{free_port()}")
        self.keys = [self.workdir.parent / f"controller-{n}.key" for n in range(len(self.maker._controllers))]
        for path, key in zip(self.keys, self.maker._controllers, strict=True):
            key.save(path)
        self.maker._authority.write(self.workdir / "ca.pem", self.workdir / "ca.key")
        self.authority = fingerprint((self.workdir / "ca.pem").read_bytes())[:32]
        config = json.loads(self.material.coordinator.read_text())
        config |= {"enrolment": {"listen": f"127.0.0.1:{free_port()}"}, "revoked": "revoked.txt"}
        self.material.coordinator.write_text(json.dumps(config))
        (self.workdir / "federation.yaml").write_text(self._draft())
        return self

    def _draft(self) -> str:
        """The manifest as it was before anybody measured: with everybody's keys, without the evaluator."""
        manifest = self.maker._manifest
        said = (FOLDER / "federation.yaml").read_text().split("\n")
        first = said.index("evaluators:")
        lines = [line for n, line in enumerate(said) if n not in range(first, first + 3)]
        text = "\n".join(line for line in lines if f"party: {EVALUATOR}" not in line)
        identity = manifest.coordinator.identity
        text = text.replace(
            "organisation: driftsorganisation}", f'organisation: driftsorganisation, identity: "{identity}"}}'
        )
        for node in manifest.nodes:
            text = text.replace(f"- id: {node.id}\n", f'- id: {node.id}\n    identity: "{node.identity}"\n')
        return text + f'\ncodebook: "{digest(self.maker._codebook)}"\n'

    def sign(self, run: Run) -> None:
        """What the controllers do with a draft: all of them sign it, and it takes the older one's place."""
        keys = [word for key in self.keys for word in ("--key", key)]
        new, place = self.workdir / "new.json", self.workdir / "documents" / "manifest.json"
        run("federation", "sign", "manifest", self.workdir / "federation.yaml", *keys, "--out", new)
        os.replace(new, place)
        (self.workdir / "manifest.json").write_bytes(place.read_bytes())

    def joined(self, run: Run, folder: Path, *words: str) -> Path:
        """By invitation, telephone and the operator's word; the reply's file."""
        paper = folder.with_suffix(".txt")
        paper.write_text(run("federation", "invite", self.workdir, *words)["invitation"])
        join = ("federation", "join", folder, "--invitation", paper)
        assert run(*join, code=exits.DOCUMENT)["code"] == "enrolment-waiting"
        (asked,) = run("federation", "requests", self.workdir)
        run("federation", "admit", self.workdir, asked["id"], "--fingerprint", asked["fingerprint"])
        return Path(run(*join)["file"])


@pytest.fixture
def founded(tmp_path: Path) -> Iterator[Founded]:
    data = generate(tmp_path / "west", 4000, seed=11, setting=WEST).folder
    with Founded(FOLDER, tmp_path / "work", data=data) as made:
        yield made


def refused(ask: Callable[..., Any], *words: Any) -> SamklangError:
    with pytest.raises(SamklangError) as caught:
        ask(*words)
    return caught.value


def test_from_the_invitation_to_the_release(founded: Founded, run: Run, tmp_path: Path) -> None:
    founded.sign(run)
    founded.start(COORDINATOR).ready(60)
    address = json.loads(founded.material.coordinator.read_text())["coordinator"]["listen"]
    founded.material.write_addresses(address)
    center, anna = tmp_path / "center", tmp_path / "anna"
    evaluator = ("--kind", "evaluator", "--id", EVALUATOR, "--organisation", EVALUATOR)
    reply = founded.joined(run, center, *evaluator)
    run("federation", "install", center, reply, "--fingerprint", founded.authority)

    # Its analyst: a certificate from the operator, a credential from the evaluator's own key.
    reply = founded.joined(run, anna, "--kind", "analyst", "--id", "anna", "--organisation", EVALUATOR)
    told = read_request((anna / "request.json").read_bytes())[1].removeprefix("sha256:")[:32]
    vouch = ("federation", "vouch", anna / "request.json", "--fingerprint", told, "--role", "evaluator")
    run(*vouch, "--identity", center / "identity.key", "--out", anna / "credential.json")
    trust = [word for key in founded.maker._controllers for word in ("--trust", key.verify_key.text)]
    run("federation", "install", anna, reply, "--fingerprint", founded.authority, *trust)

    # The controllers haven't signed for it yet: nobody answers, and the coordinator says why.
    question = founded.blueprint.query("project-area")
    with connect(anna / "config.yaml") as client:
        assert refused(client.ask, question).code == "identity-credential-issuer"
    (listed,) = read_tree((founded.workdir / "federation.yaml").read_bytes(), "x").data["evaluators"]
    assert listed["organisation"] == EVALUATOR
    founded.stop(COORDINATOR)
    founded.sign(run)
    founded.start(COORDINATOR).ready(60)
    for node in founded.material.nodes:
        founded.start(node)
    for node in founded.material.nodes:
        founded.await_ready(node)

    with connect(anna / "config.yaml") as client:
        seen: list[Status] = []
        release = client.ask(question, seen.append)
        assert seen[-1].state == "done"
        assert release.document["federation"] == {"id": "slip-sundheden-fri", "version": 2}
        assert len(release.to_pandas()) > 1
        assert {p["node"] for p in release.document["participants"]} <= {*founded.material.nodes}
        receipts, _ = read_receipts(release.receipts)
        asked = {(r.value("actor"), r.value("organisation")) for r in receipts.values()}
        assert asked == {("anna", EVALUATOR)}, "each node's log says whose analyst asked"

        # What it wasn't granted: denied by every node it would take, with the clause.
        denied = refused(client.ask, founded.blueprint.query("need-by-area"))
        assert denied.code == "policy-prohibited"
        reasons = client.queries()[0].reasons
        assert {reason.code for reason in reasons} >= {"policy-prohibited"}
        assert any(reason.clause.startswith("prohibitions[") for reason in reasons), reasons
        assert client.queries()[0].state == "denied"
    # Nobody but the evaluator's key vouches in its name: a member's doesn't.
    own = ("--identity", founded.workdir / "node-herning-kommune" / "identity.key")
    run(*vouch, *own, "--out", tmp_path / "credential.json")
    os.replace(tmp_path / "credential.json", anna / "credential.json")
    with connect(anna / "config.yaml") as client:
        assert refused(client.ask, question).code == "identity-credential-organisation"

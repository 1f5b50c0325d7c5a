"""What is around a partner who follows docs/quickstart-node.md: an operator, a coordinator, two other nodes.

All of it real: folders made by the product's own commands, processes as anybody would start them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.node.tiny import people, write_folder

from samklang.cli.sandbox.processes import Managed, stop_all

NAME = "psykiatri"
FOUNDERS = ("kommune", "region")

_SECTOR = """\
  psykiatri:
    label: {en: Mental health services, da: Psykiatri}
    population: SELECT DISTINCT cpr FROM psychiatric_contact
"""
_TABLE = "  psychiatric_contact: {sector: psykiatri, columns: {cpr: cpr, days: integer}}\n"
_QUESTION = """
title: {en: Known to mental health services, da: Kendt i psykiatrien}
operation: stratify
purpose: {family: statistical, id: overview}
period: {from: 2020-01-01, until: 2021-01-01, as_of: 2020-12-31}
axes:
  - {variable: area, banding: area}
  - {presence: psykiatri}
"""


class Around:
    """Everything but the partner's own part, which is ``folder``; :meth:`close` ends its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.operator = folder, folder / "operator"
        self._rest = folder / ".others"
        self._rest.mkdir()
        self._processes: list[Managed] = []
        self.said: dict[str, str] = {}
        template = write_folder(self._rest / "documents")
        codebook = template / "codebook.yaml"
        text = codebook.read_text().replace("tables:\n", _SECTOR + "tables:\n", 1)
        codebook.write_text(text.replace("tables:\n", "tables:\n" + _TABLE, 1))
        (self._rest / "question.yaml").write_text(_QUESTION)
        self._template = template
        self.found()
        self.invite()

    def found(self) -> None:
        """Two partners found the federation: the papers go by file."""
        address, enrolment = (f"127.0.0.1:{_free_port()}" for _ in range(2))
        words = ("--id", "tiny", "--organisation", "operator", "--address", address, "--enrolment", enrolment)
        made = self._run("federation", "init", self.operator, *words)
        self._authority = made["fingerprints"]["authority"]
        self._key = self._run("federation", "key", self._rest / "controllers.key")["public"]
        signed = self._sign("codebook", self._template / "codebook.yaml", self.operator / "codebook.json")
        draft = self.operator / "federation.yaml"
        draft.write_text(
            draft.read_text()
            .replace("# compute_parties: [A, B, C]", "compute_parties: [coordinator, kommune, region]")
            .replace('# codebook: "sha256:..."', f'codebook: "{signed["digest"]}"')
        )
        for name in FOUNDERS:
            self._enrol(name, "node", "--sectors", name)
        self._enrol("analytiker", "analyst", "--organisation", "kommune")
        config = self.operator / "coordinator/config.yaml"
        config.write_text(config.read_text().replace("[]", f'["{self._key}"]'))
        self._force_manifest()

    def invite(self) -> None:
        """The operator invites, and gives the invitation to the partner."""
        words = ("--id", NAME, "--organisation", NAME, "--sectors", NAME)
        said = self._run("federation", "invite", self.operator, *words)
        (self.folder / "invitation.txt").write_text(said["invitation"])
        self.said = {
            "FINGERPRINT-OF-THE-AUTHORITY": self._authority,
            "KEY-OF-THE-CONTROLLERS": self._key,
            "127.0.0.1:9464": f"127.0.0.1:{_free_port()}",
        }

    def telephone(self) -> None:
        """What the partner reads out: the fingerprint of its own request."""
        (asked,) = self._run("federation", "requests", self.operator)
        self.said["FINGERPRINT-OF-THE-REQUEST"] = asked["fingerprint"]

    def force_new_manifest(self) -> None:
        """The controllers sign the manifest with the new node; everybody starts with it."""
        draft = self.operator / "federation.yaml"
        text = draft.read_text().replace(
            "compute_parties: [coordinator, kommune, region]", f"compute_parties: [kommune, region, {NAME}]"
        )
        assert "version: 2" in text, "admitting a node makes a new version"
        draft.write_text(text)
        (self.operator / "manifest.json").unlink()
        self._force_manifest()

    def ask(self) -> dict[str, Any]:
        """An analyst asks what concerns the new node too."""
        config = str(self._rest / "analytiker" / "config.yaml")
        question = self._rest / "question.yaml"
        answer: dict[str, Any] = self._run("query", "submit", question, "--watch", "--client", config)
        return answer

    def close(self) -> None:
        stop_all(self._processes)
        pid = self.folder / "node" / "pid"
        if pid.exists():
            os.kill(int(pid.read_text()), 15)

    def _force_manifest(self) -> None:
        stop_all(self._processes)
        self._processes = []
        manifest = self.operator / "manifest.json"
        self._sign("manifest", self.operator / "federation.yaml", manifest)
        started = [self._start("coordinator", self.operator / "coordinator/config.yaml")]
        for name in FOUNDERS:
            for document in ("manifest.json", "codebook.json"):
                shutil.copy(self.operator / document, self._rest / name / document)
            started.append(self._start("node", self._rest / name / "config.yaml"))
        for process in started:
            process.ready(120)

    def _enrol(self, name: str, kind: str, *more: str) -> None:
        folder = self._rest / name
        organisation = () if "--organisation" in more else ("--organisation", name)
        words = ("--federation", "tiny", "--id", name, "--kind", kind, *organisation, *more)
        told = self._run("federation", "enrol", folder, *words)["fingerprints"]["request"]
        paper = folder / "request.json"
        reply = self._run("federation", "admit", self.operator, paper, "--fingerprint", told)["file"]
        install = ("--fingerprint", self._authority, "--trust", self._key)
        config = Path(self._run("federation", "install", folder, reply, *install)["file"])
        if kind == "analyst":
            vouch = ("--identity", self._rest / "kommune/identity.key", "--fingerprint", told)
            self._run("federation", "vouch", paper, *vouch, "--out", folder / "credential.json")
            return
        self._sign("policy", self._template / "policies" / f"{name}.yaml", folder / "policy.json")
        (table,) = re.findall(r"(\w+): \{file", (self._template / "nodes" / f"{name}.yaml").read_text())
        data = self._template / "data" / f"{table}.csv"
        config.write_text(config.read_text().replace("tables: {}", f"tables: {{{table}: {{file: {data}}}}}"))

    def _sign(self, kind: str, document: Path, out: Path) -> dict[str, Any]:
        key = ("--key", self._rest / "controllers.key")
        signed: dict[str, Any] = self._run("federation", "sign", kind, document, *key, "--out", out)
        return signed

    def _start(self, kind: str, config: Path) -> Managed:
        command = [sys.executable, "-m", "samklang.cli", kind, "run", "--config", str(config)]
        process = Managed(kind, command, config.parent / "log.jsonl")
        self._processes.append(process)
        return process

    def _run(self, *words: object) -> Any:
        command = [sys.executable, "-m", "samklang.cli", *map(str, words), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
        assert not done.returncode, f"{words}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout.strip().splitlines()[-1])


HOOKS: dict[str, Callable[[Around], object]] = {
    "## 3.": Around.telephone,
    "## 5.": Around.force_new_manifest,
    "## 10.": Around.ask,
}
"""What happens elsewhere just before a section."""


def known_people() -> int:
    """How many of the municipality's citizens there are."""
    return len(people(400))


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])

"""A node says what is wrong with its files when it starts, with the file's name, before it reads any data."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import write_folder

from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import Material, make
from samklang.errors import SamklangError
from samklang.identity.keys import SigningKey
from samklang.identity.pki import Authority
from samklang.node.documents import load_documents
from samklang.node.main import run

Change = Callable[[Path, dict[str, Any]], object]
NODE = "node-kommune"


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    folder = tmp_path_factory.mktemp("tiny")
    write_folder(folder)
    made = make(read_folder(folder), folder / "work", today=datetime.now(UTC).date())
    made.write_addresses("127.0.0.1:1")
    return made


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """A process that starts makes the root logger its own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def other_policy(work: Path, config: dict[str, Any]) -> None:
    config["documents"]["policy"] = "../documents/policy-region.json"
    there = json.loads((work / "node-region" / "config.yaml").read_text(encoding="utf-8"))
    config["trust"]["policy"] = there["trust"]["policy"]


def policy_without_dpo(work: Path, config: dict[str, Any]) -> None:
    """The controller has signed; the data-protection officer, whose key the node trusts last, has not."""
    path = work / "documents" / "policy-kommune.json"
    envelope = json.loads(path.read_text())
    del envelope["signatures"][-1]
    path.write_text(json.dumps(envelope))


def altered_policy(work: Path, config: dict[str, Any]) -> None:
    path = work / "documents" / "policy-kommune.json"
    envelope = json.loads(path.read_text())
    # Two groups of base64 change places; the last one, which may be padded, stays.
    payload = envelope["payload"]
    envelope["payload"] = payload[:-12] + payload[-8:-4] + payload[-12:-8] + payload[-4:]
    path.write_text(json.dumps(envelope))


def swapped_documents(work: Path, config: dict[str, Any]) -> None:
    config["documents"]["manifest"] = config["documents"]["codebook"]


def untrusted_codebook(work: Path, config: dict[str, Any]) -> None:
    config["trust"]["codebook"] = [SigningKey.generate().verify_key.text]


def expired(work: Path, config: dict[str, Any]) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC)
    authority = Authority.create("tiny", days=1, now=now)
    issued = authority.issue("node", "kommune", "kommune", days=1, now=now)
    for file in ("tls.pem", "tls.key"):
        (work / NODE / file).unlink()
    issued.write(work / NODE / "tls.pem", work / NODE / "tls.key")


MISTAKES: dict[str, tuple[Change, str, str]] = {
    "policy of another node": (other_policy, "policy-other-node", "policy-region.json:1:1"),
    "policy that the DPO has not signed": (
        policy_without_dpo,
        "identity-signature-missing",
        "policy-kommune.json:1:1",
    ),
    "policy that was altered": (altered_policy, "identity-signature", "policy-kommune.json:1:1"),
    "codebook as manifest": (swapped_documents, "identity-envelope-type", "codebook.json:1:1"),
    "codebook signed by another": (
        untrusted_codebook,
        "identity-signature-missing",
        "codebook.json:1:1",
    ),
    "identity of another node": (
        lambda work, _: shutil.copy(work / "node-region" / "identity.key", work / NODE / "identity.key"),
        "identity-not-pinned",
        "",
    ),
    "node that isn't there": (lambda _, c: c["node"].update(id="kommunen"), "transport-unknown-party", ""),
    "no key": (lambda work, _: (work / NODE / "tls.key").unlink(), "transport-tls-file", ""),
    "no authority": (lambda work, _: (work / NODE / "ca.pem").unlink(), "transport-tls-file", ""),
    "key for all": (
        lambda work, _: (work / NODE / "tls.key").chmod(0o644),
        "transport-tls-key-readable",
        "",
    ),
    "identity for all": (
        lambda work, _: (work / NODE / "identity.key").chmod(0o640),
        "identity-key-open",
        "",
    ),
    "rows of controllers that have no id": (
        lambda _, c: c["tables"].update(citizen={"files_of": {"p1": "p1.csv"}}),
        "node-controllers-ids",
        "",
    ),
    "rows of controllers in some tables": (
        lambda _, c: c["tables"].update(contact={"files_of": {"p1": "p1.csv"}}),
        "node-controllers-half",
        "",
    ),
    "expired certificate": (expired, "transport-certificate-expired", ""),
    "certificate of another": (
        lambda work, _: [
            shutil.copy(work / "node-region" / file, work / NODE / file) for file in ("tls.pem", "tls.key")
        ],
        "transport-certificate-other",
        "",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_at_the_start(mistake: str, material: Material, tmp_path: Path) -> None:
    change, code, place = MISTAKES[mistake]
    work = tmp_path / "work"
    shutil.copytree(material.workdir, work)
    path = work / NODE / "config.yaml"
    config = json.loads(path.read_text())
    change(work, config)
    path.write_text(json.dumps(config))
    with pytest.raises(SamklangError) as caught:
        load_documents(path)
    assert caught.value.code == code
    assert str(caught.value.at or "").endswith(place)
    assert bool(caught.value.at) == bool(place)


def test_state_that_cannot_be_used_is_named(
    material: Material, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "work"
    shutil.copytree(material.workdir, work)
    state = work / NODE / "state"
    config = work / NODE / "config.yaml"

    def said() -> str:
        assert run(config) == 1
        return str(json.loads(capsys.readouterr().err.splitlines()[-1])["code"])

    state.touch()
    assert said() == "transport-state"
    state.unlink()
    state.mkdir()
    (state / "ledger.sqlite").write_bytes(b"no database" * 1000)
    assert said() == "ledger-damaged"
    (state / "ledger.sqlite").unlink()
    (state / "spill").touch()
    assert said() == "transport-state"


def test_the_process_says_it_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "no.yaml", exit_code=lambda code: len(code)) == len("document-unreadable")
    assert json.loads(capsys.readouterr().err)["code"] == "document-unreadable"


def test_a_defect_is_one_line_too_and_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    class Defect:
        def __fspath__(self) -> str:
            raise RuntimeError("0101504444")

    assert run(Defect(), exit_code=lambda _: 3) == 1  # type: ignore[arg-type]
    shown = capsys.readouterr().err
    line = json.loads(shown)
    assert (line["ready"], line["code"]) == (False, "transport-internal")
    assert "RuntimeError" in line["private"]
    assert "0101504444" not in shown


def test_without_a_mistake_it_starts(material: Material) -> None:
    assert load_documents(material.nodes["kommune"]).node.id == "kommune"

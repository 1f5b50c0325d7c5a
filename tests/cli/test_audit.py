"""The audit commands on a node's own files, with no process running: what people and scripts read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import write_folder

from samklang.audit.entry import Event
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import make
from samklang.node.audit.export import beside
from samklang.node.audit.trail import open_trail

AT = datetime(2020, 1, 2, 12, tzinfo=UTC)
QUERY = "sha256:" + "ab" * 32


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of a node that was asked twice, long ago, and once by nobody known."""
    folder = write_folder(tmp_path / "f", 5)
    material = make(read_folder(folder, folder / "data"), tmp_path / "w", today=date.today())
    material.write_addresses("127.0.0.1:1")
    found = material.nodes["region"]
    state = found.parent / "state"
    state.mkdir(mode=0o700)
    trail = open_trail(state, "tiny", "region")
    said: dict[str, Any] = {"query": QUERY, "actor": "anna", "organisation": "kommune", "at": AT}
    trail.append(Event(kind="started", at=AT, actor="region"), keep="P1Y")
    trail.append(Event(kind="asked", decision="permit", purpose="statistical/overview", **said), keep="P1Y")
    trail.append(Event(kind="asked", decision="deny", codes=["policy-purpose-unknown"], at=AT), keep="P50Y")
    trail.close()
    return found


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_what_stands_in_the_log_newest_first(config: Path, run: Any) -> None:
    code, out, _ = run("audit", "show", "--config", config, "--language", "da")
    assert code == exits.OK
    assert out.splitlines()[0] == "samklang/tiny/region: 3 poster, alle hele."
    assert [line.split()[0] for line in out.splitlines()[4:]] == ["2", "1", "0"]
    assert "afvist" in out
    assert "imødekommet" in out
    code, out, _ = run("audit", "show", "--config", config, "--query", "ab" * 8, "--json")
    (entry,) = json.loads(out)["shown"]
    assert (entry["number"], entry["actor"], entry["decision"]) == (1, "anna", "permit")


def test_an_export_and_what_it_takes_to_verify_it(config: Path, run: Any, tmp_path: Path) -> None:
    export, keys = tmp_path / "log.json", tmp_path / "keys.txt"
    assert run("audit", "export", "--config", config, "--out", export)[0] == exits.OK
    assert export.stat().st_mode & 0o777 == 0o600
    keys.write_text(run("audit", "keys", "--config", config)[1])
    code, out, _ = run("audit", "verify", export, "--keys", keys)
    assert code == exits.OK
    assert "the node alone vouches for it" in out
    fingerprint = next(line for line in out.splitlines() if line.startswith("fingerprint: "))
    with beside(config) as found:
        note = tmp_path / "kept.note"
        note.write_text(str(found.heads.newest()))
        found.trail.append(Event(kind="started"))
    code, out, _ = run("audit", "verify", export, "--keys", keys, "--earlier", note, "--language", "da")
    assert (code, "findes i dens fortid" in out) == (exits.OK, True)
    assert fingerprint.replace("fingerprint", "fingeraftryk") in out
    # The export of the last visit is what an officer has kept.
    later = tmp_path / "later.json"
    assert run("audit", "export", "--config", config, "--out", later)[0] == exits.OK
    code, out, _ = run("audit", "verify", later, "--keys", keys, "--earlier", export)
    assert (code, "is in its past" in out) == (exits.OK, True)
    assert run("audit", "verify", export, "--keys", keys, "--earlier", later)[0] == exits.FAILED
    keys.write_text("# nobody\nkommune ed25519:AAAA\n")
    code, _, error = run("audit", "verify", export, "--keys", keys)
    assert (code, "audit-keys-line" in error) == (exits.FAILED, True)
    keys.write_text("# nobody\n")
    assert "audit-keys:" in run("audit", "verify", export, "--keys", keys)[2].replace("\n", ":")
    for file, expected in (("missing.json", "document-unreadable"), ("keys.txt", "audit-export-format")):
        assert expected in run("audit", "verify", tmp_path / file, "--keys", keys)[2]


def test_what_was_kept_of_another_log_is_named(config: Path, run: Any, tmp_path: Path) -> None:
    export, keys, other = tmp_path / "log.json", tmp_path / "keys.txt", tmp_path / "other.json"
    run("audit", "export", "--config", config, "--out", export)
    keys.write_text(run("audit", "keys", "--config", config)[1])
    other.write_text(export.read_text().replace("samklang/tiny/region", "samklang/tiny/kommune"))
    code, _, error = run("audit", "verify", export, "--keys", keys, "--earlier", other)
    assert (code, "audit-earlier" in error) == (exits.FAILED, True)


def test_an_officer_makes_the_page_from_the_export(config: Path, run: Any, tmp_path: Path) -> None:
    """A page that somebody hands over proves nothing: the same is made from what was verified."""
    export, keys, own = tmp_path / "log.json", tmp_path / "keys.txt", tmp_path / "own.html"
    assert run("audit", "export", "--config", config, "--out", export, "--queries")[0] == exits.OK
    keys.write_text(run("audit", "keys", "--config", config)[1])
    words = ("audit", "verify", export, "--keys", keys, "--language", "da", "--report")
    assert run(*words, own)[0] == exits.OK
    assert own.stat().st_mode & 0o777 == 0o600
    theirs = tmp_path / "theirs.html"
    run("audit", "export", "--config", config, "--out", theirs, "--language", "da")

    def body(file: Path) -> str:
        return file.read_text().partition("<h2>Hvad der er spurgt om")[2]

    assert body(own) == body(theirs) != ""
    code, _, error = run(*words, tmp_path / "own.pdf")
    assert (code, "audit-report-name" in error) == (exits.FAILED, True)


def test_a_table_and_a_page(config: Path, run: Any, tmp_path: Path) -> None:
    assert run("audit", "export", "--config", config, "--out", tmp_path / "log.csv")[0] == exits.OK
    rows = [*csv.DictReader(io.StringIO((tmp_path / "log.csv").read_text()))]
    assert [(row["number"], row["kind"], row["actor"]) for row in rows] == [
        ("0", "started", "region"),
        ("1", "asked", "anna"),
        ("2", "asked", ""),
    ]
    out = tmp_path / "log.html"
    assert run("audit", "export", "--config", config, "--out", out, "--language", "da")[0] == exits.OK
    assert "<html lang=da>" in out.read_text()
    code, _, error = run("audit", "export", "--config", config, "--out", tmp_path / "log.pdf")
    assert (code, "audit-export-name" in error) == (exits.FAILED, True)


def test_details_go_and_the_log_stays(config: Path, run: Any, tmp_path: Path) -> None:
    code, out, _ = run("audit", "prune", "--config", config, "--dry-run", "--json")
    assert (code, json.loads(out)["entries"]) == (exits.OK, 2)
    code, out, _ = run("audit", "prune", "--config", config)
    assert (code, out.strip()) == (exits.OK, "2 entries have lost their details.")
    assert run("audit", "prune", "--config", config, "--entry", 2, "--field", "codes")[0] == exits.OK
    code, _, error = run("audit", "prune", "--config", config, "--entry", 99)
    assert (code, "audit-no-entry" in error) == (exits.FAILED, True)
    export, keys = tmp_path / "log.json", tmp_path / "keys.txt"
    run("audit", "export", "--config", config, "--out", export)
    keys.write_text(run("audit", "keys", "--config", config)[1])
    code, out, _ = run("audit", "verify", export, "--keys", keys, "--json")
    assert (code, json.loads(out)["deleted"], json.loads(out)["entries"]) == (exits.OK, 3, 5)


def test_a_partner_is_readmitted_and_a_node_without_a_log_named(config: Path, run: Any) -> None:
    code, out, _ = run("audit", "readmit", "--config", config, "--node", "kommune")
    assert (code, "Nothing of kommune was remembered." in out) == (exits.OK, True)
    assert "audit-statement" in run("audit", "readmit", "--config", config, "--node", "nobody")[2]
    other = config.parent.parent / "node-kommune" / "config.yaml"
    for action in ("show", "citizen"):
        code, _, error = run("audit", action, "--config", other)
        assert (code, "audit-no-log" in error) == (exits.FAILED, True)

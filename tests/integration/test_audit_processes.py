"""The audit log in a running federation: receipts, exports, a restored backup, killed processes."""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import people, write_folder
from tests.support.synthea import ROOT

from samklang.analyst import connect
from samklang.analyst.status import Status
from samklang.audit.receipt import read_receipts, unpack
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes

NODES = ("kommune", "region")
DAYS = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    base = tmp_path_factory.mktemp("audit")
    (base / "kill").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SAMKLANG_KILL": str(base / "kill")}
    entry = ("-m", "tests.support.killed_main")
    folder = write_folder(base / "folder", 300, part="caps: {month: 16, year: 16, lifetime: 16}")
    for policy in (folder / "policies").iterdir():
        # Questions here differ by a day, so that each is computed anew.
        policy.write_text(policy.read_text() + "differencing: {overlap: allow}\n")
    with Sandbox(folder, base / "work", entry=entry, environment=environment) as made:
        yield made


def config(sandbox: Sandbox, node: str) -> Path:
    return sandbox.material.nodes[node]


def ask_anew(sandbox: Sandbox) -> str:
    """A question that nobody has asked before; its id."""
    draft = sandbox.client.draft(sandbox.blueprint.query("areas"))
    period = draft.period.model_copy(update={"as_of": date(2020, 12, 31) - timedelta(days=next(DAYS))})
    return sandbox.client.submit(draft.model_copy(update={"period": period}))


def done(sandbox: Sandbox, query: str) -> str:
    sandbox.client.wait(query)
    return query


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any, str]:
    code = main([str(word) for word in words] + ["--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def kinds(sandbox: Sandbox, node: str) -> list[str]:
    path = sandbox.workdir / f"node-{node}" / "state" / "audit.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return [row[0] for row in db.execute("SELECT kind FROM entry ORDER BY number")]


def trusted(sandbox: Sandbox) -> list[str]:
    said = json.loads(sandbox.client_config.read_text())
    return [word for key in said["trust"]["manifest"] for word in ("--trust", key)]


def test_two_queries_are_on_record_and_their_receipts_verify_offline(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = sandbox.workdir / "documents" / "manifest.json"
    for name in ("one", "two"):
        query = done(sandbox, ask_anew(sandbox))
        sandbox.client.release(query).save(tmp_path / f"{name}.csv")
        file = tmp_path / f"{name}.receipt.json"
        code, value, _ = run(capsys, "audit", "receipt", file, "--manifest", manifest, *trusted(sandbox))
        assert (code, value["ok"]) == (exits.OK, True)
        assert {one["node"]: [*one["cosigned"]] for one in value["receipts"]} == {
            "kommune": ["region"],
            "region": ["kommune"],
        }
        assert value["query"].removeprefix("sha256:").startswith(query)
    altered = tmp_path / "altered.receipt.json"
    altered.write_bytes(file.read_bytes().replace(b'"shown":true', b'"shown":false', 1))
    code, _, error = run(capsys, "audit", "receipt", altered, "--manifest", manifest, *trusted(sandbox))
    assert (code, "audit-receipt-other" in error) == (exits.FAILED, True)
    for node in NODES:
        written = kinds(sandbox, node)
        assert written == ["started", "snapshot"] + ["asked", "charged", "released"] * 2


def test_an_export_beside_the_running_node_verifies_with_public_keys_alone(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("log.json", "log.csv", "log.html"):
        code, value, _ = run(
            capsys, "audit", "export", "--config", config(sandbox, "region"), "--out", tmp_path / name
        )
        assert (code, value["entries"]) == (exits.OK, len(kinds(sandbox, "region")))
    assert main(["audit", "keys", "--config", str(config(sandbox, "kommune"))]) == exits.OK
    (tmp_path / "keys.txt").write_text(capsys.readouterr().out)
    query = sandbox.client.queries()[0].query
    sandbox.client.release(query).save(tmp_path / "kept.json")
    verify = ("audit", "verify", tmp_path / "log.json", "--keys", tmp_path / "keys.txt")
    code, value, _ = run(capsys, *verify)
    assert (code, value["log"]) == (exits.OK, "samklang/tiny/region")
    assert {seen["witness"] for seen in value["cosigned"]} == {"kommune"}
    whole = (tmp_path / "log.json").read_bytes()
    (tmp_path / "log.json").write_bytes(whole.replace(b'"value":"permit"', b'"value":"deny"', 1))
    code, _, error = run(capsys, *verify)
    assert (code, "audit-entry" in error) == (exits.FAILED, True)
    permitted = kinds(sandbox, "region").index("asked")
    assert f"Entry {permitted} " in error or f"Post {permitted} " in error
    assert "Bed" not in error
    page = (tmp_path / "log.html").read_text()
    assert "Overblik" in page
    assert "<script" not in page


def test_a_stored_release_is_handed_out_again_with_receipts_of_its_own(sandbox: Sandbox) -> None:
    """The same question again costs nothing, and is on record as that at every node."""
    draft = sandbox.client.draft(sandbox.blueprint.query("areas"))
    first, second = (done(sandbox, sandbox.client.submit(draft)) for _ in range(2))
    found = [sandbox.client.release(query) for query in (first, second)]
    assert [release.document["served_from"] is None for release in found] == [True, False]
    for release, query, kind in zip(found, (first, second), ("released", "served"), strict=True):
        receipts, _ = read_receipts(release.receipts)
        assert {node: r.value("kind") for node, r in receipts.items()} == dict.fromkeys(NODES, kind)
        assert all(str(r.value("query"))[7:39] == query for r in receipts.values())
    for node in NODES:
        assert kinds(sandbox, node)[-5:] == ["asked", "charged", "released", "asked", "served"]


def test_a_citizen_may_know_and_nobody_else_does(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = next(number for number, _, days in people(300) if days)
    outside = "0101099999"
    for number, expected in ((f"{inside[:6]}-{inside[6:]}", 3), (outside, 0)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(number + "\n"))
        code, value, _ = run(capsys, "audit", "citizen", "--config", config(sandbox, "region"))
        assert (code, len(value)) == (exits.OK, expected)
    monkeypatch.setattr(sys, "stdin", io.StringIO("nonsense\n"))
    code, _, error = run(capsys, "audit", "citizen", "--config", config(sandbox, "region"))
    assert (code, "audit-citizen-number" in error, "nonsense" in error) == (exits.FAILED, True, False)
    numbers = [number.encode() for number, _, _ in people(300)]
    state = sandbox.workdir / "node-region" / "state"
    kept = [p for pattern in ("audit*", "citizens*", "l*.key", "log*") for p in state.glob(pattern)]
    assert len(kept) >= 4
    for path in (*kept, state.parent / "log.jsonl"):
        content = path.read_bytes()
        assert not any(number in content for number in numbers), path


@pytest.mark.parametrize("who", ["coordinator", "node"])
def test_killed_between_result_and_receipts_it_goes_on(sandbox: Sandbox, who: str) -> None:
    """At the coordinator: the release is stored, nothing asked. At a node: recorded, nothing said."""
    before = {node: kinds(sandbox, node) for node in NODES}
    (sandbox.workdir.parent / "kill" / who).touch()
    query = ask_anew(sandbox)
    name = dead(sandbox)
    assert (name == "coordinator") == (who == "coordinator")
    # Started again it goes on at once, and may have ended when it is asked.
    assert next(s.state for s in queries_of(sandbox) if s.query == query) in ("releasing", "done")
    done(sandbox, query)
    assert sandbox.client.release(query).document["attempt"] == 1
    for node in NODES:
        new = kinds(sandbox, node)[len(before[node]) :]
        assert sorted(k for k in new if k not in ("started", "snapshot")) == ["asked", "charged", "released"]


def dead(sandbox: Sandbox, seconds: float = 60) -> str:
    """Which process has killed itself; it is started again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for name, managed in sandbox.processes.items():
            if managed.process.poll() is not None:
                assert managed.process.returncode == -9
                sandbox.stop(name)
                sandbox.start(name)
                sandbox.await_ready(name)
                return name
        time.sleep(0.1)
    raise AssertionError("no process has ended")


def queries_of(sandbox: Sandbox) -> list[Status]:
    with connect(sandbox.client_config) as client:
        return client.queries()


def test_a_running_node_deletes_what_has_been_kept_long_enough(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The day of its first entries is moved to the past; nobody calls a command, and every proof holds."""
    state = sandbox.workdir / "node-region" / "state"
    sandbox.stop("region")
    with sqlite3.connect(state / "audit.sqlite") as db:
        (first,) = db.execute("SELECT min(number) FROM entry WHERE kind = 'asked'").fetchone()
        (value,) = db.execute(
            "SELECT value FROM body WHERE number = ? AND field = 'query'", (first,)
        ).fetchone()
        db.execute("UPDATE entry SET expires = '2020-01-01' WHERE number = ?", (first,))
    db.close()
    sandbox.start("region")
    sandbox.await_ready("region")
    deadline = time.monotonic() + 120

    def left() -> int:
        with sqlite3.connect(f"file:{state / 'audit.sqlite'}?mode=ro", uri=True) as db:
            (count,) = db.execute("SELECT count(*) FROM body WHERE number = ?", (first,)).fetchone()
            return int(count)

    while left():  # what is deleted is said before it goes
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "pruned" in kinds(sandbox, "region")
    assert value, "it was there"
    export = tmp_path / "pruned.json"
    assert (
        run(capsys, "audit", "export", "--config", config(sandbox, "region"), "--out", export)[0] == exits.OK
    )
    assert main(["audit", "keys", "--config", str(config(sandbox, "kommune"))]) == exits.OK
    (tmp_path / "keys.txt").write_text(capsys.readouterr().out)
    code, said, _ = run(capsys, "audit", "verify", export, "--keys", tmp_path / "keys.txt")
    assert (code, said["log"]) == (exits.OK, "samklang/tiny/region")
    done(sandbox, ask_anew(sandbox))


def test_a_log_restored_from_an_old_copy_is_refused_by_the_node_itself_and_by_its_witness(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """The coordinator shows a node the checkpoint that it has signed last: it ends before anybody can ask.
    Where the coordinator says nothing, the partner notices before a result is handed out."""
    state = sandbox.workdir / "node-region" / "state"
    sandbox.stop("region")
    for path in state.glob("audit.sqlite*"):
        shutil.copy2(path, tmp_path)
    sandbox.start("region")
    sandbox.await_ready("region")
    done(sandbox, ask_anew(sandbox))
    sandbox.stop("region")
    for path in state.glob("audit.sqlite*"):
        path.unlink()
    for path in tmp_path.glob("audit.sqlite*"):
        shutil.copy2(path, state)
    before = kinds(sandbox, "kommune")
    sandbox.start("region")
    restored = sandbox.processes["region"].process
    assert restored.wait(60) != 0
    last = json.loads((state.parent / "log.jsonl").read_text().splitlines()[-1])
    assert (last["ready"], last["code"]) == (False, "audit-rolled-back")
    assert kinds(sandbox, "kommune") == before, "nobody has been asked anything"
    sandbox.stop("region")
    kept = sandbox.workdir / "coordinator" / "state" / "coordinator.sqlite"
    with sqlite3.connect(kept) as db:
        assert db.execute("DELETE FROM checkpoint WHERE node = 'region'").rowcount == 1
    db.close()
    sandbox.start("region")
    sandbox.await_ready("region")
    query = ask_anew(sandbox)
    with pytest.raises(SamklangError) as caught:
        sandbox.client.wait(query)
    assert caught.value.code in ("audit-log-forked", "audit-log-behind")
    assert "samklang/tiny/region" in caught.value.what
    with pytest.raises(SamklangError) as caught:
        sandbox.client.release(query)
    assert caught.value.code == "coordinator-not-done"
    assert "witness-refused" in kinds(sandbox, "kommune")


def test_a_file_of_receipts_has_no_more_than_it_says(sandbox: Sandbox, tmp_path: Path) -> None:
    query = next(s.query for s in sandbox.client.queries() if s.state == "done")
    sandbox.client.release(query).save(tmp_path / "a.json")
    release, receipts = unpack((tmp_path / "a.receipt.json").read_bytes())
    assert release == (tmp_path / "a.json").read_bytes()
    assert b"rho_before" not in receipts

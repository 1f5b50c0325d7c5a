"""Queries that wait for people, on real processes: three people, restarts, a no, too late, called off."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import write_folder
from tests.support.approving import APPROVAL, APPROVERS
from tests.support.synthea import ROOT

from samklang.analyst.status import Status
from samklang.cli import exits
from samklang.cli.main import main as command
from samklang.cli.sandbox.federation import Sandbox
from samklang.cli.sandbox.material import COORDINATOR
from samklang.errors import SamklangError
from samklang.node.audit.trail import open_trail
from samklang.node.documents import load_documents
from samklang.node.ledger import Ledger
from samklang.policy import Caps

pytestmark = pytest.mark.processes


def write(folder: Path) -> Path:
    """Two nodes: `overview` is left to people, `free` isn't."""
    write_folder(folder)
    for node, approval in APPROVAL.items():
        path = folder / "policies" / f"{node}.yaml"
        text = path.read_text().replace("people:", APPROVERS.strip(), 1)
        head, grant = text.split("grants:\n")
        free = grant.replace("id: overview", "id: free")
        asked = grant.replace("approval: {mode: auto}", f"approval: {approval}")
        path.write_text(f"{head}grants:\n{asked.rstrip()}\n{free.lstrip(chr(10))}")
    return folder


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    base = tmp_path_factory.mktemp("approval")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    entry = ("-m", "tests.support.quiet_main")
    with Sandbox(write(base / "f"), base / "w", entry=entry, environment=environment) as running:
        yield running


class Desks:
    """The command line at each node."""

    def __init__(self, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
        self._sandbox, self._capsys = sandbox, capsys

    def run(self, node: str, *words: str, person: str = "") -> tuple[int, Any, str]:
        config = self._sandbox.material.nodes[node]
        key = ["--key", str(config.parent / "approvers" / f"{person}.key")] if person else []
        self._capsys.readouterr()
        code = command(["approvals", *words, "--config", str(config), *key, "--json"])
        shown = self._capsys.readouterr()
        return code, json.loads(shown.out) if shown.out else None, shown.err

    def waiting(self, node: str) -> list[str]:
        return [case["id"] for case in self.run(node, "list")[1]]

    def grant(self, node: str, request: str, person: str) -> tuple[int, Any, str]:
        seen = self.run(node, "show", request)[1]["seen"]
        return self.run(node, "grant", request, "--seen", seen, person=person)

    def by_paper(self, node: str, request: str, person: str, folder: Path) -> tuple[int, Any, str]:
        """On the person's own machine, which has the two files and the key and nothing of the node."""
        config = self._sandbox.material.nodes[node]
        paper, decision, key = folder / "request.json", folder / "decision.json", folder / "own.key"
        shutil.copy(config.parent / "approvers" / f"{person}.key", key)
        code, said, error = self.run(node, "request", request, "--out", str(paper))
        assert code == exits.OK, error
        words = ["sign", str(paper), "--key", str(key), "--seen", said["seen"], "--out", str(decision)]
        assert command(["approvals", *words, "--json"]) == exits.OK
        return self.run(node, "enter", str(decision))


@pytest.fixture
def desks(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]) -> Desks:
    return Desks(sandbox, capsys)


def until(sandbox: Sandbox, query: str, state: str, seconds: float = 60) -> Status:
    """The first status in ``state``; fails if the query ends elsewhere."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        (found,) = [q for q in sandbox.client.queries() if q.query == query]
        if found.state == state:
            return found
        assert not found.ended, (found.state, [str(r) for r in found.reasons])
        time.sleep(0.1)
    raise AssertionError(f"never {state}: {found}")


def submit(sandbox: Sandbox, purpose: str = "overview", **options: Any) -> str:
    draft = sandbox.client.draft(sandbox.blueprint.query("areas"))
    asked = draft.purpose.model_copy(update={"id": purpose})
    return sandbox.client.submit(draft.model_copy(update={"purpose": asked}), **options)


def charges(sandbox: Sandbox, node: str) -> int:
    state = sandbox.material.nodes[node].parent / "state"
    ledger = Ledger(state / "ledger.sqlite", Caps(month=10**12, year=10**12))
    try:
        return ledger.head.entries
    finally:
        ledger.close()


def test_two_nodes_three_people_restarts_and_one_attempt(
    sandbox: Sandbox, desks: Desks, tmp_path: Path
) -> None:
    before = {node: charges(sandbox, node) for node in APPROVAL}
    query = submit(sandbox)
    status = until(sandbox, query, "awaiting-approval")
    assert {waits.node for waits in status.awaiting} == {"kommune", "region"}
    assert {(r.node, r.code, r.clause) for r in status.reasons} == {
        ("kommune", "policy-approval-needed", "grants[0].approval"),
        ("region", "policy-approval-needed", "grants[0].approval"),
    }
    assert status.attempt == 1

    # Whoever waits blocks nobody: one query at a time is the coordinator's limit here.
    other = submit(sandbox, "free")
    assert sandbox.client.wait(other).state == "done"

    (request,) = desks.waiting("region")
    code, _, error = desks.run("region", "grant", request, "--seen", "0" * 8, person="ann")
    assert (code, "approval-unseen" in error) == (exits.DENIED, True)
    code, case, _ = desks.grant("region", request[:8], "ann")
    assert (code, case["state"]) == (exits.OK, "waiting")
    code, _, error = desks.grant("region", request, "ann")
    assert (code, "approval-repeated" in error) == (exits.DENIED, True)
    assert desks.grant("region", request, "bo")[1]["state"] == "waiting", "two of one role are not enough"

    # Both sides forget nothing.
    sandbox.stop(COORDINATOR)
    sandbox.start(COORDINATOR)
    sandbox.await_ready(COORDINATOR)
    sandbox.stop("region")
    sandbox.start("region")
    sandbox.await_ready("region")
    assert until(sandbox, query, "awaiting-approval").attempt == 1
    assert desks.waiting("region") == [request], "the same request, not another one"

    # Decided while the node is down: said when it comes back.
    sandbox.stop("region")
    code, case, _ = desks.by_paper("region", request, "cat", tmp_path)
    assert (code, case["state"]) == (exits.OK, "approved")
    sandbox.start("region")
    sandbox.await_ready("region")
    end = time.monotonic() + 30
    while {w.node for w in until(sandbox, query, "awaiting-approval").awaiting} != {"kommune"}:
        assert time.monotonic() < end, "region has approved, kommune not yet"
        time.sleep(0.1)

    # A yes taken back before rows leave doesn't count, though it was complete.
    desks.run("region", "withdraw", request, person="cat")
    code, _, error = desks.run("kommune", "enter", str(tmp_path / "decision.json"))
    assert (code, "approval-not-approver" in error) == (exits.DENIED, True)
    code, _, error = desks.run("region", "enter", str(tmp_path / "decision.json"))
    assert (code, "approval-repeated" in error) == (exits.DENIED, True)
    (kommunes,) = desks.waiting("kommune")
    assert desks.grant("kommune", kommunes, "bo")[1]["state"] == "approved"
    end = time.monotonic() + 30
    while {w.node for w in until(sandbox, query, "awaiting-approval").awaiting} != {"region"}:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert {node: charges(sandbox, node) for node in APPROVAL} == {n: c + 1 for n, c in before.items()}
    time.sleep(1)
    assert desks.grant("region", request, "cat")[1]["state"] == "approved"
    done = sandbox.client.wait(query)
    assert (done.state, done.attempt) == ("done", 1), "waiting has burnt no attempt"
    assert {node: charges(sandbox, node) for node in APPROVAL} == {n: c + 2 for n, c in before.items()}
    assert desks.run("region", "show", request)[1]["uses"][0]["attempt"] == 1

    documents = load_documents(sandbox.material.nodes["region"])
    federation = documents.manifest.document.federation.id
    trail = open_trail(documents.config.state, federation, "region")
    try:
        said = [(e.value("kind"), e.value("actor")) for e in trail.entries()]
        decided = [e.value("decision") for e in trail.entries() if e.value("query") == done.digest]
        permitted = trail.find("charged", done.digest)
    finally:
        trail.close()
    words = [s for s in said if s[0] in ("approval-requested", "approved", "withdrawn")]
    assert words == [
        ("approval-requested", "analyst"),
        ("approved", "ann"),
        ("approved", "bo"),
        ("approved", "cat"),
        ("withdrawn", "cat"),
        ("approved", "cat"),
    ]
    assert decided.count("permit") >= 1
    assert permitted is not None
    assert permitted.value("approvers") == ["ann/steward", "bo/steward", "cat/clinician"]


def test_a_no_at_one_of_two_nodes_ends_it_with_the_reason(sandbox: Sandbox, desks: Desks) -> None:
    query = submit(sandbox)
    until(sandbox, query, "awaiting-approval")
    (request,) = desks.waiting("kommune")
    code, _, error = desks.run("kommune", "reject", request, "--why", "ask 010150-1234", person="ann")
    assert (code, "approval-text" in error) == (exits.DENIED, True)
    code, _, error = desks.run("kommune", "reject", request, "--why", "Not ours", person="cat")
    assert (code, "approval-role" in error) == (exits.DENIED, True)
    assert desks.run("kommune", "reject", request, "--why", "Too fine for us", person="ann")[0] == exits.OK
    with pytest.raises(SamklangError) as caught:
        sandbox.client.wait(query)
    assert caught.value.code == "approval-rejected"
    (status,) = [q for q in sandbox.client.queries() if q.query == query]
    assert status.state == "denied"
    (reason,) = status.reasons
    assert (reason.node, reason.code) == ("kommune", "approval-rejected")
    assert "Too fine for us" in reason.what
    assert "Too fine for us" in reason.what_da
    code, _, error = desks.grant("kommune", request, "bo")
    assert (code, "approval-over" in error) == (exits.DENIED, True)
    end = time.monotonic() + 20
    while desks.waiting("region"):
        assert time.monotonic() < end, "region hears that nobody waits any more"
        time.sleep(0.2)


def test_called_off_while_it_waits(sandbox: Sandbox, desks: Desks) -> None:
    query = submit(sandbox)
    until(sandbox, query, "awaiting-approval")
    (request,) = desks.waiting("region")
    assert sandbox.client.cancel(query).state == "cancelled"
    end = time.monotonic() + 20
    while desks.waiting("region") or desks.waiting("kommune"):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert desks.run("region", "show", request)[1]["state"] == "ended"
    assert charges(sandbox, "region") == charges(sandbox, "kommune")


def test_too_late_by_name(sandbox: Sandbox, desks: Desks) -> None:
    for seconds in (6, 20, 60):  # a busy machine may not have come to people in six
        query = submit(sandbox, valid_for=timedelta(seconds=seconds))
        try:
            until(sandbox, query, "awaiting-approval")
            break
        except AssertionError:
            (status,) = [q for q in sandbox.client.queries() if q.query == query]
            if (status.state, seconds) not in (("expired", 6), ("expired", 20)):
                raise
    with pytest.raises(SamklangError) as caught:
        sandbox.client.wait(query)
    assert caught.value.code == "coordinator-approval-expired"
    assert "kommune, region" in caught.value.what
    (status,) = [q for q in sandbox.client.queries() if q.query == query]
    assert status.state == "expired"
    states = {case["id"]: case["state"] for case in desks.run("region", "list", "--all")[1]}
    assert "expired" in states.values()


def test_a_plan_says_that_it_would_wait_and_a_query_lives_long_enough(sandbox: Sandbox) -> None:
    draft = sandbox.client.draft(sandbox.blueprint.query("areas"))
    plan = sandbox.client.plan(draft)
    assert {node.decision for node in plan.nodes} == {"pending"}
    assert {node.approval_hours for node in plan.nodes} == {72}
    query = submit(sandbox)
    status = until(sandbox, query, "awaiting-approval")
    assert all(waits.until - status.submitted_at > timedelta(hours=71) for waits in status.awaiting)
    sandbox.client.cancel(query)

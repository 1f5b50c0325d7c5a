"""A question is planned over real processes, denied by one node with its clause, changed, and asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.population import generate

from samklang.cli import exits
from samklang.cli.main import main as command
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "federation"
CITIZENS = 4000
FIGURES = f"""
figures:
  whole-population:
    source: generated tables
    citizens: {CITIZENS}
    sectors: {{kommune: {CITIZENS}, region: {CITIZENS}, gp: {CITIZENS}}}
    shares:
      age/five: {{0-17: 0.2, 18-44: 0.3, 45-64: 0.3, 65-79: 0.15, 80+: 0.05}}
      home_care/four: {{none: 0.7, 1-59: 0.1, 60-179: 0.1, 180+: 0.1}}
      admissions/four: {{"0": 0.7, "1": 0.1, 2-3: 0.1, 4+: 0.1}}
      contacts/four: {{"0": 0.1, 1-3: 0.3, 4-9: 0.3, 10+: 0.3}}
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The benchmark's federation, whose region allows three axes instead of four."""
    folder = tmp_path_factory.mktemp("planned") / "federation"
    shutil.copytree(FOLDER, folder)
    policy = folder / "policies" / "region.yaml"
    text = policy.read_text()
    assert "max_axes: 4" in text
    policy.write_text(text.replace("max_axes: 4", "max_axes: 3"))
    with (folder / "codebook.yaml").open("a") as book:
        book.write(FIGURES)
    generate(folder / "data", CITIZENS)
    with Sandbox(folder) as running:
        yield running


def test_planned_denied_changed_and_asked(sandbox: Sandbox) -> None:
    client = sandbox.client
    draft = client.draft(sandbox.blueprint.query("four-axes"))
    before = client.plan(draft)
    assert [(n.node, n.decision) for n in before.nodes] == [
        ("kommune", "permit"),
        ("region", "deny"),
        ("gp", "permit"),
    ]
    region = before.nodes[1]
    (reason,) = region.reasons
    assert (reason.code, reason.clause) == ("policy-axes", "grants[0].max_axes")
    (change,) = region.changes
    assert change.new == ""
    assert client.queries() == [], "a plan is no query"
    with pytest.raises(SamklangError) as caught:
        client.ask(draft)
    assert caught.value.code == "policy-axes"
    (said,) = client.queries()[0].reasons
    assert (said.node, said.clause) == ("region", reason.clause), "the query itself is told the same"

    assert change.place == "axes[0]"
    smaller = draft.model_copy(update={"axes": draft.axes[1:]})
    plan = client.plan(smaller)
    assert plan.permitted
    assert plan.precision is not None
    assert plan.precision.citizens == pytest.approx(CITIZENS)
    cost = {node.node: node.nano_rho for node in plan.nodes}

    release = client.ask(smaller)
    assert release.header["privacy"]["nano_rho"] == plan.nano_rho == cost["region"]
    assert release.header["threshold"] == plan.shown_from
    assert len(release.document["cells"]) == plan.released
    assert float(release.header["privacy"]["count_sd"]) == pytest.approx(plan.sd, abs=1e-3)

    after = client.plan(smaller)
    for now, then in zip(after.nodes, plan.nodes, strict=True):
        for period in ("month", "year"):
            assert then.left[period] - now.left[period] == plan.nano_rho, "asked once, planned often"


def test_the_traffic_is_of_the_size_that_was_planned(sandbox: Sandbox) -> None:
    """Small tables are nearly all padding and dummies; within a factor of two all the same."""
    lines = (sandbox.material.coordinator.parent / "log.jsonl").read_text().splitlines()
    relayed = [e["relayed_bytes"] for e in map(json.loads, lines) if e.get("event") == "attempt over"]
    draft = sandbox.client.draft(sandbox.blueprint.query("four-axes"))
    plan = sandbox.client.plan(draft.model_copy(update={"axes": draft.axes[1:]}))
    assert plan.effort is not None
    assert 0.5 < plan.effort.megabytes * 1e6 / relayed[-1] < 2


def test_the_command_says_the_same_and_its_exit_code_who_has_to_act(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = sandbox.blueprint.query("four-axes")
    who = ["--client", str(sandbox.client_config)]
    assert command(["query", "plan", str(question), "--language", "da", *who]) == exits.DENIED
    shown = capsys.readouterr().out
    assert "region (nej)" in shown
    assert "region: policy-axes (grants[0].max_axes): Forespørgslen har 4 akser" in shown
    permitted = tmp_path / "three.yaml"
    kept = [line for line in question.read_text().splitlines() if "variable: contacts" not in line]
    permitted.write_text("\n".join(kept))
    assert command(["query", "plan", str(permitted), "--json", *who]) == exits.OK
    document = json.loads(capsys.readouterr().out)
    assert document["permitted"] is True
    assert document["nodes"][0]["queries_left"]["month"] > 0
    sandbox.stop("gp")
    assert command(["query", "plan", str(permitted), *who]) == exits.UNREACHABLE
    assert "gp (not there)" in capsys.readouterr().out

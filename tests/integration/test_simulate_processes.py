"""What a running federation was asked, asked again: beside the node and from an export, by drafts that allow
more and less."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import people, write_folder

from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    base = tmp_path_factory.mktemp("simulate")
    folder = write_folder(base / "folder", 200, part="caps: {month: 16, year: 16, lifetime: 16}")
    for policy in (folder / "policies").iterdir():
        policy.write_text(policy.read_text() + "differencing: {overlap: allow}\n")
    with Sandbox(folder, base / "work") as made:
        ask(made, days=0)
        ask(made, days=1)
        ask(made, days=2, epsilon="3")
        yield made


def ask(sandbox: Sandbox, *, days: int, epsilon: str = "1") -> None:
    """A question that differs from the others by the day; refused ones end denied."""
    draft = sandbox.client.draft(sandbox.blueprint.query("areas"))
    period = draft.period.model_copy(update={"as_of": date(2020, 12, 31) - timedelta(days=days)})
    privacy = draft.privacy.model_copy(update={"epsilon": type(draft.privacy.epsilon)(epsilon)})
    query = sandbox.client.submit(draft.model_copy(update={"period": period, "privacy": privacy}))
    with pytest.raises(SamklangError) if epsilon == "3" else nullcontext():
        sandbox.client.wait(query)


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any, str]:
    code = main([str(word) for word in words] + ["--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


def told(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    main([str(word) for word in words])
    said = capsys.readouterr()
    return said.out + said.err


def config(sandbox: Sandbox) -> Path:
    return sandbox.material.nodes["region"]


def draft(sandbox: Sandbox, folder: Path, *changes: tuple[str, str]) -> Path:
    text = (sandbox.workdir.parent / "folder" / "policies" / "region.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "draft.yaml"
    path.write_text(text)
    return path


WIDER = ("per_query: {epsilon: 2}", "per_query: {epsilon: 4}")
NARROWER = ("max_axes: 3", "max_axes: 1")
POORER = ("{epsilon: 2}, month: {epsilon: 16}", "{epsilon: 1}, month: {epsilon: 1}")


def test_beside_the_node_by_drafts_that_allow_more_and_less(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate = ("policy", "simulate", tmp_path / "draft.yaml", "--log", config(sandbox))
    draft(sandbox, tmp_path)
    code, value, error = run(capsys, *simulate)
    assert code == exits.OK, error
    assert (value["requests"], value["changed"], value["otherwise_then"], value["lost"]) == (3, [], [], [])
    draft(sandbox, tmp_path, WIDER)
    code, value, _ = run(capsys, *simulate)
    assert (code, value["wider"], value["assumed_charges"]) == (exits.WIDENED, 1, 1)
    (changed,) = value["changed"]
    assert (changed["then"]["decision"], changed["now"]["decision"]) == ("deny", "deny")
    assert (changed["draft"]["decision"], changed["draft"]["nano_rho"] > 0) == ("permit", True)
    assert (changed["analyst"], changed["organisation"], changed["role"]) == ("analyst", "kommune", "analyst")
    draft(sandbox, tmp_path, NARROWER)
    code, value, _ = run(capsys, *simulate)
    assert (code, value["wider"], value["narrower"]) == (exits.OK, 0, 2)
    reason = value["changed"][0]["draft"]["reasons"][0]
    assert (reason["code"], reason["clause"]) == ("policy-axes", "grants[0].max_axes")
    assert reason["at"].startswith(str(tmp_path / "draft.yaml") + ":")
    draft(sandbox, tmp_path, POORER)
    code, value, _ = run(capsys, *simulate)
    assert [row["draft"]["by"] for row in value["changed"]] == ["budget"]
    (used,) = value["used_up"]["draft"]
    assert (used["grant"], used["period"], used["refused"]) == ("overview", "month", 1)
    assert value["used_up"]["now"] == []


def test_people_read_it_in_their_language(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate = ("policy", "simulate", draft(sandbox, tmp_path, NARROWER), "--log", config(sandbox))
    text = told(capsys, *simulate, "--language", "en")
    assert "region: 3 questions in the log, 3 of them asked again" in text
    assert "by Area (area), Contacts (contacts); everybody; the sum of Days (0 to 100 days of each)" in text
    assert "draft.yaml:" in text
    text = told(capsys, *simulate, "--language", "da")
    assert "fordelt på Område (area), Kontakter (contacts); alle" in text
    assert "questions" not in text


def test_on_another_machine_from_an_export_that_is_verified_first(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, keys = tmp_path / "log.json", tmp_path / "keys.txt"
    code, _, error = run(capsys, "audit", "export", "--config", config(sandbox), "--out", log, "--queries")
    assert code == exits.OK, error
    main(["audit", "keys", "--config", str(config(sandbox))])
    keys.write_text(capsys.readouterr().out)
    code, value, _ = run(capsys, "audit", "verify", log, "--keys", keys)
    assert (code, value["queries"]) == (exits.OK, 3)
    simulate = ("policy", "simulate", draft(sandbox, tmp_path, WIDER), "--log", log, "--keys", keys)
    code, exported, _ = run(capsys, *simulate)
    assert code == exits.WIDENED
    _, beside, _ = run(capsys, *simulate[:4], config(sandbox))
    assert {k: v for k, v in exported.items() if k != "entries"} == {
        k: v for k, v in beside.items() if k != "entries"
    }
    code, _, error = run(capsys, *simulate[:5])
    assert (code, "audit-keys" in error) == (exits.FAILED, True)
    whole = json.loads(log.read_bytes())
    first, second, *_ = whole["queries"]
    swapped = {**whole, "queries": {**whole["queries"], first: whole["queries"][second]}}
    log.write_text(json.dumps(swapped))
    for words in (simulate, ("audit", "verify", log, "--keys", keys)):
        code, _, error = run(capsys, *words)
        assert (code, "audit-export-query" in error) == (exits.FAILED, True)
    run(capsys, "audit", "export", "--config", config(sandbox), "--out", log)
    code, _, error = run(capsys, *simulate)
    assert (code, "audit-no-queries" in error) == (exits.FAILED, True)


def test_an_entry_and_the_page_say_what_was_asked(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, value, _ = run(capsys, "audit", "show", "--config", config(sandbox))
    number = next(e["number"] for e in value["shown"] if e["kind"] == "asked" and e["decision"] == "deny")
    text = told(capsys, "audit", "show", number, "--config", config(sandbox), "--language", "en")
    assert "Area (area): North, South" in text
    assert "ε 3 (δ 1e-8)" in text
    code, value, _ = run(capsys, "audit", "show", number, "--config", config(sandbox))
    assert (code, value["number"], value["question"]["privacy"]["epsilon"]) == (exits.OK, number, "3")
    page = tmp_path / "log.html"
    run(capsys, "audit", "export", "--config", config(sandbox), "--out", page, "--language", "da")
    assert page.read_text().count("Fordelt på: Område (area): Nord, Syd") == 3
    numbers = [number.encode() for number, _, _ in people(200)]
    for path in config(sandbox).parent.joinpath("state").glob("questions.sqlite*"):
        assert not any(number in path.read_bytes() for number in numbers)


def test_what_was_erased_is_named_and_a_file_that_was_lost_too(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last one here: it takes things away."""
    simulate = ("policy", "simulate", draft(sandbox, tmp_path, WIDER), "--log", config(sandbox))
    _, value, _ = run(capsys, "audit", "show", "--config", config(sandbox))
    number = next(e["number"] for e in value["shown"] if e["kind"] == "asked" and e["decision"] == "deny")
    prune = ("audit", "prune", "--config", config(sandbox), "--entry", number, "--field", "recipients")
    assert run(capsys, *prune)[0] == exits.OK
    code, value, _ = run(capsys, *simulate)
    assert (code, value["requests"]) == (exits.OK, 2)
    assert [(one["number"], one["why"]) for one in value["lost"]] == [(number, "not-kept")]
    sandbox.stop("region")
    state = config(sandbox).parent / "state"
    for path in state.glob("questions.sqlite*"):
        shutil.move(path, tmp_path / path.name)
    sandbox.start("region")
    sandbox.await_ready("region")
    ask(sandbox, days=5)
    _, value, _ = run(capsys, *simulate)
    assert (value["requests"], len(value["lost"])) == (1, 3)
    with sqlite3.connect(state / "questions.sqlite") as db:
        assert db.execute("SELECT count(*) FROM question").fetchone() == (1,)
    db.close()

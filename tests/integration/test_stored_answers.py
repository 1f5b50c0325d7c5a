"""The same question over the same snapshots: one charge and the same bytes for whoever may ask."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import write_folder
from tests.support.two_analysts import SECOND, with_second_analyst

from samklang.analyst import connect
from samklang.analyst.release import Release
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError
from samklang.model.base import Label
from samklang.model.calendar import COPENHAGEN, expires
from samklang.model.query import Draft

pytestmark = pytest.mark.processes

NODES = ("kommune", "region")
CAP = "caps: {month: 1.2, year: 8}\n"
"""Of the region alone: room for one query of ε = 1 and one of ε = 0.5, and no more."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = write_folder(tmp_path_factory.mktemp("stored") / "folder", 200)
    region = folder / "nodes" / "region.yaml"
    region.write_text(region.read_text() + CAP)
    with pytest.MonkeyPatch.context() as patch:
        with_second_analyst(patch, "region")
        with Sandbox(folder, folder.parent / "work", entry=("-m", "tests.support.quiet_main")) as made:
            yield made


def charges(sandbox: Sandbox, node: str) -> int:
    path = sandbox.workdir / f"node-{node}" / "state" / "ledger.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return int(db.execute("SELECT count(*) FROM entries").fetchone()[0])


def spent(sandbox: Sandbox) -> list[int]:
    return [charges(sandbox, node) for node in NODES]


def source(release: Release) -> bytes:
    return release.source


def draft(sandbox: Sandbox, **changes: Any) -> Draft:
    found = sandbox.client.draft(sandbox.blueprint.query("areas"))
    return found.model_copy(update=changes)


def cheaper(sandbox: Sandbox, epsilon: str) -> Draft:
    asked = draft(sandbox)
    return asked.model_copy(
        update={"privacy": asked.privacy.model_copy(update={"epsilon": Decimal(epsilon)})}
    )


def restart(sandbox: Sandbox, name: str) -> None:
    sandbox.stop(name)
    sandbox.start(name)
    sandbox.await_ready(name)


def test_two_analysts_at_the_same_moment_pay_once_and_get_the_same_bytes(sandbox: Sandbox) -> None:
    configs = [sandbox.client_config, sandbox.material.clients[SECOND]]
    titles = [Label(en="Mine", da="Min"), Label(en="Yours", da="Din")]
    barrier, found = threading.Barrier(2), dict[int, tuple[Release, list[bool]]]()

    def ask(i: int) -> None:
        with connect(configs[i]) as client:
            question = client.check(draft(sandbox, title=titles[i]))
            barrier.wait()
            query = client.submit(question)
            stored = [status.from_store for status in client.watch(query)]
            found[i] = (client.release(query), stored)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first, _), (second, _) = found[0], found[1]
    assert source(first) == source(second)
    assert spent(sandbox) == [1, 1]
    assert (first.header["title"]["en"], second.header["title"]["en"]) == ("Mine", "Yours")
    assert first.header["query"] != second.header["query"]
    assert sorted(stored[-1] for _, stored in found.values()) == [False, True]
    served = [release.header["served_from"] for release, _ in found.values()]
    assert sorted(s is None for s in served) == [False, True]


def test_it_is_there_after_a_restart_of_everybody_and_the_command_says_so(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sandbox.ask("areas")
    for name in ("coordinator", *NODES):
        restart(sandbox, name)
    again = sandbox.ask("areas")
    assert source(again) == source(before)
    assert again.header["served_from"]["nano_rho_spent"] == 0
    assert spent(sandbox) == [1, 1]
    question, who = str(sandbox.blueprint.query("areas")), ["--client", str(sandbox.client_config)]
    assert main(["query", "submit", question, "--watch", *who, "--language", "da"]) == exits.OK
    assert "svar fra lageret" in capsys.readouterr().err
    assert spent(sandbox) == [1, 1]


def test_a_plan_says_that_it_would_be_free(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where a budget is empty; another question gets no such promise."""
    sandbox.ask("areas")
    plan = sandbox.client.plan(sandbox.blueprint.query("areas"))
    assert plan.stored is not None
    assert plan.permitted
    assert "it costs nothing" in plan.to_text()
    with connect(sandbox.material.clients[SECOND]) as other:
        assert other.plan(sandbox.blueprint.query("areas")).stored == plan.stored
    assert sandbox.client.plan(cheaper(sandbox, "0.9")).stored is None
    question = str(sandbox.blueprint.query("areas"))
    assert main(["query", "plan", question, "--json", "--client", str(sandbox.client_config)]) == exits.OK
    assert json.loads(capsys.readouterr().out)["stored"] == plan.stored.isoformat()


def test_whom_a_policy_forbids_the_question_is_told_nothing_of_the_store(sandbox: Sandbox) -> None:
    asked = draft(sandbox)
    purpose = asked.purpose.model_copy(update={"id": "other"})
    plan = sandbox.client.plan(asked.model_copy(update={"purpose": purpose}))
    assert (plan.stored, plan.permitted) == (None, False)


def test_an_empty_budget_refuses_other_questions_and_not_the_stored_one(sandbox: Sandbox) -> None:
    before = spent(sandbox)
    with pytest.raises(SamklangError) as caught:
        sandbox.ask(cheaper(sandbox, "0.95"))
    assert (caught.value.code, getattr(caught.value, "node", "")) == ("ledger-cap", "region")
    assert sandbox.ask("areas").header["served_from"] is not None
    assert spent(sandbox) == before


def test_a_coordinator_that_serves_something_else_gets_no_receipt(sandbox: Sandbox) -> None:
    """Its store is changed: the question is answered with another one's release."""
    honest = sandbox.ask("areas")
    other = sandbox.ask(cheaper(sandbox, "0.5"))
    computed = {r.header["privacy"]["epsilon"]: r for r in (honest, other)}
    assert len(computed) == 2
    sandbox.stop("coordinator")
    store = sandbox.workdir / "coordinator" / "state" / "coordinator.sqlite"
    with sqlite3.connect(store) as db:
        rows = db.execute("SELECT key, query FROM answer").fetchall()
        assert len(rows) == 2
        (one, two), (three, four) = rows
        db.executemany("UPDATE answer SET query = ? WHERE key = ?", [(four, one), (two, three)])
    db.close()
    sandbox.start("coordinator")
    sandbox.await_ready("coordinator")
    with pytest.raises(SamklangError) as caught:
        sandbox.ask("areas")
    assert caught.value.code == "audit-other-answer"
    sandbox.stop("coordinator")
    with sqlite3.connect(store) as db:
        db.executemany("UPDATE answer SET query = ? WHERE key = ?", [(two, one), (four, three)])
    db.close()
    sandbox.start("coordinator")
    sandbox.await_ready("coordinator")
    assert source(sandbox.ask("areas")) == source(honest)


def test_after_a_new_snapshot_it_is_not_there_and_nobody_is_charged_for_finding_out(sandbox: Sandbox) -> None:
    """The municipality has a new snapshot; the region could only have answered from the store."""
    before = spent(sandbox)
    sandbox.stop("kommune")
    shutil.rmtree(sandbox.workdir / "node-kommune" / "state" / "snapshots")
    sandbox.start("kommune")
    sandbox.await_ready("kommune")
    assert sandbox.client.plan(sandbox.blueprint.query("areas")).stored is None
    with pytest.raises(SamklangError) as caught:
        sandbox.ask("areas")
    assert (caught.value.code, getattr(caught.value, "node", "")) == ("ledger-cap", "region")
    assert spent(sandbox) == before


def test_every_node_knows_the_names_of_its_answers_and_nothing_of_a_citizen(sandbox: Sandbox) -> None:
    for node in NODES:
        path = sandbox.workdir / f"node-{node}" / "state" / "releases.sqlite"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT query, key, served FROM keys").fetchall()
        assert sum(not served for *_, served in rows) == 2
        assert sum(bool(served) for *_, served in rows) >= 5
        assert all(text.startswith("sha256:") for row in rows for text in row[:2])


def test_a_release_is_kept_as_long_as_the_policies_let_it_be(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its day is moved to yesterday: then nobody gets it any more, and its bytes are in no file."""
    done = [status for status in sandbox.client.queries(100) if status.state == "done"]
    today = datetime.now(COPENHAGEN).date()
    assert {status.kept_until for status in done} == {date.fromisoformat(expires(datetime.now(UTC), "P2Y"))}
    release = sandbox.client.release(done[0].query)
    assert release.document["rules"]["retention"] == {"value": "P2Y", "of": [*NODES]}
    assert "May be kept for 2 years from the day of the release (the rule of" in release.to_text()
    sandbox.stop("coordinator")
    state = sandbox.workdir / "coordinator" / "state"
    needle = source(release)[-200:]
    assert any(needle in file.read_bytes() for file in state.iterdir() if file.is_file())
    with sqlite3.connect(state / "coordinator.sqlite") as db:
        db.execute("UPDATE kept SET until = ?", ((today - timedelta(days=1)).isoformat(),))
    db.close()
    sandbox.start("coordinator")
    sandbox.await_ready("coordinator")
    assert all(status.deleted for status in sandbox.client.queries(100) if status.state == "done")
    for status in done:
        with pytest.raises(SamklangError) as caught:
            sandbox.client.release(status.query)
        assert caught.value.code == "coordinator-release-deleted"
    assert not any(needle in file.read_bytes() for file in state.iterdir() if file.is_file())
    assert sandbox.client.plan(sandbox.blueprint.query("areas")).stored is None
    who = ["--client", str(sandbox.client_config), "--language", "da"]
    assert main(["query", "list", *who]) == exits.OK
    assert f"slettet {today - timedelta(days=1)}" in capsys.readouterr().out

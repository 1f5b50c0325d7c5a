"""Two nodes and a coordinator that computes with them, as processes, on real documents and tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.node.tiny import expected, write_folder

from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes

COUNT = 400


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = write_folder(tmp_path_factory.mktemp("tiny") / "folder", COUNT)
    work = folder.parent / "work"
    with Sandbox(folder, work, entry=("-m", "tests.support.quiet_main")) as made:
        yield made


def charges(sandbox: Sandbox, node: str) -> list[tuple[str, int, int]]:
    path = sandbox.workdir / f"node-{node}" / "state" / "ledger.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return db.execute("SELECT query, attempt, nano_rho FROM entries ORDER BY number").fetchall()


def test_the_joint_table_is_the_counted_one(sandbox: Sandbox) -> None:
    release = sandbox.ask("areas")
    found = {
        (cell["levels"]["area"], cell["levels"]["contacts"]): (
            cell["count"],
            round(float(cell.get("days", {}).get("sum", 0))),
        )
        for cell in release.document["cells"]
        if cell["count"] and cell["levels"]["area"] not in ("ABSENT", "MISSING")
    }
    assert found == expected(COUNT)
    spent = release.header["privacy"]["nano_rho"]
    for node in ("kommune", "region"):
        ((query, attempt, charged),) = charges(sandbox, node)
        assert (query, attempt, charged) == (release.header["query"], 1, spent)


def test_a_denied_query_is_charged_nowhere(sandbox: Sandbox) -> None:
    before = [charges(sandbox, node) for node in ("kommune", "region")]
    draft = sandbox.client.draft(sandbox.blueprint.query("areas"))
    purpose = draft.purpose.model_copy(update={"id": "something-else"})
    with pytest.raises(SamklangError) as caught:
        sandbox.ask(draft.model_copy(update={"purpose": purpose}))
    assert caught.value.code == "policy-purpose-unknown"
    assert [charges(sandbox, node) for node in ("kommune", "region")] == before


def test_a_node_killed_between_queries_forgets_no_charge(sandbox: Sandbox) -> None:
    before = charges(sandbox, "region")
    sandbox.processes["region"].process.kill()
    sandbox.processes["region"].process.wait()
    sandbox.stop("region")
    sandbox.start("region")
    sandbox.await_ready("region")
    assert charges(sandbox, "region") == before
    draft = sandbox.client.draft(sandbox.blueprint.query("areas"))
    privacy = draft.privacy.model_copy(update={"epsilon": Decimal("0.5")})  # else it is in the store
    sandbox.ask(draft.model_copy(update={"privacy": privacy}))
    assert len(charges(sandbox, "region")) == len(before) + 1


def test_nothing_that_was_written_names_a_citizen(sandbox: Sandbox) -> None:
    from tests.node.tiny import people

    numbers = [number.encode() for number, _, _ in people(COUNT)]
    data = {"spill", "snapshots"}  # the node's own data, of which nobody else sees anything
    written = [p for p in sandbox.workdir.rglob("*") if p.is_file() and not data & {*p.parts}]
    assert any(p.name.startswith("log") for p in written)
    for path in written:
        content = path.read_bytes()
        assert not any(number in content for number in numbers), path

"""A whole federation as real processes: asked, answered, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from benchmarks.baseline import AXES, main
from benchmarks.compare import agreement
from benchmarks.population import generate

from samklang.analyst.release import read_release
from samklang.cli import exits
from samklang.cli.main import main as command
from samklang.cli.sandbox.federation import Sandbox
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / "federation"
QUIET = ("-m", "tests.support.quiet_main")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    generate(folder, 4000)
    return folder


@pytest.fixture(scope="module")
def exact(data: Path) -> list[list[object]]:
    cells = main(data, "text")["cells"]
    assert isinstance(cells, list)
    return cells


@pytest.fixture(scope="module")
def quiet(data: Path) -> Iterator[Sandbox]:
    with Sandbox(FOLDER, data=data, entry=QUIET) as sandbox:
        yield sandbox


def test_without_noise_the_table_is_the_plain_join(quiet: Sandbox, exact: list[list[object]]) -> None:
    release = quiet.ask("four-axes")
    released = {
        tuple(row[axis] for axis in AXES): [row["count"], row["bed_days_sum"]]
        for row in release.rows()
        if row["count"]
    }
    assert released == {tuple(row[:4]): row[4:] for row in exact}


def test_a_repeated_question_gets_the_answer_in_the_store(quiet: Sandbox) -> None:
    path = quiet.blueprint.query("four-axes")
    first, second = quiet.ask(path), quiet.ask(path)
    assert first.document["cells"] == second.document["cells"]
    assert second.document["served_from"]["nano_rho_spent"] == 0
    assert {status.state for status in quiet.client.queries()} == {"done"}


def test_the_command_line_talks_to_it(quiet: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    who = ["--client", str(quiet.client_config)]
    assert command(["query", "list", "--json", *who]) == exits.OK
    query = json.loads(capsys.readouterr().out)[0]["query"]
    assert command(["query", "show", query, "--ids", *who]) == exits.OK
    assert "bed_days:" in capsys.readouterr().out


def test_a_question_beyond_the_policies_names_the_clause(quiet: Sandbox) -> None:
    draft = quiet.client.draft(quiet.blueprint.query("four-axes"))
    purpose = draft.purpose.model_copy(update={"id": "something-else"})
    with pytest.raises(SamklangError) as caught:
        quiet.ask(draft.model_copy(update={"purpose": purpose}))
    assert caught.value.code.startswith("policy-")


def test_a_node_that_cannot_start_is_named_and_all_is_stopped(data: Path, tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(SamklangError) as caught, Sandbox(FOLDER, tmp_path / "work", data=tmp_path / "none"):
        pass
    assert caught.value.code == "sandbox-process-ended"
    assert "node-" in caught.value.fix
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_one_command_from_a_folder_to_a_table(data: Path, exact: list[list[object]], tmp_path: Path) -> None:
    """With noise; and afterwards no process and no key is left."""
    command_line = ["sandbox", "run", str(FOLDER), "--data", str(data), "--query", "four-axes"]
    done = subprocess.run(
        [sys.executable, "-m", "samklang.cli", *command_line, "--save", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=240,
    )
    assert done.returncode == exits.OK, done.stderr
    assert "cells are shown" in done.stdout
    names = [f"four-axes.{end}" for end in ("csv", "header.json", "json", "parquet", "receipt.json")]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    found = agreement(read_release(tmp_path / "out" / "four-axes.json"), exact)
    assert found.ok, found
    pids = started(done.stderr.splitlines())
    assert len(pids) == 4
    assert not any(psutil.pid_exists(pid) for pid in pids)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("keys, certificates")]
    assert not Path(line.split()[-1]).exists()


def test_ctrl_c_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    command_line = ["sandbox", "up", str(FOLDER), "--data", str(data), "--workdir", str(tmp_path / "w")]
    process = subprocess.Popen(
        [sys.executable, "-m", "samklang.cli", *command_line], stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stderr is not None
    lines: list[str] = []
    with process.stderr as stderr:
        while len(pids := started(lines)) < 4:
            lines.append(stderr.readline())
            assert lines[-1], lines
        assert all(psutil.pid_exists(pid) for pid in pids)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(30) == exits.INTERRUPTED
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert (tmp_path / "w" / "analyst" / "config.yaml").exists()


def started(lines: list[str]) -> list[int]:
    """Processes that the progress on stderr names."""
    return [
        int(found[1]) for line in lines if (found := re.fullmatch(r"started .* \(process (\d+)\)\s*", line))
    ]

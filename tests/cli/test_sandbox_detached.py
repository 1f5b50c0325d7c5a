"""A sandbox left running is ended by another command, and nobody else's process ever is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.node.tiny import write_folder

from samklang.analyst import connect
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.detached import RECORD

pytestmark = pytest.mark.processes


def gone(pids: list[int], within: float = 30.0) -> bool:
    deadline = time.monotonic() + within
    while alive := [p for p in pids if psutil.pid_exists(p) and psutil.Process(p).status() != "zombie"]:
        if time.monotonic() >= deadline:
            return not alive
        time.sleep(0.05)
    return True


def up(folder: Path, work: Path) -> dict[str, Any]:
    """As a person would: a command that returns."""
    words = ["sandbox", "up", str(folder), "--detach", "--workdir", str(work), "--json"]
    done = subprocess.run([sys.executable, "-m", "samklang.cli", *words], capture_output=True, timeout=120)
    assert done.returncode == exits.OK, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def code(capsys: pytest.CaptureFixture[str]) -> str:
    return str(json.loads(capsys.readouterr().err)["error"]["code"])


def test_up_ask_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "f")
    shown = up(folder, tmp_path / "w")
    record = json.loads((tmp_path / "w" / RECORD).read_text())
    pids = [record["pid"], *shown["processes"].values()]
    try:
        assert len(pids) == 4
        assert not any(gone([pid], 0.0) for pid in pids)
        with connect(shown["client"]) as client:
            assert client.ask(folder / "queries" / "areas.yaml").document["cells"]
        assert main(["sandbox", "up", str(folder), "--detach", "--workdir", str(tmp_path / "w")]) != exits.OK
        assert main(["sandbox", "down", str(tmp_path / "w")]) == exits.OK
        assert gone(pids)
    finally:
        for pid in pids:
            if not gone([pid], 0.0):
                os.kill(pid, signal.SIGKILL)
    assert not (tmp_path / "w" / RECORD).exists()
    assert (tmp_path / "w" / "work" / "analyst" / "config.yaml").exists(), "a folder that was named is kept"
    capsys.readouterr()
    assert main(["sandbox", "down", str(tmp_path / "w"), "--json"]) == exits.DOCUMENT
    assert code(capsys) == "sandbox-not-detached"


def test_a_leader_that_was_killed_leaves_nothing_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = up(write_folder(tmp_path / "f"), tmp_path / "w")
    pid = json.loads((tmp_path / "w" / RECORD).read_text())["pid"]
    os.kill(pid, signal.SIGKILL)
    assert gone([pid, *shown["processes"].values()])
    assert main(["sandbox", "down", str(tmp_path / "w"), "--json"]) == exits.DOCUMENT
    assert code(capsys) == "sandbox-gone"


def test_a_process_that_has_the_number_now_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        record = {"pid": bystander.pid, "began": "1", "keep": True}
        (tmp_path / RECORD).write_text(json.dumps(record))
        assert main(["sandbox", "down", str(tmp_path), "--json"]) == exits.DOCUMENT
        assert code(capsys) == "sandbox-gone"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"pid": "x", "began": "1", "keep": true}'])
def test_a_broken_record_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], record: str
) -> None:
    (tmp_path / RECORD).write_text(record)
    assert main(["sandbox", "down", str(tmp_path), "--json"]) == exits.DOCUMENT
    assert code(capsys) == "sandbox-not-detached"


def test_a_folder_that_is_no_federation_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f").mkdir()
    words = ["sandbox", "up", str(tmp_path / "f"), "--detach", "--workdir", str(tmp_path / "w"), "--json"]
    assert main(words) == exits.DOCUMENT
    error = json.loads(capsys.readouterr().err)["error"]
    assert error["code"] == "sandbox-process-ended"
    assert "sandbox-folder" in error["fix"]

"""Child processes are ready when they say so, and surely gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from samklang.cli.sandbox.processes import Managed, stop_all
from samklang.errors import SamklangError

pytestmark = pytest.mark.processes

READY = 'print(\'noise\'); print(\'{"ready": true, "address": "127.0.0.1:1"}\', flush=True);'
SLEEP = "import time; time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"


def start(code: str, tmp_path: Path, name: str = "child") -> Managed:
    return Managed(name, [sys.executable, "-c", code], tmp_path / f"{name}.log")


def gone(pid: int, within: float = 30.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_ready_line_is_found_among_others(tmp_path: Path) -> None:
    child = start(READY + SLEEP, tmp_path)
    try:
        assert child.ready(60)["address"] == "127.0.0.1:1"
        assert child.running()
        assert (child.peak_memory() or 0) > 1 << 20
    finally:
        child.stop()
    assert not child.running()
    assert child.peak_memory() is None
    assert child.stop() == -signal.SIGTERM


def test_one_that_ends_is_named_with_its_log(tmp_path: Path) -> None:
    child = start("import sys; print('why', file=sys.stderr); sys.exit(3)", tmp_path)
    with pytest.raises(SamklangError) as caught:
        child.ready(60)
    assert caught.value.code == "sandbox-process-ended"
    assert "child" in caught.value.what
    assert "3" in caught.value.what
    assert child.log.read_text() == "why\n"
    assert child.log.stat().st_mode & 0o077 == 0


def test_one_that_says_nothing_is_named(tmp_path: Path) -> None:
    child = start(SLEEP, tmp_path)
    try:
        with pytest.raises(SamklangError) as caught:
            child.ready(0.3)
        assert caught.value.code == "sandbox-process-slow"
    finally:
        child.stop()


def test_a_stubborn_process_and_its_children_are_killed(tmp_path: Path) -> None:
    grandchild = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {STUBBORN + SLEEP!r}]);"
    )
    say = "import json; print(json.dumps({'ready': True, 'child': p.pid}), flush=True);"
    child = start(STUBBORN + grandchild + say + SLEEP, tmp_path)
    pid = child.ready(60)["child"]
    assert psutil.pid_exists(pid)
    assert child.stop(0.3) == -signal.SIGKILL
    assert gone(pid)


def test_a_stopped_process_is_ended(tmp_path: Path) -> None:
    child = start(READY + SLEEP, tmp_path)
    child.ready(60)
    child.signal(signal.SIGSTOP)
    assert child.stop(30) == -signal.SIGTERM


def test_grace_periods_do_not_add_up(tmp_path: Path) -> None:
    children = [start(STUBBORN + READY + SLEEP, tmp_path, f"child{i}") for i in range(8)]
    for child in children:
        child.ready(60)
    began = time.monotonic()
    stop_all(children, grace=0.5)
    assert time.monotonic() - began < 3.5, "eight times half a second is four"
    assert not any(child.running() for child in children)


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from samklang.cli.sandbox.processes import Managed
child = Managed("child", [sys.executable, "-c", {READY + SLEEP!r}], Path({str(tmp_path / "log")!r}))
child.ready(60)
print(child.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert psutil.pid_exists(pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert gone(pid)
    parent.stdout.close()

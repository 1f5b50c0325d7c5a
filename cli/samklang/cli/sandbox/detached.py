"""A sandbox that outlives the command that started it, and the command that ends it.

Its folder holds ``sandbox.json`` (which process it is), ``log`` (what it says) and ``work`` (keys,
configurations, state). A process is told by its id *and* the instant it began, so that an id which the system
has given to somebody else meanwhile is never signalled.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from samklang.cli.sandbox.federation import ENTRY
from samklang.errors import SamklangError

__all__ = ["RECORD", "bring_up", "take_down"]

RECORD: Final = "sandbox.json"
READY_SECONDS: Final = 300.0
STOP_SECONDS: Final = 30.0


def bring_up(words: Sequence[str], folder: Path | None) -> dict[str, Any]:
    """Start ``samklang sandbox up WORDS...`` in a session of its own; returns what it says when it is up.

    Args:
        folder: must be empty; a temporary one, removed by :func:`take_down`, if None.

    Raises:
        SamklangError: ``sandbox-workdir``, ``sandbox-process-ended``, ``sandbox-process-slow``.
    """
    keep = folder is not None
    folder = (folder or Path(tempfile.mkdtemp(prefix="samklang-"))).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise SamklangError("sandbox-workdir", folder=folder)
    command = [sys.executable, *ENTRY, "sandbox", "up", *words, "--workdir", str(folder / "work"), "--json"]
    said, log = folder / "said.json", folder / "log"
    with _private(said) as out, _private(log) as errors:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, start_new_session=True
        )
    try:
        shown = _wait_ready(process, said, log)
        record = {"pid": process.pid, "began": _began(process.pid), "keep": keep, **shown}
        (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    except BaseException:
        process.terminate()
        _wait_gone(process, STOP_SECONDS)
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return {"folder": str(folder), **shown}


def take_down(folder: Path) -> None:
    """End a detached sandbox and everything it started.

    Raises:
        SamklangError: ``sandbox-not-detached`` if none was started there; ``sandbox-gone`` if it ended by
            itself before.
    """
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        pid, began, keep = int(record["pid"]), str(record["began"]), bool(record["keep"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SamklangError("sandbox-not-detached", folder=folder, file=RECORD) from None
    running = _began(pid) == began
    if running:
        # As Ctrl-C would: it stops its own processes and then ends.
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _began(pid) == began and time.monotonic() < deadline:
            time.sleep(0.05)
        if _began(pid) == began:
            # The session's leader: the group is its own; its children end with it.
            os.killpg(pid, signal.SIGKILL)
    path.unlink()
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
    if not running:
        raise SamklangError("sandbox-gone", folder=folder)


def _wait_ready(process: subprocess.Popen[bytes], said: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        exit_code = process.poll()
        with contextlib.suppress(ValueError):
            shown: dict[str, Any] = json.loads(said.read_text(encoding="utf-8"))
            return shown
        if exit_code is not None:
            last = " | ".join(log.read_text(errors="replace").splitlines()[-3:])
            raise SamklangError("sandbox-process-ended", name="sandbox up", exit_code=exit_code, log=last)
        time.sleep(0.05)
    raise SamklangError("sandbox-process-slow", name="sandbox up", seconds=round(READY_SECONDS), log=log)


def _wait_gone(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _began(pid: int) -> str:
    """When a process began, in the system's own words; empty if there is none (or only its exit code)."""
    try:
        # proc(5): after the name, which may hold anything but ends with the last ")": state is the first
        # field, the start time the twentieth.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        pass
    if sys.platform == "linux":
        return ""
    done = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _private(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

"""A process that says when it is ready, and that is surely gone afterwards.

:class:`Managed` starts a command in a process group of its own, waits for one JSON line with
``"ready": true`` on its stdout, sends stderr to a log file, and ends the whole group: SIGTERM, then SIGKILL
after a grace period. Nothing is found or ended by name. On Linux a child also gets SIGTERM when its parent
dies, so that even a killed parent leaves nothing behind (:mod:`samklang.cli.sandbox.guard`).
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from samklang.cli.sandbox import guard
from samklang.errors import SamklangError


class Managed:
    """One child process.

    Args:
        name: for errors and the log.
        command: what to run; the first word is a path.
        log: file that stderr (and stdout after the ready line) is written to, mode 0600.
        environment: the child's whole environment; the parent's if None.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = log
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.process = subprocess.Popen(  # noqa: S603
                _guarded(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=descriptor,
                env=None if environment is None else dict(environment),
                process_group=0,
                text=True,
            )
        finally:
            os.close(descriptor)
        self._reader = threading.Thread(target=self._read, name=f"stdout of {name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def ready(self, timeout: float) -> dict[str, Any]:
        """The ready line's fields.

        Raises:
            SamklangError: ``sandbox-process-ended`` or ``sandbox-process-slow``.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise SamklangError(
                    "sandbox-process-slow", name=self.name, seconds=round(timeout), log=self.log
                ) from None
            if line is None:
                raise self.ended(self.process.wait())
            with contextlib.suppress(ValueError):
                fields = json.loads(line)
                if isinstance(fields, dict) and fields.get("ready") is True:
                    return fields

    def ended(self, exit_code: int) -> SamklangError:
        """The error for a process that ended by itself, with the last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-3:]
        log = " | ".join([str(self.log), *(line.strip()[:300] for line in lines)])
        return SamklangError("sandbox-process-ended", name=self.name, exit_code=exit_code, log=log)

    def running(self) -> bool:
        return self.process.poll() is None

    def peak_memory(self) -> int | None:
        """Bytes of resident memory at most so far (VmHWM), or None if it has ended."""
        with contextlib.suppress(OSError, StopIteration):
            status = Path(f"/proc/{self.pid}/status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
            return int(line.split()[1]) * 1024
        return None

    def signal(self, number: int) -> None:
        """Send a signal to the process group; nothing happens if it has ended."""
        if self.running():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def stop(self, grace: float = 5.0) -> int:
        """End it and return its exit code; asking again is harmless."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        try:
            self.process.wait(grace)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
        code = self.process.wait()
        self._reader.join(1.0)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                self._lines.put(line)
        self._lines.put(None)


def stop_all(processes: Sequence[Managed], grace: float = 5.0) -> None:
    """End all of them side by side, so that the grace periods don't add up."""
    for process in processes:
        process.signal(signal.SIGTERM)
        process.signal(signal.SIGCONT)
    deadline = time.monotonic() + grace
    for process in processes:
        process.stop(max(0.0, deadline - time.monotonic()))


def _guarded(command: Sequence[str]) -> list[str]:
    """The command, ending with this process; the kernel's rule is per thread, so only from the main one."""
    if threading.current_thread() is not threading.main_thread():
        return [*command]
    return [sys.executable, "-I", "-S", guard.__file__, str(os.getpid()), *command]

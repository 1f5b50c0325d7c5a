"""What every long-running process does alike: own its state folder, say that it is ready, stop."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from samklang.errors import SamklangError
from samklang.model.problems import DocumentErrors
from samklang.transport.log import Log, redact

log = Log(__name__)

HOUR_SECONDS = 3600.0
AGAIN_SECONDS = 60.0
"""After a failure."""


@contextmanager
def own_state(folder: Path) -> Iterator[Path]:
    """Make ``folder`` (mode 0700) if needed and hold it for this process alone.

    Raises:
        SamklangError: ``transport-state`` if another process holds it or it can't be used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        text = problem.strerror or "unusable"
        raise SamklangError("transport-state", folder=folder.name, problem=text) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SamklangError(
                "transport-state", folder=folder.name, problem="another process uses it"
            ) from None
        yield folder
    finally:
        os.close(handle)


def say_ready(**fields: object) -> None:
    """One JSON line on stdout: ``{"ready": true, ...}``."""
    print(json.dumps({"ready": True, **fields}), flush=True)


def say_failed(error: SamklangError) -> None:
    """One JSON line on stderr: why the process ends."""
    line: dict[str, object] = {"ready": False, "code": error.code, "what": error.what, "fix": error.fix}
    if error.at is not None:
        line["at"] = str(error.at)
    if isinstance(error, DocumentErrors):
        line["problems"] = [str(problem) for problem in error.problems]
    if error.private:
        line["private"] = redact(error.private)
    print(json.dumps(line, ensure_ascii=False), file=sys.stderr, flush=True)


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; call it on the loop's thread."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def hourly(work: Callable[[], Awaitable[object]], failed: str) -> None:
    """Do ``work`` now and every hour, until this is cancelled.

    A file that can't be read or written now can perhaps be in a minute: ``failed`` is logged with the error.
    """
    while True:
        wait = HOUR_SECONDS
        try:
            await work()
        except (SamklangError, sqlite3.Error) as error:
            log.error(failed, error)
            wait = AGAIN_SECONDS
        await asyncio.sleep(wait)

"""The time that deletion goes by: what the clock has shown evenly for a day of running, and never more.

What has been deleted doesn't come back, so one wild clock must not delete: a battery that was empty at the
start, a time server that erred, a virtual machine that was resumed. The process counts how long it has run,
by a counter that nobody sets, and notes at every reading how far the clock is ahead of that count. The least
of these distances over the last :data:`WINDOW` of running is believed, so

- a clock that is set forward is believed after a day of running; if it is set right before, nothing happened;
- a clock that is set back is believed at once: what is deleted later than it could be does no harm;
- while the clock goes evenly, this is the clock. After a time in which the process didn't run it is behind by
  as much, for a day of running: it can't tell that from a clock that was set forward.

Readings are kept in the state folder, across restarts.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from samklang.transport.log import Log

__all__ = ["FILE", "WINDOW", "Clock", "SettledClock"]

FILE: Final = "clock.json"
WINDOW: Final = 86_400.0
"""Seconds of running."""
SAID: Final = 3600.0
"""Seconds by which it is behind when that is worth a line in the log."""

Clock = Callable[[], datetime]
"""UTC now."""

log = Log(__name__)


class SettledClock:
    """Call :meth:`now` regularly, every hour say; it takes a reading each time. Any thread may.

    Args:
        path: its file (0600). One that is missing or can't be read begins anew.
        clock: UTC now, as the machine has it.
        running: seconds, counted by something that nobody sets.
        known: an instant that was on record before this process started, if there is any: where the file
            begins anew, the clock is held against that.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        running: Callable[[], float] = time.monotonic,
        known: datetime | None = None,
    ) -> None:
        self._path = path
        self._clock = clock
        self._running = running
        self._lock = threading.Lock()
        self._ran, self._readings = _read(path)
        self._started = running() - self._ran
        if not self._readings and known is not None:
            self._readings.append((self._ran, known.timestamp() - self._ran))

    def now(self) -> datetime:
        """UTC, at most what the clock says."""
        with self._lock:
            shown, ran = self._clock(), self._running() - self._started
            ahead = shown.timestamp() - ran
            # Ascending distances: each is the least since its own reading (a sliding minimum).
            while self._readings and self._readings[-1][1] >= ahead:
                self._readings.pop()
            self._readings.append((ran, ahead))
            while self._readings[0][0] < ran - WINDOW:
                self._readings.popleft()
            behind = ahead - self._readings[0][1]
            self._ran = ran
            self._write()
        if behind > SAID:
            log.warning("the clock is ahead of what it was: not believed yet", seconds=round(behind))
        return datetime.fromtimestamp(shown.timestamp() - behind, UTC)

    def _write(self) -> None:
        """Beside and renamed. A disk that takes nothing makes this one slower to believe, no more."""
        said = json.dumps({"ran": self._ran, "readings": list(self._readings)})
        beside = self._path.with_suffix(".new")
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(said)
            beside.replace(self._path)
        except OSError as problem:
            log.warning("readings of the clock can't be kept", kind=type(problem).__name__)


def _read(path: Path) -> tuple[float, deque[tuple[float, float]]]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        said = json.loads(path.read_bytes())
        readings = deque((float(ran), float(ahead)) for ran, ahead in said["readings"])
        ran = float(said["ran"])
        if all(a < b for (_, a), (_, b) in zip(readings, list(readings)[1:], strict=False)):
            return ran, readings
    return 0.0, deque()

"""The node's snapshots over time: which one answers, when the next is made, when an old one goes.

Rules
- There is one snapshot per period of the federation's calendar (:mod:`samklang.model.snapshot_calendar`). A
  restart within the period goes on with the same one, under the same id.
- The next one is made beside the running attempts when its time comes, and takes over in one step; an attempt
  keeps the snapshot it has pledged until it ends. Then, and not before, the old one is deleted.
- Fail closed: after the due time the old one answers for the calendar's grace and no longer. If the next one
  can't be made (an objection register that can't be read, say), that is named here, tried again, and after
  the grace the node answers nothing, by name.
- Where the node's tables say whose their rows are, a snapshot holds the rows of the controllers that have
  joined on its day. The day on which one joins or leaves begins a period of its own, without grace: a
  snapshot whose controllers aren't exactly those of the moment answers nothing, whatever its age, before and
  after a restart.
- A snapshot of the future (the clock was set forward, and back) is not gone on with: its consents would be
  taken for fresh for too long. One that was made by another configuration or codebook isn't either.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from samklang.errors import SamklangError
from samklang.model.accession import Accession, Members
from samklang.model.calendar import SKEW, day_of
from samklang.model.snapshot_calendar import SnapshotCalendar
from samklang.node.data.frozen import Frozen, freeze, frozen, remove, sweep, thaw
from samklang.node.data.snapshot import Contents, Hold, Snapshot
from samklang.transport.log import Log

__all__ = ["PROBLEM", "Holder", "Snapshots", "next_due", "usable"]

PROBLEM = "problem.json"
"""Beside the snapshots: why the next one couldn't be made, for who runs the node; gone when it could."""

LOOK_SECONDS = 20.0
"""How often the clock is looked at: it may be set while nobody is watching."""

RETRY_SECONDS = (15.0, 300.0)
"""From, to: between two tries to make a snapshot."""

log = Log(__name__)


class Holder(Protocol):
    """Where an attempt gets its snapshot from."""

    def hold(self) -> Hold: ...


def usable(one: datetime, calendar: SnapshotCalendar, now: datetime) -> bool:
    """Whether a snapshot of the period that began at ``one`` may answer at ``now``."""
    return one <= now + SKEW and now <= calendar.next(one) + calendar.grace


def next_due(calendar: SnapshotCalendar, accession: Accession | None, now: datetime) -> datetime:
    """When the next snapshot is due: by the calendar, or because somebody joins or leaves; UTC."""
    due, change = calendar.next(now), accession.next(now) if accession else None
    return due if change is None else min(due, change)


class Snapshots:
    """See the module's docstring. :meth:`open` first; then, in a thread of its own, :meth:`keep`.

    Args:
        folder: for the snapshots; made with mode 0700.
        contents: what is read into them.
        calendar: of the federation's manifest.
        basis: digest of what else decides what is read: configuration, codebook, sectors.
        accession: the policy's list, where the tables say whose their rows are.
        taken: called with every snapshot that takes over, before it answers.
        clock: UTC now.
    """

    def __init__(
        self,
        folder: Path,
        contents: Contents,
        calendar: SnapshotCalendar,
        basis: str,
        *,
        accession: Accession | None = None,
        taken: Callable[[Snapshot], None] = lambda snapshot: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._contents = contents
        self._calendar = calendar
        self._basis = basis
        self._accession = accession
        self._taken = taken
        self._clock = clock
        self._lock = threading.Lock()
        self._current: Snapshot | None = None
        self._used: dict[str, int] = {}
        self._retired: dict[str, Snapshot] = {}
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    # What attempts use.

    def hold(self) -> Hold:
        """The snapshot that answers now, for as long as the caller needs it.

        Raises:
            SamklangError: ``node-snapshot-overdue``: the next one should have been there;
                ``node-controllers-differ``: a controller has joined or left, and it isn't there yet.
        """
        with self._lock:
            snapshot, now = self._current, self._clock()
            due = snapshot.due if snapshot else None
            if snapshot is None or due is None or not usable(due, self._calendar, now):
                self._wake.set()
                raise SamklangError("node-snapshot-overdue")
            if not self._of_members(snapshot.controllers, now):
                self._wake.set()
                raise SamklangError("node-controllers-differ")
            self._used[snapshot.id] = self._used.get(snapshot.id, 0) + 1
        return Hold(snapshot, lambda: self._let_go(snapshot))

    def _members(self, now: datetime) -> Members | None:
        return self._accession.on(day_of(now)) if self._accession else None

    def _of_members(self, held: frozenset[str] | None, now: datetime) -> bool:
        members = self._members(now)
        return held == (members.joined if members else None)

    def _latest(self, now: datetime) -> datetime:
        """When the period of ``now`` began: by the calendar, or because the list of members changed."""
        due = self._calendar.latest(now)
        change = self._accession.latest(now) if self._accession else None
        return due if change is None else max(due, change)

    def _let_go(self, snapshot: Snapshot) -> None:
        with self._lock:
            self._used[snapshot.id] -= 1
            if not self._used[snapshot.id] and snapshot.id in self._retired:
                self._wake.set()  # closing and deleting take their time: the keeper's

    # What keeps them.

    def open(self) -> None:
        """Go on with the period's snapshot, or make it.

        Raises:
            SamklangError: it can't be made; those of :func:`~samklang.node.data.frozen.freeze`.
        """
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._folder.chmod(0o700)
            sweep(self._folder)
        except OSError as error:
            problem = error.strerror or "unusable"
            raise SamklangError("transport-state", folder=self._folder.name, problem=problem) from None
        try:
            found = self._found()
            self._take(found) if found else self._take_new()
        except SamklangError as error:
            self._note(error)
            raise
        self._note(None)
        for other in frozen(self._folder):
            if self._current is None or other.id != self._current.id:
                remove(other.path)

    def _found(self) -> Snapshot | None:
        """The period's snapshot, if a process before this one has made it, in the same way."""
        now = self._clock()
        due = self._latest(now)
        for one in reversed(frozen(self._folder)):
            if one.basis != self._basis:
                log.warning("snapshot of another configuration", snapshot=one.id)
            elif one.due > now + SKEW:
                log.warning("snapshot of the future: was the clock set back?", snapshot=one.id)
            elif not self._of_members(one.controllers, now):
                log.warning("snapshot of other controllers", snapshot=one.id)
            elif one.due >= due:
                try:
                    return self._thawed(one)
                except SamklangError as error:
                    log.error(
                        "snapshot can't be used", snapshot=one.id, code=error.code, private=error.private
                    )
        return None

    def _made(self) -> Snapshot:
        due = self._latest(self._clock())
        members = self._members(due)
        one = freeze(self._folder, self._contents, due=due, basis=self._basis, members=members)
        log.info("snapshot made", snapshot=one.id, due=due.isoformat())
        return self._thawed(one)

    def _thawed(self, one: Frozen) -> Snapshot:
        contents = self._contents
        return thaw(one, spill_dir=contents.spill_dir, threads=contents.threads, memory_mb=contents.memory_mb)

    def _take_new(self) -> None:
        """Make a snapshot and answer from it; one that can't take over doesn't stay behind on the disk."""
        made = self._made()
        try:
            self._take(made)
        except BaseException:
            made.close()
            remove(self._folder / made.id)
            raise

    def _take(self, snapshot: Snapshot) -> None:
        """From here on ``snapshot`` answers."""
        self._taken(snapshot)
        with self._lock:
            before, self._current = self._current, snapshot
            if before is not None:
                self._retired[before.id] = before
        log.info("snapshot in use", snapshot=snapshot.id, loaded_at=snapshot.loaded_at.isoformat())

    def tick(self) -> bool:
        """Look at the clock once: make the next snapshot if its time has come, delete what nobody uses.

        Returns:
            False if a snapshot is wanted and couldn't be made.
        """
        self._dispose()
        now, current = self._clock(), self._current
        if current is not None and current.due is not None:
            due = self._latest(now)
            if due <= current.due <= now + SKEW:
                return True
            if current.due > now + SKEW:
                log.warning("snapshot of the future: was the clock set back?", snapshot=current.id)
        try:
            self._take_new()
        except SamklangError as error:
            self._note(error)
            return False
        self._note(None)
        self._dispose()
        return True

    def keep(self) -> None:
        """Start the thread that ticks."""
        self._thread = threading.Thread(target=self._keep, name="snapshots", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        wait, most = RETRY_SECONDS
        again = wait
        while not self._stopping:
            try:
                ok = self.tick()
            except Exception as defect:
                log.error("snapshots: unexpected failure", defect)
                ok = False
            again = wait if ok else min(again * 2, most)
            self._wake.wait(LOOK_SECONDS if ok else again)
            self._wake.clear()

    def close(self) -> None:
        """Stop making snapshots and close all; the current one stays on disk for the next start."""
        self._stopping = True
        self._wake.set()
        self._contents.interrupt()
        if self._thread is not None:
            self._thread.join(timeout=30)
        with self._lock:
            left = [*self._retired.values(), *([self._current] if self._current else [])]
            self._current = None
        for snapshot in left:
            snapshot.close()

    def _dispose(self) -> None:
        with self._lock:
            gone = [s for s in self._retired.values() if not self._used.get(s.id)]
            for snapshot in gone:
                del self._retired[snapshot.id]
                self._used.pop(snapshot.id, None)
        for snapshot in gone:
            snapshot.close()
            remove(self._folder / snapshot.id)
            log.info("snapshot deleted", snapshot=snapshot.id)

    def _note(self, problem: SamklangError | None) -> None:
        """Say why the next snapshot isn't there, in the log and in a file beside them."""
        file = self._folder / PROBLEM
        with suppress(OSError):
            if problem is None:
                file.unlink(missing_ok=True)
                return
            said: dict[str, Any] = {"code": problem.code, "at": self._clock().isoformat()}
            for lang in ("en", "da"):
                said[lang] = problem.text(lang)
            file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            file.chmod(0o600)
        if problem is not None:
            log.error("no new snapshot", code=problem.code, what=problem.what, private=problem.private)

"""Run a node: the entry point of its process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.errors import SamklangError
from samklang.node.process import Settings, serve
from samklang.transport.log import Log, configure
from samklang.transport.process import own_state, say_failed
from samklang.transport.settled import FILE as SETTLED
from samklang.transport.settled import Clock, SettledClock
from samklang.transport.status import named

if TYPE_CHECKING:
    from samklang.node.documents import Documents
    from samklang.privacy.noise import NoiseSource
    from samklang.transport.observe import Gauge

log = Log(__name__)


def run(
    config_path: Path | str,
    *,
    noise: NoiseSource | None = None,
    clock: Clock = lambda: datetime.now(UTC),
    running: Callable[[], float] = time.monotonic,
    exit_code: Callable[[str], int] = lambda _: 1,
) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code.

    Goes on with the period's snapshot, or reads the node's data first, then links. Prints
    ``{"ready": true, "node": NAME}`` on stdout when it is linked; a start that fails, or a coordinator that
    refuses this node for good, prints one JSON line with code, what and fix on stderr and returns
    ``exit_code`` of its code.

    Args:
        noise: where this node's noise comes from; OpenDP if None.
        clock: what the calendar of snapshots, who has joined, and deletion go by.
        running: counts seconds, and nobody sets it: what a clock is held against before it deletes anything.
        exit_code: the exit code for a named failure.
    """
    from samklang.node.documents import load_documents

    documents: Documents | None = None
    try:
        documents = load_documents(config_path)
        configure(documents.node.id)
        with own_state(documents.config.state) as state:
            return _work(documents, state, noise, clock, running)
    except SamklangError as error:
        say_failed(error)
        return exit_code(error.code)
    except Exception as defect:
        # Never a traceback: what libraries put into their messages may be a partner's value.
        say_failed(named(defect, documents.node.id if documents else "node"))
        return 1


def _work(
    documents: Documents,
    state: Path,
    noise: NoiseSource | None,
    clock: Clock,
    running: Callable[[], float],
) -> int:
    from samklang.node.answers import Answers
    from samklang.node.approvals.file import ApprovalFile
    from samklang.node.approvals.gate import Gate
    from samklang.node.attempt import Partner
    from samklang.node.audit.anchor import anchor
    from samklang.node.audit.citizens import Citizens
    from samklang.node.audit.events import log_snapshot, log_start
    from samklang.node.audit.keys import open_log_key
    from samklang.node.audit.retention import delete_kept
    from samklang.node.audit.service import AuditService
    from samklang.node.audit.trail import open_trail
    from samklang.node.data.snapshot import Contents
    from samklang.node.differencing import Guard
    from samklang.node.gauges import gauges
    from samklang.node.journal import Journal
    from samklang.node.ledger import Ledger
    from samklang.node.oversight.reader import Reader
    from samklang.node.oversight.server import Overseen
    from samklang.node.planning import Planner
    from samklang.node.release_keys import ReleaseKeys
    from samklang.node.snapshots import Snapshots
    from samklang.node.versions import Versions
    from samklang.policy import Caps
    from samklang.privacy.noise import OpenDPNoise
    from samklang.transport.revocation import Revoked

    config, limits = documents.config, documents.config.limits
    caps = Caps.from_epsilon(
        config.caps.delta,
        month=config.caps.month,
        year=config.caps.year,
        lifetime=config.caps.lifetime,
    )
    versions = Versions(state / "versions.sqlite")
    try:
        for kind in versions.use_all(documents):
            log.info("new version", kind=kind)
    finally:
        versions.close()
    ledger, journal = Ledger(state / "ledger.sqlite", caps), Journal(state / "journal.sqlite")
    federation = documents.manifest.document.federation.id
    trail, citizens = open_trail(state, federation, documents.node.id), Citizens(state)
    approvals = ApprovalFile(state / "approvals.sqlite")
    keys = ReleaseKeys(state / "releases.sqlite")
    answers = Answers(state / "answers.sqlite", ledger)
    try:
        settled = SettledClock(state / SETTLED, clock=clock, running=running, known=trail.newest_at())
        gate = Gate(approvals, documents.policy, trail)
        signer = open_log_key(state, federation, documents.node.id, documents.identity)
        audit = AuditService(trail, signer, ledger, documents.manifest.document, keys)
        if missing := anchor(trail, ledger):
            log.warning("charges were not in the audit log", charges=missing)
        spill = state / "spill"
        try:
            spill.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            problem = error.strerror or "unusable"
            raise SamklangError("transport-state", folder=spill.name, problem=problem) from None
        contents = Contents(
            config.tables,
            documents.codebook.document,
            documents.node.sectors,
            spill,
            limits.threads,
            limits.memory_mb,
            config.consent,
        )
        log_start(trail, documents)
        snapshots = Snapshots(
            state / "snapshots",
            contents,
            documents.manifest.document.snapshots,
            documents.basis,
            accession=documents.accession,
            taken=partial(log_snapshot, trail, documents),
            clock=clock,
        )
        try:
            snapshots.open()
            source = noise or OpenDPNoise()
            guard = Guard(documents, answers)
            partner = Partner(
                documents,
                snapshots,
                ledger,
                journal,
                source,
                trail,
                gate,
                citizens,
                keys=keys,
                guard=guard,
                clock=clock,
            )
            planner = Planner(documents, ledger, guard, gate.template_known, snapshots, clock)
            shown = gauges(documents, ledger, caps)
            snapshots.keep()
            overseen = None
            if config.oversight:
                chosen = config.oversight
                reader = Reader(documents, caps, state, trail, signer, approvals, snapshots)
                overseen = Overseen(reader, chosen.listen, chosen.only, Revoked(chosen.revoked))
            keep = partial(delete_kept, trail, citizens, settled.now)
            set_up = settings(documents, shown)
            run = serve(set_up, partner, planner, audit, gate, overseen, keep, audit.compare)
            return asyncio.run(run)
        finally:
            snapshots.close()
    finally:
        citizens.close()
        trail.close()
        answers.close()
        approvals.close()
        keys.close()
        journal.close()
        ledger.close()


def settings(documents: Documents, gauges: Sequence[Gauge] = ()) -> Settings:
    """What the machinery needs, from configuration and documents."""
    return Settings(
        me=documents.node.id,
        coordinator=documents.config.coordinator.address,
        tls=documents.tls,
        manifest_digest=documents.manifest.digest,
        codebook_digest=documents.codebook.digest,
        federation=documents.manifest.document.federation.id,
        threads=documents.config.limits.threads,
        observe=documents.config.observe.listen if documents.config.observe else None,
        gauges=gauges,
    )

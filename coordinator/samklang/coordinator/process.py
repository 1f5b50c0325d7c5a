"""The coordinator as a process: puts its parts together, serves until it is told to stop."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from samklang.coordinator.bulk import Bulk
from samklang.coordinator.conduct import Surroundings
from samklang.coordinator.enrolment import Enrolment, build_enrolment
from samklang.coordinator.federation import Federation
from samklang.coordinator.invitations import FILE as INVITATIONS
from samklang.coordinator.invitations import Invitations
from samklang.coordinator.links import Links
from samklang.coordinator.plans import Plans
from samklang.coordinator.queries import Queries
from samklang.coordinator.receipts import Receipts
from samklang.coordinator.relay import Relay
from samklang.coordinator.rules import Rules
from samklang.coordinator.server import build_server
from samklang.coordinator.states import State
from samklang.coordinator.store import Store
from samklang.errors import SamklangError
from samklang.transport.contract import Deadlines
from samklang.transport.log import Log
from samklang.transport.observe import Gauge, observing
from samklang.transport.process import hourly, own_state, say_ready, stop_signal
from samklang.transport.revocation import Revoked
from samklang.transport.settled import FILE as SETTLED
from samklang.transport.settled import Clock, SettledClock
from samklang.transport.tls import TlsFiles
from samklang.transport.workers import run_in

import grpc.aio  # isort: skip  (after transport, which sets up TLS)

log = Log(__name__)

STOP_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the coordinator's machinery needs to know; times in seconds.

    ``manifest`` and ``codebook`` are the signed envelopes that are handed out, with their digests beside
    them; ``nodes`` are the manifest's, ``organisations`` says whose each is.
    """

    me: str
    federation: str
    listen: str
    tls: TlsFiles
    nodes: tuple[str, ...]
    manifest: bytes
    manifest_digest: str
    codebook: bytes
    codebook_digest: str
    state: Path
    absent: float = 60.0
    authorise: float = 60.0
    stage: float = 300.0
    attempt: float = 3600.0
    at_once: int = 1
    threads: int = 2
    observe: str | None = None
    certificate_until: float = 0.0
    enrolment: str | None = None
    revoked: Path | None = None
    organisations: Mapping[str, str] = field(default_factory=dict)
    clock: Clock = lambda: datetime.now(UTC)  # what deletion goes by
    running: Callable[[], float] = time.monotonic  # counts seconds, and nobody sets it


async def serve(settings: Settings, rules: Rules, store: Store, disk: ThreadPoolExecutor) -> int:
    """Serve until SIGTERM or SIGINT; prints the ready line with the address it listens on.

    Raises:
        SamklangError: the process can't start.
    """
    stop = stop_signal()
    relay = Relay()
    revoked = Revoked(settings.revoked)
    pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="work")

    async def newest(node: str) -> bytes:
        return await run_in(disk, partial(store.checkpoint, node))

    async def keep_checkpoint(node: str, note: bytes) -> None:
        await run_in(disk, partial(store.keep_checkpoint, node, note))

    documents = (settings.manifest_digest, settings.codebook_digest)
    links = Links(settings.nodes, *documents, relay, revoked, newest)
    around = Surroundings(
        me=settings.me,
        relay=relay,
        links=links,
        receipts=Receipts(links, pool, keep=keep_checkpoint),
        pool=pool,
        deadlines=Deadlines(settings.stage),
        authorise_seconds=settings.authorise,
        attempt_seconds=settings.attempt,
    )
    settled = SettledClock(
        settings.state / SETTLED, clock=settings.clock, running=settings.running, known=store.newest()
    )
    queries = Queries(
        store,
        disk,
        rules,
        around,
        absent_seconds=settings.absent,
        at_once=settings.at_once,
        settled=settled.now,
    )
    plans = Plans(links, rules, pool, find=queries.stored)
    server, port = build_server(
        settings.listen,
        settings.tls,
        federation=settings.federation,
        me=settings.me,
        analysts=Federation(queries, plans, settings.manifest, settings.codebook, settings.organisations),
        links=links,
        bulk=Bulk(relay),
        revoked=revoked,
    )
    # First what was left behind: a node that links says once, at its welcome, which of the waiting queries
    # are decided, and somebody has to listen then.
    await queries.recover()
    await server.start()
    joining = await _enrolment(settings, disk)
    keeping = asyncio.create_task(hourly(queries.delete_kept, "releases could not be looked through"))
    host = settings.listen.rpartition(":")[0]
    log.info("listening", port=port)
    async with observing(
        settings.observe,
        role="coordinator",
        me=settings.me,
        ready=lambda: "",
        gauges=_gauges(settings, links, store),
    ):
        say_ready(address=f"{host}:{port}")
        await stop.wait()
        log.info("stopping")
    keeping.cancel()
    if joining:
        await joining.stop(STOP_SECONDS)
    await queries.stop()
    await server.stop(STOP_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    return 0


async def _enrolment(settings: Settings, disk: ThreadPoolExecutor) -> grpc.aio.Server | None:
    """The port for requests to join, where one is configured."""
    if settings.enrolment is None:
        return None
    service = Enrolment(Invitations(settings.state / INVITATIONS), disk)
    names = {"federation": settings.federation, "me": settings.me}
    server, port = build_enrolment(settings.enrolment, settings.tls, service, **names)
    await server.start()
    log.info("taking requests to join", port=port)
    return server


def _gauges(settings: Settings, links: Links, store: Store) -> tuple[Gauge, ...]:
    def linked() -> dict[tuple[str, ...], float]:
        absent = set(links.absent(settings.nodes))
        return {(node,): float(node not in absent) for node in settings.nodes}

    def waiting() -> dict[tuple[str, ...], float]:
        states = Counter(record.state.value for record in store.open_queries())
        return {(state.value,): float(states[state.value]) for state in State if not state.ended}

    until: dict[tuple[str, ...], float] = {("certificate",): settings.certificate_until}
    return (
        Gauge("node_linked", "1 while the node has a link", linked, ("node",)),
        Gauge("queries_open", "Queries that have not ended", waiting, ("state",)),
        Gauge("valid_until_seconds", "When it stops holding, Unix time", lambda: until, ("document",)),
    )


def run_server(settings: Settings, make_rules: Callable[[Store], Rules]) -> int:
    """Own the state folder, open the store, serve."""
    with own_state(settings.state) as folder:
        try:
            store = Store(folder / "coordinator.sqlite")
        except (OSError, sqlite3.Error) as error:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            problem = "its database can't be used"
            raise SamklangError(
                "transport-state", folder=folder.name, problem=problem, private=name
            ) from None
        disk = ThreadPoolExecutor(1, thread_name_prefix="disk")
        try:
            return asyncio.run(serve(settings, make_rules(store), store, disk))
        finally:
            disk.shutdown(wait=True)
            store.close()

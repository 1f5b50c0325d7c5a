"""The node as a process: links, works, stops when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from samklang.node.daemon import Approvals, Audit, Daemon, Participate, Plan
from samklang.node.link import Link
from samklang.transport.log import Log
from samklang.transport.observe import Gauge, observing
from samklang.transport.process import say_ready, stop_signal
from samklang.transport.tls import TlsFiles

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the node's machinery needs to know; times in seconds."""

    me: str
    coordinator: str
    tls: TlsFiles
    manifest_digest: str
    codebook_digest: str
    threads: int = 2
    observe: str | None = None
    gauges: Sequence[Gauge] = ()


async def serve(
    settings: Settings,
    participate: Participate,
    plan: Plan | None = None,
    audit: Audit | None = None,
    approvals: Approvals | None = None,
) -> int:
    """Keep linked until SIGTERM or SIGINT; prints the ready line at the first welcome.

    Raises:
        SamklangError: the coordinator refuses this node for good.
    """
    stop = stop_signal()
    pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="work")
    welcomed = False

    def ready() -> None:
        nonlocal welcomed
        if not welcomed:
            say_ready(node=settings.me)
        welcomed = True

    daemon = Daemon(settings.me, participate, pool, ready, plan, audit, approvals)
    link = Link(
        settings.coordinator,
        settings.tls,
        settings.manifest_digest,
        settings.codebook_digest,
        daemon.linked,
        daemon.unlinked,
    )
    running = asyncio.create_task(link.run())
    stopping = asyncio.create_task(stop.wait())
    beside = [asyncio.create_task(daemon.watch_approvals())] if approvals else []
    try:
        async with observing(
            settings.observe,
            role="node",
            me=settings.me,
            ready=lambda: "" if link.stands else "no link to the coordinator",
            gauges=settings.gauges,
        ):
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            log.info("stopping")
    finally:
        tasks: list[asyncio.Task[Any]] = [running, stopping, *beside]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        pool.shutdown(wait=False, cancel_futures=True)
    return 0

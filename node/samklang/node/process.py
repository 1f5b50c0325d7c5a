"""The node as a process: links, works, stops when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from samklang.node.daemon import Approvals, Audit, Daemon, Participate, Plan
from samklang.node.link import Link
from samklang.node.oversight.server import Overseen, overseeing
from samklang.transport.log import Log
from samklang.transport.observe import Gauge, observing
from samklang.transport.process import hourly, say_ready, stop_signal
from samklang.transport.tls import TlsFiles
from samklang.transport.workers import run_in

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the node's machinery needs to know; times in seconds."""

    me: str
    coordinator: str
    tls: TlsFiles
    manifest_digest: str
    codebook_digest: str
    federation: str = ""
    threads: int = 2
    observe: str | None = None
    gauges: Sequence[Gauge] = ()


async def serve(
    settings: Settings,
    participate: Participate,
    plan: Plan | None = None,
    audit: Audit | None = None,
    approvals: Approvals | None = None,
    overseen: Overseen | None = None,
    keep: Callable[[], object] | None = None,
    compare: Callable[[bytes], None] | None = None,
) -> int:
    """Keep linked until SIGTERM or SIGINT; prints the ready line at the first welcome.

    ``keep`` is called now and every hour: it deletes what has been kept long enough. ``compare`` is called at
    each welcome with what the coordinator has seen of the audit log last.

    Raises:
        SamklangError: the coordinator refuses this node for good.
    """
    stop = stop_signal()
    pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="work")
    welcomed = False

    address = ""

    def ready() -> None:
        nonlocal welcomed
        if not welcomed:
            say_ready(node=settings.me, **({"oversight": address} if address else {}))
        welcomed = True

    daemon = Daemon(settings.me, participate, pool, ready, plan, audit, approvals)
    link = Link(
        settings.coordinator,
        settings.tls,
        settings.manifest_digest,
        settings.codebook_digest,
        daemon.linked,
        daemon.unlinked,
        compare,
    )
    tasks: list[asyncio.Task[Any]] = []
    try:
        async with (
            observing(
                settings.observe,
                role="node",
                me=settings.me,
                ready=lambda: "" if link.stands else "no link to the coordinator",
                gauges=settings.gauges,
            ),
            overseeing(
                overseen,
                federation=settings.federation,
                me=settings.me,
                files=settings.tls,
                pool=pool,
                linked=lambda: link.stands,
            ) as address,
        ):
            running = asyncio.create_task(link.run())
            stopping = asyncio.create_task(stop.wait())
            tasks += [running, stopping]
            if approvals:
                tasks.append(asyncio.create_task(daemon.watch_approvals()))
            if keep:
                work = partial(run_in, pool, keep)
                tasks.append(
                    asyncio.create_task(hourly(work, "what has been kept long enough can't be deleted"))
                )
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            log.info("stopping")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        pool.shutdown(wait=False, cancel_futures=True)
    return 0

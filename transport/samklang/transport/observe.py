"""Health and metrics of one process: plain HTTP on an address of its own, off unless it is configured.

=========== ====================================================================================
``/livez``  200 while the event loop turns; 503 when it has stood still for :data:`STILL_SECONDS`
``/readyz`` 200 while the process does its work; else 503 with the reason
``/metrics`` Prometheus text format
=========== ====================================================================================

What is counted are the events of the log (:mod:`.log`) by name and error code, so that nothing can be in a
metric that isn't in a log line; gauges are read when somebody looks. No metric carries a number of citizens,
and no label a word that somebody else has chosen: there are as many time series as the software has words.
Who connects and says nothing is let go after :data:`PATIENCE_SECONDS`; of more than :data:`AT_ONCE`
connections the oldest is hung up on, so that whoever holds them all keeps no probe from its answer.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from samklang.errors import CATALOGUE, SamklangError
from samklang.transport.log import Log

__all__ = ["STILL_SECONDS", "Gauge", "observing"]

STILL_SECONDS = 15.0
BEAT_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
AT_ONCE = 32
OTHER = "other"
"""The label of a code that isn't in the catalogue: a partner's word, or a newer version's."""

log = Log(__name__)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that is read at every scrape.

    Attributes:
        name: without the prefix ``samklang_``.
        help: one line.
        read: label values → number; one without labels has the key ``()``. It may fail: it is left out then.
        labels: names of the labels.
    """

    name: str
    help: str
    read: Callable[[], Mapping[tuple[str, ...], float]]
    labels: Sequence[str] = ()


@asynccontextmanager
async def observing(
    listen: str | None,
    *,
    role: str,
    me: str,
    ready: Callable[[], str],
    gauges: Sequence[Gauge] = (),
) -> AsyncIterator[None]:
    """Answer on ``listen`` while the block runs; without an address, nothing happens.

    Args:
        listen: ``host:port``.
        role, me: ``node`` or ``coordinator``, and its name in the manifest.
        ready: why the process isn't ready, in a few words that name no person; empty if it is.

    Raises:
        SamklangError: ``transport-observe-address`` if the address can't be used.
    """
    if listen is None:
        yield
        return
    observed = _Observed(role, me, ready, gauges)
    host, _, port = listen.rpartition(":")
    try:
        server = make_server(
            host, int(port), observed.answer, server_class=_threading(), handler_class=_Silent
        )
    except OSError as problem:
        raise SamklangError(
            "transport-observe-address", address=listen, problem=problem.strerror or "unusable"
        ) from None
    thread = threading.Thread(target=server.serve_forever, name="observe", daemon=True)
    root = logging.getLogger()
    root.addHandler(observed.counter)
    beating = asyncio.create_task(observed.beat())
    thread.start()
    log.info("observable", address=f"{host}:{server.server_port}")
    try:
        yield
    finally:
        root.removeHandler(observed.counter)
        beating.cancel()
        await asyncio.to_thread(server.shutdown)
        server.server_close()


class _Observed:
    def __init__(self, role: str, me: str, ready: Callable[[], str], gauges: Sequence[Gauge]) -> None:
        from prometheus_client import (
            CollectorRegistry,
            GCCollector,
            Info,
            PlatformCollector,
            ProcessCollector,
            make_wsgi_app,
        )
        from prometheus_client import Gauge as Number

        registry = CollectorRegistry(auto_describe=True)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        Info("samklang", "The process", registry=registry).info(
            {"role": role, "name": me, "version": version("samklang")}
        )
        self.counter = _EventCounter(registry)
        self._lag = Number(
            "samklang_loop_lag_seconds", "How late the event loop last turned", registry=registry
        )
        Number("samklang_ready", "1 while the process does its work", registry=registry).set_function(
            lambda: float(not self._why())
        )
        registry.register(_Gauges(gauges))
        self._ready = ready
        self._beaten = time.monotonic()
        self._metrics = make_wsgi_app(registry)

    async def beat(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(BEAT_SECONDS)
            self._beaten = time.monotonic()
            self._lag.set(max(0.0, self._beaten - began - BEAT_SECONDS))

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        match environ.get("PATH_INFO"):
            case "/metrics":
                return self._metrics(environ, start_response)  # type: ignore[no-any-return]
            case "/livez":
                return _say(start_response, self._still())
            case "/readyz":
                return _say(start_response, self._why())
            case _:
                start_response("404 Not Found", [("Content-Type", "text/plain")])
                return [b"livez, readyz, metrics\n"]

    def _still(self) -> str:
        still = time.monotonic() - self._beaten
        return f"the event loop has stood still for {still:.0f} s" if still > STILL_SECONDS else ""

    def _why(self) -> str:
        return self._still() or self._ready()


def _say(start_response: Any, problem: str) -> Iterable[bytes]:
    status = "503 Service Unavailable" if problem else "200 OK"
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps({"ok": not problem, "problem": problem}).encode() + b"\n"]


class _EventCounter(logging.Handler):
    """``samklang_events_total{event, level, code}``: lines of the log. Events are constant texts, and codes
    the catalogue's or :data:`OTHER`, so there are few."""

    def __init__(self, registry: Any) -> None:
        super().__init__()
        from prometheus_client import Counter

        self._counter = Counter(
            "samklang_events", "Lines of the log", ("event", "level", "code"), registry=registry
        )

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", None)
        if fields is not None and record.name.startswith("samklang."):
            code = str(fields.get("code", ""))
            if code and code not in CATALOGUE:
                code = OTHER
            self._counter.labels(record.getMessage(), record.levelname.lower(), code).inc()


class _Gauges:
    """Reads its gauges when it is asked; one that can't be read is missing in that scrape."""

    def __init__(self, gauges: Sequence[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for gauge in self._gauges:
            family = GaugeMetricFamily(f"samklang_{gauge.name}", gauge.help, labels=list(gauge.labels))
            try:
                found = gauge.read()
            except Exception as problem:
                log.warning("gauge unreadable", gauge=gauge.name, kind=type(problem).__name__)
                continue
            for labels, value in found.items():
                family.add_metric(list(labels), value)
            yield family

    def describe(self) -> Iterable[Any]:
        return ()


class _Silent(WSGIRequestHandler):
    """Scrapes are no events, and what goes wrong in one is no line of the log either."""

    timeout = PATIENCE_SECONDS

    def log_message(self, *_: Any) -> None:
        pass

    def get_stderr(self) -> io.StringIO:
        return io.StringIO()

    def handle(self) -> None:
        # Who hangs up, or says nothing, has ended the request; there is nobody to tell.
        with suppress(OSError):
            super().handle()


def _threading() -> Any:
    from prometheus_client.exposition import ThreadingWSGIServer

    class Bounded(ThreadingWSGIServer):
        """A thread per connection, of which there are few."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._open: dict[socket.socket, None] = {}
            super().__init__(*args, **kwargs)

        def process_request(self, request: Any, client_address: Any) -> None:
            while len(self._open) >= AT_ONCE:
                oldest = next(iter(self._open))
                self._open.pop(oldest, None)
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
            self._open[request] = None
            super().process_request(request, client_address)

        def shutdown_request(self, request: Any) -> None:
            self._open.pop(request, None)
            super().shutdown_request(request)

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Not the traceback that the library would print."""
            log.warning("a request for health or metrics failed")

    return Bounded

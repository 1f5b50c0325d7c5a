"""Health and metrics over HTTP: what answers, what it says, and that nothing personal gets into it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import pytest

from samklang.errors import SamklangError
from samklang.transport import observe
from samklang.transport.log import Log
from samklang.transport.observe import Gauge, observing


class _Address(logging.Handler):
    """Hears on which port the kernel lets it listen."""

    address = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "observable":
            self.address = record.fields["address"]  # type: ignore[attr-defined]


@contextmanager
def _hearing() -> Iterator[_Address]:
    handler = _Address()
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def _get(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def _observed(
    asked: Callable[[str], Mapping[str, tuple[int, str]]],
    *,
    ready: Callable[[], str] = lambda: "",
    gauges: tuple[Gauge, ...] = (),
    before: Callable[[], None] = lambda: None,
) -> Mapping[str, tuple[int, str]]:
    async def run() -> Mapping[str, tuple[int, str]]:
        with _hearing() as heard:
            async with observing("127.0.0.1:0", role="node", me="gp", ready=ready, gauges=gauges):
                before()
                return await asyncio.to_thread(asked, heard.address)

    return asyncio.run(run())


def _all(address: str) -> Mapping[str, tuple[int, str]]:
    return {path: _get(address, path) for path in ("/livez", "/readyz", "/metrics", "/", "/etc/passwd")}


def test_a_process_that_is_well_says_so() -> None:
    found = _observed(_all)
    assert found["/livez"][0] == found["/readyz"][0] == 200
    assert json.loads(found["/readyz"][1]) == {"ok": True, "problem": ""}
    assert "samklang_ready 1.0" in found["/metrics"][1]
    assert 'samklang_info{name="gp",role="node",version="' in found["/metrics"][1]
    assert found["/"][0] == found["/etc/passwd"][0] == 404


def test_one_that_is_not_ready_says_why_and_stays_alive() -> None:
    found = _observed(_all, ready=lambda: "no link to the coordinator")
    assert found["/livez"][0] == 200
    assert found["/readyz"][0] == 503
    assert json.loads(found["/readyz"][1])["problem"] == "no link to the coordinator"
    assert "samklang_ready 0.0" in found["/metrics"][1]


def test_a_loop_that_stands_still_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "STILL_SECONDS", 0.2)
    monkeypatch.setattr(observe, "BEAT_SECONDS", 0.05)
    answered = threading.Event()

    async def run() -> tuple[int, str]:
        with _hearing() as heard:
            async with observing("127.0.0.1:0", role="node", me="gp", ready=lambda: ""):
                await asyncio.sleep(0.1)
                asked = asyncio.get_running_loop().run_in_executor(None, _late, heard.address)
                answered.wait(60)  # the loop stands still, which is what is tested
                return await asked

    def _late(address: str) -> tuple[int, str]:
        try:
            time.sleep(0.5)
            return _get(address, "/livez")
        finally:
            answered.set()

    status, text = asyncio.run(run())
    assert status == 503
    assert "stood still" in text


def test_events_of_the_log_are_counted_by_name_and_code() -> None:
    def happen() -> None:
        log = Log("samklang.observed")
        log.warning("attempt failed", query="ab", code="transport-cut", cpr="010190-1234")
        log.warning("attempt failed", query="cd", code="transport-cut")
        log.info("accepted", query="ab")
        logging.getLogger("elsewhere").warning("not ours")

    text = _observed(_all, before=happen)["/metrics"][1]
    wanted = 'samklang_events_total{code="transport-cut",event="attempt failed",level="warning"} 2.0'
    assert wanted in text
    assert 'event="accepted"' in text
    assert "not ours" not in text
    assert not re.search(
        r"\d{6}-?\d{4}\b", text.split("samklang_events_created")[0].split("samklang_events")[1]
    )


def test_a_partner_s_word_makes_no_time_series() -> None:
    """A code that a partner made up is counted, as one that isn't known; and so is the next one."""

    def happen() -> None:
        log = Log("samklang.observed")
        for number in range(50):
            log.info("failure reported", code=f"0101904444-or-anything-{number}", node="gp")
        log.info("failure reported", code="transport-cut", node="gp")

    text = _observed(_all, before=happen)["/metrics"][1]
    counted = [line for line in text.splitlines() if line.startswith("samklang_events_total")]
    mine = {line for line in counted if "failure reported" in line}
    assert mine == {
        'samklang_events_total{code="other",event="failure reported",level="info"} 50.0',
        'samklang_events_total{code="transport-cut",event="failure reported",level="info"} 1.0',
    }
    assert "0101904444" not in text


def test_who_holds_connections_open_takes_no_thread_and_no_answer_from_others(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(observe, "AT_ONCE", 4)

    def hold(address: str) -> Mapping[str, tuple[int, str]]:
        host, _, port = address.rpartition(":")
        held = [socket.create_connection((host, int(port))) for _ in range(40)]
        try:
            for number, one in enumerate(held):
                if number % 2:
                    with suppress(OSError):
                        one.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
            answers = {"/livez": _get(address, "/livez")}
            serving = [t for t in threading.enumerate() if "process_request_thread" in t.name]
            assert len(serving) <= 5, "those that were hung up on are gone"
        finally:
            for one in held:
                one.close()
        return answers

    assert _observed(hold)["/livez"][0] == 200
    assert "Traceback" not in capfd.readouterr().err


def test_gauges_are_read_when_somebody_looks_and_a_broken_one_hides_no_other() -> None:
    def broken() -> Mapping[tuple[str, ...], float]:
        raise OSError("010190-1234")

    gauges = (
        Gauge("broken", "never there", broken),
        Gauge("left", "of something", lambda: {("month",): 0.25, ("year",): 1.0}, ("period",)),
    )
    text = _observed(_all, gauges=gauges)["/metrics"][1]
    assert 'samklang_left{period="month"} 0.25' in text
    assert "samklang_broken " not in text
    assert "010190" not in text


def test_an_address_that_is_taken_is_named() -> None:
    async def run(address: str) -> None:
        async with observing(address, role="node", me="gp", ready=lambda: ""):
            pass

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SamklangError) as refused:
            asyncio.run(run(f"127.0.0.1:{taken.getsockname()[1]}"))
    assert refused.value.code == "transport-observe-address"


def test_without_an_address_nothing_listens() -> None:
    async def run() -> None:
        async with observing(None, role="node", me="gp", ready=lambda: ""):
            pass

    with _hearing() as heard:
        asyncio.run(run())
    assert heard.address == ""

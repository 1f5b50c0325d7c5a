"""The runner does what a role asks, in order, and ends cleanly whatever happens."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.transport.memory_wire import Net

from samklang.errors import SamklangError
from samklang.protocol.actions import (
    Action,
    Charge,
    Compute,
    Done,
    Event,
    Fail,
    Persist,
    Progress,
    Receive,
    Send,
)
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.streams import PIECE, BytesSink, BytesSource
from samklang.transport.contract import Deadlines
from samklang.transport.runner import Runner

BULK, SMALL, PLAIN = "rows/share", "rows/count", "key"


class Session:
    transcript, attempt = b"transcript", 1

    def sealing_key(self, peer: str) -> bytes:
        return bytes(32)


class Scripted(ScriptRole):
    def __init__(self, script: Callable[[], Script]) -> None:
        super().__init__()
        self.session = Session()
        self.script = script  # type: ignore[method-assign]


class Notes:
    """Durable notes with the thread they came from."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.threads: set[str] = set()

    def persist(self, event: str) -> None:
        time.sleep(0.02)
        if event in self.said:
            raise SamklangError("protocol-repeated", event=event)
        self._note(event)

    def charge(self, nano_rho: int, delta: float) -> None:
        self._note(f"charge {nano_rho}")

    def _note(self, what: str) -> None:
        self.threads.add(threading.current_thread().name.rsplit("_", 1)[0])
        self.said.append(what)


def run(
    roles: dict[str, Any],
    *,
    net: Net | None = None,
    deadline: float = 10.0,
    during: Callable[[dict[str, Runner]], Generator[float, None, None]] | None = None,
) -> tuple[dict[str, Any], dict[str, Notes]]:
    """Run all roles on one loop; results or named errors by party. Checks that no task is left."""
    notes = {name: Notes() for name in roles}

    async def all_of() -> dict[str, Any]:
        used = net or Net()
        with ThreadPoolExecutor(2, thread_name_prefix="work") as pool:
            runners = {
                name: Runner(
                    role,
                    me=name,
                    wire=used.wire(name),
                    pool=pool,
                    durable=notes[name],
                    deadlines=Deadlines(deadline),
                    progress=notes[name].said.append,
                )
                for name, role in roles.items()
            }
            tasks = [asyncio.create_task(runner.run()) for runner in runners.values()]
            if during:
                for seconds in during(runners):
                    await asyncio.sleep(seconds)
            async with asyncio.timeout(20):
                results = await asyncio.gather(*tasks, return_exceptions=True)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, left
            return dict(zip(roles, results, strict=True))

    return asyncio.run(all_of()), notes


def code(result: object) -> str:
    assert isinstance(result, SamklangError), result
    return result.code


def test_actions_are_done_in_order_and_durably() -> None:
    said: list[str] = []

    def script() -> Script:
        yield [
            Persist("first"),
            Charge(7, 0.0),
            Progress("rows"),
            Persist("second"),
            Compute("c", lambda: said.append(",".join(notes["a"].said))),
        ]
        return 42

    notes: dict[str, Notes] = {}
    role = Scripted(script)
    original = role.on

    def on(event: Event) -> list[Action]:
        said.append(threading.current_thread().name.rsplit("_", 1)[0])
        return original(event)

    role.on = on  # type: ignore[method-assign]

    async def scene() -> Any:
        notes["a"] = Notes()
        with ThreadPoolExecutor(1) as pool:
            runner = Runner(
                role,
                me="a",
                wire=Net().wire("a"),
                pool=pool,
                durable=notes["a"],
                deadlines=Deadlines(),
                progress=notes["a"].said.append,
            )
            return await runner.run()

    assert asyncio.run(scene()) == 42
    assert notes["a"].said == ["first", "charge 7", "rows", "second"]
    assert said[1] == "first,charge 7,rows,second"
    assert said[0] == said[2] == "role"
    assert notes["a"].threads == {"role"}


@pytest.mark.parametrize("stage", [BULK, SMALL, PLAIN])
@pytest.mark.parametrize("size", [0, 5, 60_000])
def test_messages_travel_as_their_stage_says(stage: str, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    sink = BytesSink(size)
    seen: list[bytes] = []

    def look(sender: str, stage: str, number: int, raw: bytes) -> bytes:
        seen.append(raw)
        return raw

    def sender() -> Script:
        yield [Send("b", stage, BytesSource(data))]

    def receiver() -> Script:
        yield [Receive("a", stage, sink)]

    net = Net(look)
    results, _ = run({"a": Scripted(sender), "b": Scripted(receiver)}, net=net)
    assert results == {"a": None, "b": None}
    assert bytes(sink.data) == data
    assert bool(net.streams) == (stage == BULK)
    if size:
        assert (data in b"".join(seen)) == (stage == PLAIN)


def test_a_message_to_oneself_never_touches_the_wire() -> None:
    sink = BytesSink(3 * PIECE)

    def script() -> Script:
        yield [Receive("a", BULK, sink), Send("a", BULK, BytesSource(bytes(3 * PIECE)))]

    net = Net(lambda *_: None)
    assert run({"a": Scripted(script)}, net=net)[0] == {"a": None}
    assert not net.streams


def test_three_parties_that_wait_for_each_other_do_not_deadlock() -> None:
    names, size = ["a", "b", "c"], 5 * PIECE + 1

    def make(me: str) -> Scripted:
        others = [n for n in names if n != me]

        def script() -> Script:
            yield [
                *(Receive(n, BULK, BytesSink(size)) for n in others),
                *(Send(n, BULK, BytesSource(bytes(size))) for n in others),
            ]
            return me

        return Scripted(script)

    results, _ = run({n: make(n) for n in names})
    assert results == {n: n for n in names}


def fails_with(*actions: Action) -> Scripted:
    def script() -> Script:
        yield list(actions)

    return Scripted(script)


def boom() -> None:
    raise ValueError("0101504444")


def test_every_way_to_fail_has_a_name() -> None:
    sink = BytesSink(1)
    cases: dict[str, tuple[Scripted, str]] = {
        "compute": (fails_with(Compute("c", boom)), "transport-internal"),
        "named": (fails_with(Fail(SamklangError("transport-lost"))), "transport-lost"),
        "repeated": (fails_with(Persist("x"), Persist("x")), "protocol-repeated"),
        "deadline": (fails_with(Receive("b", SMALL, sink)), "transport-deadline"),
        "twice": (fails_with(Receive("b", SMALL, sink), Receive("b", SMALL, sink)), "transport-internal"),
        "unknown stage": (fails_with(Send("b", "no such stage", BytesSource(b""))), "transport-internal"),
    }
    for name, (role, expected) in cases.items():
        results, _ = run({"a": role}, deadline=0.2 if name == "deadline" else 10.0)
        assert code(results["a"]) == expected, name
        assert "0101504444" not in str(results["a"]) + results["a"].private


def test_a_deadline_names_party_and_stage() -> None:
    results, _ = run({"a": fails_with(Receive("b", SMALL, BytesSink(1)))}, deadline=0.1)
    assert "b did not finish rows/count" in results["a"].what


def test_nothing_after_a_failed_persist_is_executed() -> None:
    executed: list[str] = []

    def script() -> Script:
        yield [Persist("x"), Persist("x"), Compute("never", lambda: executed.append("never"))]

    results, _ = run({"a": Scripted(script)})
    assert code(results["a"]) == "protocol-repeated"
    assert not executed


def test_a_role_with_nothing_to_wait_for_is_not_waited_for() -> None:
    class Idle:
        session = Session()

        def on(self, event: Event) -> list[Action]:
            return []

    assert code(run({"a": Idle()})[0]["a"]) == "transport-stalled"


def test_sends_on_their_way_arrive_before_the_role_is_done() -> None:
    class Hasty:
        session = Session()

        def on(self, event: Event) -> list[Action]:
            return [Send("b", BULK, BytesSource(bytes(4 * PIECE))), Done("hasty")]

    sink = BytesSink(4 * PIECE)

    def slow() -> Script:
        yield [Compute("wait", lambda: time.sleep(0.2))]
        yield [Receive("a", BULK, sink)]

    results, _ = run({"a": Hasty(), "b": Scripted(slow)})
    assert results == {"a": "hasty", "b": None}
    assert len(sink.data) == 4 * PIECE


def test_aborting_stops_everything_at_once_and_waits_for_threads() -> None:
    finished: list[float] = []
    started = threading.Event()

    def long() -> None:
        started.set()
        time.sleep(0.4)
        finished.append(time.monotonic())

    def script() -> Script:
        yield [
            Receive("b", BULK, BytesSink(10)),
            Send("c", BULK, BytesSource(bytes(50 * PIECE))),
            Compute("long", long),
        ]

    began = time.monotonic()

    def during(runners: dict[str, Runner]) -> Generator[float, None, None]:
        yield 0.1
        while not started.is_set():
            yield 0.01
        runners["a"].abort(SamklangError("coordinator-cancelled"))
        runners["a"].abort(SamklangError("transport-lost"))

    results, _ = run({"a": Scripted(script)}, during=during)
    assert code(results["a"]) == "coordinator-cancelled"
    assert finished
    assert time.monotonic() - began < 8, "before any deadline"


def test_the_first_failure_wins() -> None:
    failing = threading.Event()

    def slow() -> None:
        failing.wait(10)
        time.sleep(0.3)
        boom()

    def fast() -> None:
        failing.set()
        raise SamklangError("transport-stalled", party="x")

    def script() -> Script:
        yield [
            Compute("slow", slow),
            Compute("fast", fast),
        ]

    assert code(run({"a": Scripted(script)})[0]["a"]) == "transport-stalled"

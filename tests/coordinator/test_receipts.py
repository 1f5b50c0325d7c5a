"""Gathering receipts from nodes with real logs: absent, restarted, silent and refusing ones; many at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.node.audit.world import MANIFEST, NAMES, Node

from samklang.audit.receipt import read_receipts, verify_receipts, witnesses_of
from samklang.coordinator.receipts import Receipts, Result
from samklang.errors import SamklangError
from samklang.model.canonical import digest_bytes
from samklang.v1 import nodes_pb2 as v1

WITNESSES = {name: witnesses_of(name, NAMES, MANIFEST) for name in NAMES}


class Links:
    """The nodes that are there, in this process; each answers one question after the other."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.nodes = nodes
        self.away: set[str] = set()
        self.deaf: dict[str, int] = {}
        self.asked: list[tuple[str, str]] = []
        self._heard: Callable[[str, v1.AuditAnswer], None] = lambda node, answer: None

    def on_audit(self, heard: Callable[[str, v1.AuditAnswer], None]) -> None:
        self._heard = heard

    def absent(self, nodes: Any) -> list[str]:
        return [node for node in nodes if node in self.away]

    async def arrival(self, node: str) -> None:
        while node in self.away:
            await asyncio.sleep(0.01)

    def say(self, node: str, message: v1.LinkResponse) -> None:
        self.asked.append((node, str(message.audit.WhichOneof("question"))))
        if node in self.away:
            return
        if self.deaf.get(node, 0) > 0:
            self.deaf[node] -= 1
            return
        question = v1.AuditQuestion.FromString(message.audit.SerializeToString())
        asyncio.get_running_loop().call_soon(lambda: self._heard(node, self.nodes[node].service(question)))


class World:
    def __init__(self, folder: Path) -> None:
        self.nodes = {name: Node(folder, name) for name in NAMES}
        self.links = Links(self.nodes)
        self.pool = ThreadPoolExecutor(1)

    def receipts(self, seconds: float = 2.0) -> Receipts:
        return Receipts(self.links, self.pool, seconds=seconds)  # type: ignore[arg-type]

    def result(self, number: int = 1, seconds: float = 30.0) -> tuple[bytes, Result]:
        """A release that all nodes have taken part in."""
        release = rfc8785.dumps({"participants": [{"node": n} for n in NAMES], "number": number})
        query = f"sha256:{number:064x}"
        for node in self.nodes.values():
            node.take_part(query)
        until = int((time.time() + seconds) * 1e6)
        return release, Result(query, query, 1, digest_bytes(release), WITNESSES, until)

    def kinds(self, node: str, kind: str) -> int:
        return self.nodes[node].kinds().count(kind)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for node in made.nodes.values():
        node.close()
    made.pool.shutdown()


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, 60))


def test_everybody_records_and_everybody_witnesses(world: World) -> None:
    release, result = world.result()
    receipts = run(world.receipts().gather(result))
    found = verify_receipts(receipts, release, result.query, MANIFEST)
    assert {v.node: {*v.cosigned} for v in found} == {n: {*NAMES} - {n} for n in NAMES}
    for node in NAMES:
        assert world.kinds(node, "released") == 1
        newest = world.nodes[node].heads.newest()
        assert newest is not None
        assert len(newest.lines) == 3, "the node has the cosignatures for its exports"


def test_asked_again_after_a_restart_the_entries_are_the_same(world: World) -> None:
    release, result = world.result()
    first = run(world.receipts().gather(result))
    for node in world.nodes.values():
        node.reopen()
    again = run(world.receipts().gather(result))
    verify_receipts(again, release, result.query, MANIFEST)
    numbers = [{n: r.number for n, r in read_receipts(data)[0].items()} for data in (first, again)]
    assert numbers[0] == numbers[1]
    assert all(world.kinds(node, "released") == 1 for node in NAMES)


def test_many_at_once_are_no_conflict_and_nobody_is_accused(world: World) -> None:
    results = [world.result(number) for number in range(1, 7)]

    async def all_of_them() -> list[bytes]:
        receipts = world.receipts()
        return list(await asyncio.gather(*(receipts.gather(result) for _, result in results)))

    for (release, result), receipts in zip(results, run(all_of_them()), strict=True):
        verify_receipts(receipts, release, result.query, MANIFEST)
    assert all(world.kinds(node, "witness-refused") == 0 for node in NAMES)


def test_a_node_that_is_away_is_waited_for(world: World) -> None:
    release, result = world.result()
    world.links.away.add("gp")

    async def gather() -> bytes:
        task = asyncio.create_task(world.receipts().gather(result))
        await asyncio.sleep(0.3)
        assert not task.done()
        world.links.away.clear()
        return await task

    verify_receipts(run(gather()), release, result.query, MANIFEST)


def test_a_question_that_nobody_answers_is_asked_again(world: World) -> None:
    release, result = world.result()
    world.links.deaf = {"gp": 2, "region": 1}
    receipts = run(world.receipts(seconds=0.5).gather(result))
    verify_receipts(receipts, release, result.query, MANIFEST)


def test_one_that_stays_away_ends_the_query_by_name(world: World) -> None:
    _, result = world.result(seconds=0.4)
    world.links.away.add("gp")
    with pytest.raises(SamklangError) as caught:
        run(world.receipts().gather(result))
    assert caught.value.code == "audit-receipts-late"
    assert "gp" in caught.value.what


def test_a_node_that_can_not_write_just_now_is_asked_again(world: World) -> None:
    release, result = world.result()
    world.nodes["gp"].close()

    async def gather() -> bytes:
        task = asyncio.create_task(world.receipts().gather(result))
        await asyncio.sleep(0.3)
        world.nodes["gp"].open()
        return await task

    verify_receipts(run(gather()), release, result.query, MANIFEST)


def test_what_a_node_refuses_ends_the_query_with_its_name(world: World) -> None:
    _, result = world.result()
    run(world.receipts().gather(result))
    digest = "sha256:" + "0" * 64
    other = Result(result.query, result.query, 1, digest, {"gp": WITNESSES["gp"]}, result.until_us)
    with pytest.raises(SamklangError) as caught:
        run(world.receipts().gather(other))
    assert caught.value.code == "audit-other-result"
    assert getattr(caught.value, "node", "") == "gp"


def test_an_answer_in_anothers_name_is_dropped(world: World) -> None:
    """Who speaks is who the link's certificate says, not who the answer is addressed to."""
    release, result = world.result()
    honest = world.links.say

    def say(node: str, message: v1.LinkResponse) -> None:
        forged = v1.AuditAnswer(id=message.audit.id, recorded=v1.Recorded(number=0))
        world.links._heard("kommune" if node != "kommune" else "gp", forged)
        honest(node, message)

    world.links.say = say  # type: ignore[method-assign]
    verify_receipts(run(world.receipts().gather(result)), release, result.query, MANIFEST)

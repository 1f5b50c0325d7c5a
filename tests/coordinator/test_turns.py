"""Queries with the same question go one after the other; nobody waits for another question."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from samklang.coordinator.answers import Turns
from samklang.errors import SamklangError


def later(seconds: float = 60.0) -> int:
    return int((time.time() + seconds) * 1e6)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def test_the_same_question_waits_and_another_does_not() -> None:
    async def work() -> None:
        turns = Turns()
        await turns.take("a", "same", later())
        await turns.take("a", "same", later())  # who has it has it
        await turns.take("z", "other", later())
        order: list[str] = []

        async def one(query: str) -> None:
            await turns.take(query, "same", later())
            order.append(query)
            await asyncio.sleep(0)
            turns.give(query)

        tasks = []
        for query in "bcd":
            tasks.append(asyncio.create_task(one(query)))
            await asyncio.sleep(0)
        assert order == []
        turns.give("a")
        turns.give("a")  # once is enough
        await asyncio.gather(*tasks)
        assert order == ["b", "c", "d"]
        turns.give("z")
        assert not turns._locks
        assert not turns._held

    run(work())


def test_who_gives_up_or_has_ended_waits_no_longer() -> None:
    async def work() -> None:
        turns = Turns()
        await turns.take("a", "same", later())
        with pytest.raises(SamklangError, match="coordinator-expired"):
            await turns.take("b", "same", later(0.05))
        waiting = asyncio.create_task(turns.take("c", "same", later()))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        turns.give("a")
        await turns.take("d", "same", later())
        turns.give("d")
        assert not turns._locks

    run(work())

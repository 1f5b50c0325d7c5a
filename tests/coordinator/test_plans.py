"""Plans are passed on to the nodes that are there, and nobody waits for the others for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from samklang.coordinator.links import Links
from samklang.coordinator.plans import AT_ONCE, Plans
from samklang.coordinator.rules import Rules
from samklang.errors import SamklangError
from samklang.v1 import federation_pb2 as f1
from samklang.v1 import nodes_pb2 as n1

Heard = Callable[[str, n1.PlanAnswer], None]
PERMIT, DENY = f1.NODE_DECISION_PERMIT, f1.NODE_DECISION_DENY
ABSENT, SILENT = f1.NODE_DECISION_ABSENT, f1.NODE_DECISION_SILENT


class FakeLinks:
    """Nodes that answer what ``answers`` says, those without an entry nothing."""

    def __init__(self, here: Iterable[str], answers: dict[str, f1.NodePlan]) -> None:
        self.here, self.answers = set(here), answers
        self.asked: list[tuple[str, bytes]] = []
        self.heard: Heard = lambda node, answer: None

    def on_plan(self, heard: Heard) -> None:
        self.heard = heard

    def absent(self, nodes: Iterable[str]) -> list[str]:
        return [node for node in nodes if node not in self.here]

    def say(self, node: str, message: n1.LinkResponse) -> None:
        self.asked.append((node, message.plan.bundle))
        if node in self.answers:
            answer = n1.PlanAnswer(id=message.plan.id, plan=self.answers[node])
            asyncio.get_running_loop().call_soon(self.heard, node, answer)


class FakeRules:
    def planned(self, bundle: bytes) -> tuple[str, str, list[str]]:
        if bundle != b"good":
            raise SamklangError("identity-signature")
        return "anna", "org", ["north", "south", "gp"]


def ask(
    links: FakeLinks,
    *,
    caller: str = "anna",
    organisation: str = "org",
    bundle: bytes = b"good",
    seconds: float = 0.3,
) -> list[f1.NodePlan]:
    async def run() -> list[f1.NodePlan]:
        with ThreadPoolExecutor(1) as pool:
            plans = Plans(cast(Links, links), cast(Rules, FakeRules()), pool, seconds=seconds)
            return [*(await plans.ask(bundle, caller, organisation)).nodes]

    return asyncio.run(run())


def test_every_node_is_listed_as_what_it_is() -> None:
    links = FakeLinks(["north", "south"], {"north": f1.NodePlan(node="forged", decision=PERMIT, nano_rho=17)})
    answers = ask(links)
    assert [(a.node, a.decision) for a in answers] == [("north", PERMIT), ("south", SILENT), ("gp", ABSENT)]
    assert answers[0].nano_rho == 17
    assert links.asked == [("north", b"good"), ("south", b"good")]


def test_all_answers_end_the_wait() -> None:
    plan = f1.NodePlan(decision=DENY, reasons=[f1.Reason(code="policy-axes", clause="grants[0].max_axes")])
    plan.changes.add(place="axes[1]", old="a/b")
    began = time.monotonic()
    answers = ask(
        FakeLinks(["north", "south", "gp"], dict.fromkeys(("north", "south", "gp"), plan)), seconds=60
    )
    assert time.monotonic() - began < 30
    for answer in answers:
        assert answer.reasons[0].node == answer.node
        assert answer.reasons[0].clause == "grants[0].max_axes"
        assert answer.changes[0].place == "axes[1]"


def test_what_a_node_says_is_kept_to_a_sensible_length() -> None:
    reason, change = f1.Reason(code="c" * 1000, what="w" * 5000), f1.Change(place="p" * 5000)
    long = f1.NodePlan(decision=DENY, grant="g" * 5000, reasons=[reason] * 500, changes=[change] * 500)
    long.grants.extend(["g" * 5000] * 500)
    odd = f1.NodePlan(decision=ABSENT)
    first, second, _ = ask(FakeLinks(["north", "south"], {"north": long, "south": odd}))
    assert first.ByteSize() < 150_000
    assert len(first.reasons) == len(first.changes) == len(first.grants) == 50
    assert second.decision == SILENT


def test_another_analysts_plan_and_a_forged_one_are_refused() -> None:
    links = FakeLinks(["north"], {})
    for change, code in (
        ({"caller": "bo"}, "coordinator-not-your-query"),
        ({"organisation": "another"}, "coordinator-not-your-query"),
        ({"bundle": b"bad"}, "identity-signature"),
    ):
        with pytest.raises(SamklangError) as caught:
            ask(links, **cast(Any, change))
        assert caught.value.code == code
    assert not links.asked


def test_an_analyst_asks_few_plans_at_once_and_answers_are_not_mixed_up() -> None:
    links = FakeLinks(["north", "south", "gp"], {})

    async def run() -> list[Any]:
        with ThreadPoolExecutor(1) as pool:
            plans = Plans(cast(Links, links), cast(Rules, FakeRules()), pool, seconds=0.3)
            asked = [plans.ask(b"good", "anna", "org") for _ in range(AT_ONCE + 1)]
            found = await asyncio.gather(*asked, return_exceptions=True)
            # Whoever answers late, or a question that nobody asked, changes nothing.
            links.heard("north", n1.PlanAnswer(id="unknown", plan=f1.NodePlan(decision=PERMIT)))
            return found

    found = asyncio.run(run())
    refused = [f.code for f in found if isinstance(f, SamklangError)]
    assert refused == ["coordinator-busy"]

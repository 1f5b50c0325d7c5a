"""A new question's purpose is one that all nodes with records name; first the one that most permit."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.analyst.test_drafting import TODAY
from tests.core.protocol.test_planning import CODEBOOK, MANIFEST

from samklang.analyst.client import Client
from samklang.analyst.drafting import Wish, compose
from samklang.analyst.plan import NodeAnswer
from samklang.analyst.proposing import MOST_TRIED, propose
from samklang.errors import SamklangError
from samklang.model.query import Draft

TEXT = compose(CODEBOOK, Wish(), "da", TODAY)


def answer(
    node: str, grants: tuple[str, ...], *, decision: str = "deny", contributes: bool = True
) -> NodeAnswer:
    return NodeAnswer(node, decision, (), (), contributes, "", 1, {}, 5, False, grants=grants)


@dataclass
class Planned:
    """Hands out what the nodes would say: which grants they name, and under which they permit."""

    named: list[tuple[str, ...]]
    permitting: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def manifest(self) -> Any:
        return MANIFEST

    def plan(self, draft: Draft) -> Any:
        self.asked.append(draft.purpose.id)
        yes = self.permitting.get(draft.purpose.id, 0)
        nodes = [
            answer(f"n{i}", grants, decision="permit" if i < yes else "deny")
            for i, grants in enumerate(self.named)
        ]
        computing = answer("computing", (), decision="permit", contributes=False)

        return SimpleNamespace(nodes=(*nodes, computing))


def proposed(planned: Planned) -> list[str]:
    return propose(cast(Client, planned), TEXT)


def test_what_all_name_is_proposed_and_one_is_asked_about_once() -> None:
    planned = Planned([("a", "b"), ("b",), ("b", "c")])
    assert proposed(planned) == ["b"]
    assert planned.asked == ["grant-id"]


def test_the_one_that_the_most_permit_comes_first() -> None:
    assert proposed(Planned([("a", "b", "c")] * 2, {"b": 2, "c": 1})) == ["b", "c", "a"]


def test_few_plans_are_asked_for() -> None:
    names = tuple("abcdefg")
    planned = Planned([names] * 2)
    assert proposed(planned) == [*names]
    assert len(planned.asked) == 1 + MOST_TRIED


@pytest.mark.parametrize("named", [[], [()], [("a",), ("b",)]])
def test_nothing_is_proposed_that_not_all_name(named: list[tuple[str, ...]]) -> None:
    assert proposed(Planned(named)) == []


def test_a_question_that_cannot_be_planned_has_no_proposal() -> None:
    class Unreachable(Planned):
        def plan(self, draft: Draft) -> Any:
            raise SamklangError("transport-unreachable", address="127.0.0.1:1")

    assert proposed(Unreachable([])) == []

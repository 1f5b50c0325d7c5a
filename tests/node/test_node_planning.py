"""What a node says to a plan: its policy's word with the clause, the smallest change, and its ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.node.tiny import write_folder

from samklang.analyst.asker import Asker, load_asker
from samklang.analyst.config import load_client_config
from samklang.analyst.question import complete, load_draft
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import Material, make
from samklang.identity.keys import SigningKey
from samklang.model.query import Query
from samklang.model.signing import Intent, sign_query
from samklang.node.answers import Answers
from samklang.node.differencing import Guard
from samklang.node.documents import load_documents
from samklang.node.ledger import Ledger
from samklang.node.planning import Planner
from samklang.policy import Caps
from samklang.privacy.accounting import rho_from_epsilon
from samklang.v1 import federation_pb2 as v1

NOW = datetime.now(UTC).replace(microsecond=0)
ONE = rho_from_epsilon(Decimal(1), Decimal("1e-8"))
CAPS = Caps(month=4 * ONE, year=8 * ONE, lifetime=20 * ONE)


class World:
    """A node's planner over real documents and a real ledger; nobody's data are loaded at all."""

    def __init__(self, folder: Path, change: Callable[[Path], object], caps: Caps, node: str) -> None:
        made = write_folder(folder / "f")
        change(made)
        self.material: Material = make(read_folder(made), folder / "w", today=date.today())
        self.material.write_addresses("127.0.0.1:1")
        config = load_client_config(self.material.client)
        self.asker: Asker = load_asker(config.identity, config.credential)
        self.questions = made / "queries"
        self.ledger = Ledger(folder / "ledger.sqlite", caps)
        self.answers = Answers(folder / "answers.sqlite", self.ledger)
        documents = load_documents(self.material.nodes[node])
        self.planner = Planner(documents, self.ledger, Guard(documents, self.answers))

    def query(self, **fields: Any) -> Query:
        draft = load_draft(self.questions / "areas.yaml", self.material.manifest).document
        query = complete(draft, self.material.manifest, self.asker.analyst)
        return query.model_copy(update=fields)

    def ask(self, query: Query, intent: Intent = "plan") -> v1.NodePlan:
        return self.planner(sign_query(query, self.asker.key, self.asker.credential, intent=intent))

    def charge(self, nano_rho: int) -> None:
        self.ledger.charge(
            query=f"sha256:{'0' * 64}",
            attempt=1,
            grant="overview",
            nano_rho=nano_rho,
            delta=0.0,
            granted=nano_rho,
            caps=Caps(month=10**12, year=10**12),
            now=NOW,
        )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def build(
        change: Callable[[Path], object] = lambda folder: None,
        caps: Caps = CAPS,
        node: str = "kommune",
    ) -> World:
        made.append(World(tmp_path / str(len(made)), change, caps, node))
        return made[-1]

    yield build
    for one in made:
        one.ledger.close()


def policy(old: str, new: str, node: str = "kommune") -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / "policies" / f"{node}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return change


def said(answer: v1.NodePlan) -> list[tuple[str, str]]:
    return [(reason.code, reason.clause) for reason in answer.reasons]


def changes(answer: v1.NodePlan) -> list[tuple[str, str, str]]:
    return [(c.place, c.old, c.new) for c in answer.changes]


def test_a_permit_comes_with_the_cost_and_what_is_left(world: Callable[..., World]) -> None:
    here = world()
    answer = here.ask(here.query())
    assert (answer.node, answer.decision, answer.grant) == ("kommune", v1.NODE_DECISION_PERMIT, "overview")
    assert answer.contributes
    assert 0 < answer.nano_rho <= ONE
    assert (answer.left.month, answer.left.year, answer.left.lifetime) == (4 * ONE, 8 * ONE, 20 * ONE)
    assert answer.min_count == 5
    here.charge(ONE)
    again = here.ask(here.query())
    assert (again.left.month, again.left.lifetime) == (3 * ONE, 19 * ONE)


@pytest.mark.parametrize(
    ("purpose", "change", "told"),
    [
        ({"id": "elsewhere"}, ("", ""), ["overview"]),
        ({"id": "elsewhere", "family": "care"}, ("", ""), []),
        ({"id": "elsewhere"}, ("role: analyst", "role: nurse"), []),
        ({"id": "elsewhere"}, ("operations: [stratify]", "operations: [score]"), []),
        ({}, ("max_axes: 3", "max_axes: 1"), ["overview"]),
    ],
)
def test_whom_a_grant_names_is_told_of_it_and_nobody_else(
    world: Callable[..., World], purpose: dict[str, str], change: tuple[str, str], told: list[str]
) -> None:
    here = world(policy(*change) if change[0] else lambda folder: None)
    query = here.query()
    answer = here.ask(here.query(purpose=query.purpose.model_copy(update=purpose)))
    assert list(answer.grants) == told


def test_a_plan_charges_nothing_and_leaves_no_trace(world: Callable[..., World]) -> None:
    here = world()
    head = here.ledger.head
    for _ in range(3):
        here.ask(here.query())
    assert here.ledger.head == head


def test_a_denial_names_the_clause_and_the_smallest_change(world: Callable[..., World]) -> None:
    here = world(policy("max_axes: 3", "max_axes: 1"))
    answer = here.ask(here.query())
    assert answer.decision == v1.NODE_DECISION_DENY
    assert said(answer) == [("policy-axes", "grants[0].max_axes")]
    # Without the area there would be one node left, which is no joint question.
    assert changes(answer) == [("axes[1]", "contacts/contacts", "")]
    assert answer.reasons[0].what_da
    assert answer.left.month == 4 * ONE, "some question of this kind is permitted"


def test_changes_that_follow_from_each_other_are_found(world: Callable[..., World]) -> None:
    here = world(policy("per_query: {epsilon: 2}", "per_query: {epsilon: 1}"))
    purpose = here.query().purpose.model_copy(update={"id": "elsewhere"})
    privacy = here.query().privacy.model_copy(update={"epsilon": Decimal(2)})
    answer = here.ask(here.query(purpose=purpose, privacy=privacy))
    assert said(answer) == [("policy-purpose-unknown", "grants")]
    assert changes(answer) == [
        ("purpose", "statistical, elsewhere", "statistical, overview"),
        ("privacy.epsilon", "2", "1"),
    ]


def test_another_family_is_never_proposed(world: Callable[..., World]) -> None:
    here = world()
    purpose = here.query().purpose.model_copy(update={"family": "care", "id": "elsewhere"})
    answer = here.ask(here.query(purpose=purpose))
    assert answer.decision == v1.NODE_DECISION_DENY
    assert not answer.changes
    assert not answer.HasField("left"), "nothing is granted, so nothing is said of the ledger"


def test_a_measure_that_is_not_granted_is_left_out(world: Callable[..., World]) -> None:
    granted = "variables: [contacts/contacts, days as measure, presence of region]"
    here = world(
        policy(granted, "variables: [contacts/contacts, presence of region]", "region"), node="region"
    )
    answer = here.ask(here.query())
    assert said(answer) == [("policy-variable-not-granted", "grants[0].variables")]
    assert changes(answer) == [("measures[0]", "days as sum", "")]


def test_an_empty_ledger_says_no_and_what_it_would_pay_for(world: Callable[..., World]) -> None:
    here = world(caps=Caps(month=ONE, year=8 * ONE))
    here.charge(ONE * 2 // 3)
    answer = here.ask(here.query())
    assert answer.decision == v1.NODE_DECISION_DENY
    assert [reason.code for reason in answer.reasons] == ["ledger-cap"]
    ((place, old, new),) = changes(answer)
    assert (place, old) == ("privacy.epsilon", "1")
    privacy = here.query().privacy.model_copy(update={"epsilon": Decimal(new)})
    assert here.ask(here.query(privacy=privacy)).decision == v1.NODE_DECISION_PERMIT
    more = privacy.model_copy(update={"epsilon": Decimal(new) + Decimal("0.1")})
    assert here.ask(here.query(privacy=more)).decision == v1.NODE_DECISION_DENY


def test_a_register_that_is_not_configured_is_named(world: Callable[..., World]) -> None:
    here = world(policy("consent: {model: none}", "consent: {model: opt-out, registers: [objections]}"))
    answer = here.ask(here.query())
    assert [reason.code for reason in answer.reasons] == ["node-register-unknown"]


def test_approval_is_pending_with_what_needs_none(world: Callable[..., World]) -> None:
    key = SigningKey.generate().verify_key.text

    def change(folder: Path) -> None:
        policy("approval: {mode: auto}", "approval: {mode: auto, manual_if: [large-budget], roles: [dpo]}")(
            folder
        )
        policy("people:", f"approvers: {{kim: {{role: dpo, key: '{key}'}}}}\npeople:")(folder)

    here = world(change)
    privacy = here.query().privacy.model_copy(update={"epsilon": Decimal(2)})
    answer = here.ask(here.query(privacy=privacy))
    assert answer.decision == v1.NODE_DECISION_PENDING
    assert changes(answer) == [("privacy.epsilon", "2", "1")]


def test_what_is_not_signed_as_a_plan_is_denied_unread(world: Callable[..., World]) -> None:
    here = world()
    for bundle in (b"", b"{}", b"[1]", b"\xff" * 100):
        assert here.planner(bundle).decision == v1.NODE_DECISION_DENY
    query = here.ask(here.query(), "query")
    assert (query.decision, [r.code for r in query.reasons]) == (
        v1.NODE_DECISION_DENY,
        ["identity-envelope"],
    )
    late = here.ask(here.query(not_after=NOW - timedelta(hours=1)))
    assert [r.code for r in late.reasons] == ["identity-query-expired"]


def test_the_answer_says_nothing_that_is_not_in_documents(world: Callable[..., World]) -> None:
    """Same documents, same ledger, same words: there is no data here to depend on."""
    here = world(policy("max_axes: 3", "max_axes: 1"))
    first, second = (here.ask(here.query()) for _ in range(2))
    assert first == second
    assert "citizen.csv" not in json.dumps(str(first))

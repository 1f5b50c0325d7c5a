"""The invariant of a replay: the same policy on the same days says what the node said, and where it says
something else, the log tells who decided then."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.test_daemon_decisions import World
from tests.support.quiet import NoNoise

from samklang.audit.export import LogEntry
from samklang.cli.policy.history import Source
from samklang.cli.policy.replayed import replayed
from samklang.cli.policy.sources import with_policy
from samklang.node.answers import Answers
from samklang.node.attempt import Partner
from samklang.node.audit.trail import open_trail
from samklang.node.differencing import Guard
from samklang.node.journal import Journal
from samklang.node.ledger import Ledger
from samklang.node.release_keys import ReleaseKeys
from samklang.policy import Caps
from samklang.protocol.compile import compile_query
from samklang.transport.addresses import AttemptId
from samklang.transport.participation import Awaiting, Refusal

COUNT = itertools.count()

OVERVIEW = {"family": "statistical", "id": "overview", "text": ""}
KINDS: dict[str, dict[str, Any]] = {
    "good": {},
    "other purpose": {"purpose": {**OVERVIEW, "id": "nothing"}},
    "other family": {"purpose": {**OVERVIEW, "family": "care"}},
    "dear": {"privacy": {"epsilon": "4", "delta": "1e-8"}},
    "cheap": {"privacy": {"epsilon": "0.5", "delta": "1e-8"}},
    "coarse": {"axes": [{"variable": "area", "banding": "area"}]},
    "next day": {"period": {"from": "2020-01-02", "until": "2021-01-01", "as_of": "2020-12-31"}},
    "stranger": {"recipients": ["somebody-else"]},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("replay"), "region")
    yield made
    made.close()


@dataclass
class Asking:
    """One question: what kind, how many attempts, and how many of them send rows."""

    kind: str
    attempts: int
    charged: int


def asked(world: World, folder: Path, askings: list[Asking], month: float) -> Source:
    """A fresh node of the same federation is asked; what is then in its log.

    Args:
        month: the node's own cap, in questions of the usual price.
    """
    folder.mkdir()
    documents = world.documents
    program = compile_query(documents.manifest.document, documents.codebook.document, world.query())
    cap = int(month * program.noise.rho_charged)
    caps = Caps(month=cap, year=cap * 12)
    ledger, journal = Ledger(folder / "ledger.sqlite", caps), Journal(folder / "journal.sqlite")
    trail, answers = open_trail(folder, "tiny", "region"), Answers(folder / "answers.sqlite", ledger)
    keys = ReleaseKeys(folder / "releases.sqlite")
    partner = Partner(
        documents, world.snapshot, ledger, journal, NoNoise(), trail, keys=keys,
        guard=Guard(documents, answers),
    )  # fmt: skip
    for asking in askings:
        query = world.query(nonce=f"{next(COUNT):032x}", **KINDS[asking.kind])
        bundle = world.bundle(nonce=query.nonce, **KINDS[asking.kind])
        for number in range(1, asking.attempts + 1):
            try:
                part = partner(bundle, AttemptId("q", number))
            except (Refusal, Awaiting):
                continue
            if number <= asking.charged:
                part.charge(part._program.noise.rho_charged, 0.0)
            part.close()
    source = Source(
        node="region",
        entries=[LogEntry(e.leaf, e.shown) for e in trail.entries()],
        bundles={
            str(d): found
            for e in trail.entries()
            if (d := e.value("query")) and (found := trail.questions.find(str(d)))
        },
        manifest=documents.manifest.document,
        codebook=documents.codebook.document,
        caps=caps,
    )
    for opened in (ledger, journal, trail, answers, keys):
        opened.close()
    return source


def same(world: World, source: Source) -> Any:
    documents = world.documents
    policy = with_policy(documents.policy, source.manifest, source.codebook)
    return replayed(source, policy, policy)


ASKED_ONCE = st.builds(Asking, kind=st.sampled_from([*KINDS]), attempts=st.just(1), charged=st.integers(0, 1))
ANYHOW = st.builds(
    Asking, kind=st.sampled_from([*KINDS]), attempts=st.integers(1, 3), charged=st.integers(0, 3)
)
SLOW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SLOW
@given(askings=st.lists(ASKED_ONCE, min_size=1, max_size=6), month=st.sampled_from([0.6, 2.0, 9.0]))
def test_what_was_charged_once_is_answered_as_it_was(
    world: World, tmp_path_factory: pytest.TempPathFactory, askings: list[Asking], month: float
) -> None:
    """Policy, budget and differencing alike: the replay runs what the node runs."""
    source = asked(world, tmp_path_factory.mktemp("x") / "state", askings, month)
    report = same(world, source)
    assert len(report.rows) == len(askings)
    assert [(row.past.then, row.past.codes) for row in report.rows] == [
        (row.now.outcome, row.now.codes) for row in report.rows
    ]
    assert not any(row.why or row.changed for row in report.rows)
    spent = sum(sum(past.charges) for past in report.history.questions)
    assert sum(row.now.charged for row in report.rows if row.past.then == "permit") == spent


@SLOW
@given(askings=st.lists(ANYHOW, min_size=1, max_size=5), month=st.sampled_from([0.6, 2.0, 9.0]))
def test_where_it_differs_the_log_tells_who_decided(
    world: World, tmp_path_factory: pytest.TempPathFactory, askings: list[Asking], month: float
) -> None:
    source = asked(world, tmp_path_factory.mktemp("x") / "state", askings, month)
    report = same(world, source)
    assert len(report.rows) == len(askings), "attempts of one query are one question"
    assert report.wider == 0
    for row in report.rows:
        assert not row.changed
        assert {*row.why} <= {"budget", "differencing"}
        if not row.why:
            assert row.past.then == row.now.outcome


def test_it_is_not_only_permits_that_are_alike(world: World, tmp_path: Path) -> None:
    """The sequences above have something to go wrong in: each of the deciders decides."""
    kinds = ("good", "next day", "other purpose", "dear", "coarse", "cheap", "coarse", "good")
    source = asked(world, tmp_path / "state", [Asking(kind, 1, 1) for kind in kinds], 1.5)
    rows = same(world, source).rows
    assert {row.now.by for row in rows} == {"policy", "budget", "differencing"}
    assert {code for row in rows for code in row.past.codes} >= {
        "policy-purpose-unknown",
        "policy-epsilon",
        "policy-differencing",
        "ledger-cap",
    }
    assert not any(row.why for row in rows)

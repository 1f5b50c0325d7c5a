"""The guard at a node: recognised after the first charge, refused or sent to approval as the policy says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.node.test_daemon_decisions import World, refused

from samklang.errors import SamklangError
from samklang.node.answers import Answers
from samklang.node.ledger import Ledger
from samklang.protocol.compile import compile_query
from samklang.transport.participation import Refusal

FIGURES = """
figures:
  whole-population:
    source: made up
    citizens: 600
    sectors: {kommune: 600, region: 450}
    shares:
      area/area: {north: 0.96, south: 0.03}
      contacts/contacts: {"1": 0.3, 2+: 0.7}
"""
NORTH = [{"variable": "area", "banding": "area", "levels": ["north"]}]
EVERYWHERE = [{"variable": "area", "banding": "area", "levels": ["north", "south"]}]
BY_CONTACTS = [{"variable": "contacts", "banding": "contacts"}]


def world(folder: Path, node: str, policy: str) -> World:
    def change(made: Path) -> None:
        with (made / "codebook.yaml").open("a") as file:
            file.write(FIGURES)
        for path in (made / "policies").iterdir():
            path.write_text(path.read_text() + policy)

    return World(folder, node, change)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(policy: str = "", node: str = "kommune") -> World:
        worlds.append(world(tmp_path / str(len(worlds)), node, policy))
        return worlds[-1]

    yield make
    for one in worlds:
        one.close()


def ask(world: World, number: int = 0, *, answer: bool = True, **question: Any) -> str:
    """Offer a question; with ``answer`` its rows leave. Returns the query's digest."""
    bundle = world.bundle(nonce=f"{number:032x}", **question)
    part = world.offer(bundle)
    if answer:
        program = compile_query(world.material.manifest, world.material.codebook, part._verified.query)
        part.charge(program.noise.rho_charged, program.noise.delta)
    return part._verified.digest


def test_the_few_between_two_questions_are_refused(made: Callable[..., World]) -> None:
    world = made()
    digest = ask(world, 1, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE)
    with pytest.raises(Exception) as caught:
        ask(world, 2, axes=BY_CONTACTS, measures=[], filter=NORTH)
    (reason,) = caught.value.reasons  # type: ignore[attr-defined]
    assert reason.code == "policy-differencing"
    assert digest[7:19] in reason.what, "it was the analyst's own question"
    assert "area" in reason.what
    assert reason.clause == "differencing.overlap"
    # The same question again is no other question, whatever ε it is asked with.
    ask(world, 3, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE, privacy={"epsilon": "0.5"})


def test_another_analyst_reads_no_more_than_that_there_is_one(made: Callable[..., World]) -> None:
    world = made()
    ask(world, 1, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE)
    world.answers.earlier("")  # reads what is on record
    rows = world.answers._rows
    world.answers._rows = [_by_another(earlier) for earlier in rows]
    with pytest.raises(Exception) as caught:
        ask(world, 2, axes=BY_CONTACTS, measures=[], filter=NORTH)
    (reason,) = caught.value.reasons  # type: ignore[attr-defined]
    for text in (*reason.text("en"), *reason.text("da")):
        assert "area" not in text
        assert rows[0].query[7:19] not in text
    with world.trail._file.reading() as db:  # the node's own log has the whole of it
        bodies = [str(row) for row in db.execute("SELECT * FROM body WHERE field = 'details'")]
    assert any(rows[0].query in body and "area" in body for body in bodies)


def _by_another(earlier: Any) -> Any:
    from dataclasses import replace

    return replace(earlier, analyst="somebody-else")


def test_what_was_decided_but_never_charged_stands_against_nothing(made: Callable[..., World]) -> None:
    world = made()
    ask(world, 1, answer=False, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE)
    ask(world, 2, axes=BY_CONTACTS, measures=[], filter=NORTH)


def test_two_decided_at_the_same_moment_are_not_both_answered(made: Callable[..., World]) -> None:
    world = made()
    parts = [
        world.offer(world.bundle(nonce=f"{i:032x}", axes=BY_CONTACTS, measures=[], filter=kept))
        for i, kept in enumerate((EVERYWHERE, NORTH))
    ]
    noise = compile_query(world.material.manifest, world.material.codebook, parts[0]._verified.query).noise
    parts[0].charge(noise.rho_charged, noise.delta)
    entries = world.ledger.head.entries
    with pytest.raises(SamklangError) as caught:
        parts[1].charge(noise.rho_charged, noise.delta)
    assert caught.value.code == "policy-differencing"
    assert world.ledger.head.entries == entries, "nothing was charged for what didn't leave"


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        ("differencing: {overlap: approve}\n", ["policy-approval-needed"]),
        ("differencing: {overlap: allow}\n", []),
        ("differencing: {least: 3}\n", []),
    ],
)
def test_the_policy_says_what_becomes_of_it(
    made: Callable[..., World], policy: str, codes: list[str]
) -> None:
    world = made(policy)
    ask(world, 1, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE)
    if codes:
        assert refused(lambda: ask(world, 2, axes=BY_CONTACTS, measures=[], filter=NORTH)) == codes
    else:
        ask(world, 2, axes=BY_CONTACTS, measures=[], filter=NORTH)


def test_another_period_hides_nothing_where_no_date_is_used(made: Callable[..., World]) -> None:
    """The made-up codebook's SQL names no date: in every period the same citizens are in the same cells."""
    for number, period in enumerate(
        (
            {"from": "2015-01-01", "until": "2016-01-01", "as_of": "2020-12-31"},
            {"from": "2020-01-01", "until": "2021-01-01", "as_of": "2003-01-01"},
            {"from": "1990-01-01", "until": "2021-01-01", "as_of": "1990-01-01"},
        )
    ):
        world = made()
        ask(world, 1, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE)
        with pytest.raises(Refusal) as caught:
            ask(world, 2 + number, axes=BY_CONTACTS, measures=[], filter=NORTH, period=period)
        assert [reason.code for reason in caught.value.reasons] == ["policy-differencing"]


def test_the_store_and_the_ledger_know_of_each_other(made: Callable[..., World], tmp_path: Path) -> None:
    world = made()
    ask(world, 1, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE)
    folder = Path(str(world.answers._file._db.execute("PRAGMA database_list").fetchone()[2])).parent

    def copy(name: str, to: str) -> Path:
        with closing(sqlite3.connect(folder / name)) as source, closing(sqlite3.connect(tmp_path / to)) as db:
            source.backup(db)
        return tmp_path / to

    old_ledger, old_answers = copy("ledger.sqlite", "l1"), copy("answers.sqlite", "a1")
    ask(world, 2, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE, privacy={"epsilon": "0.5"})
    ask(world, 3, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE, privacy={"epsilon": "0.25"})
    ledger, answers = copy("ledger.sqlite", "l2"), copy("answers.sqlite", "a2")
    for one, other, code in (
        (ledger, answers, ""),
        (old_ledger, answers, "ledger-rolled-back"),
        (ledger, old_answers, "node-answers-broken"),
    ):
        with closing(Ledger(one, world.caps)) as opened:
            if not code:
                Answers(other, opened).close()
                continue
            with pytest.raises(SamklangError) as caught:
                Answers(other, opened)
            assert caught.value.code == code


def test_nothing_is_changed_or_removed(made: Callable[..., World]) -> None:
    world = made()
    ask(world, 1, axes=BY_CONTACTS, measures=[], filter=EVERYWHERE)
    with world.answers._file.writing() as db:
        for statement in (
            "DELETE FROM answers",
            "UPDATE answers SET core = ''",
            "REPLACE INTO answers SELECT * FROM answers",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                db.execute(statement)

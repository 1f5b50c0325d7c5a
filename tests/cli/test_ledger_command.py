"""``samklang ledger``: what is spent and left, and proofs that hold beside a writing node and offline."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.node.tiny import write_folder

from samklang.audit.entry import Event
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import make
from samklang.node.audit.events import head_text
from samklang.node.audit.trail import Trail
from samklang.node.documents import load_documents
from samklang.node.ledger import Ledger
from samklang.policy import Caps
from samklang.privacy.accounting import rho_from_epsilon

COST = 1_000_000


class Node:
    """A node's configuration and its open ledger, as if the node ran."""

    def __init__(self, folder: Path) -> None:
        material = make(
            read_folder(write_folder(folder / "f"), folder / "f" / "data"), folder / "w", today=date.today()
        )
        material.write_addresses("127.0.0.1:1")
        self.config = material.nodes["region"]
        state = self.config.parent / "state"
        state.mkdir(exist_ok=True)
        self.ledger = Ledger(state / "ledger.sqlite", Caps(month=10**10, year=10**10))
        self.number = 0

    def charge(self, grant: str = "overview", nano_rho: int = COST) -> None:
        self.number += 1
        self.ledger.charge(
            query=f"sha256:{self.number:064x}",
            attempt=1,
            grant=grant,
            nano_rho=nano_rho,
            delta=2e-12,
            granted=10**10,
            caps=Caps(month=10**10, year=10**10),
            now=datetime.now(UTC),
        )

    def run(self, *words: object) -> int:
        return main(["ledger", *map(str, words)])


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    with closing(made.ledger):
        yield made


def shown(node: Node, capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert node.run(*words, "--json") == exits.OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_is_shown_is_what_was_charged(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    for grant in ("overview", "overview", "given-up"):
        node.charge(grant)
    report = shown(node, capsys, "show", "--config", node.config, "--entries", 2)
    assert [p["spent"]["nano_rho"] for p in report["data_set"]] == [3 * COST] * 3
    granted, old = report["grants"]
    assert (granted["id"], old["id"], old["in_policy"]) == ("overview", "given-up", False)
    once = rho_from_epsilon(Decimal(2), Decimal("1e-8"))
    assert granted["per_query"]["nano_rho"] == once
    for period, own in zip(report["data_set"], granted["periods"], strict=True):
        assert own["spent"]["nano_rho"] == 2 * COST
        assert period["left"]["nano_rho"] == period["cap"]["nano_rho"] - 3 * COST
        binding = min(x["left"]["nano_rho"] for x in (period, own) if x["left"]["nano_rho"] is not None)
        assert own["queries_left"] == binding // once
        assert float(period["left"]["epsilon"]) < float(period["cap"]["epsilon"])
    assert [e["number"] for e in report["newest"]] == [3, 2]
    assert report["ledger"]["head"] == node.ledger.head.text


def test_a_cap_reads_as_in_the_policy_and_the_rest_is_explained(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    untouched = shown(node, capsys, "show", "--config", node.config)["grants"][0]
    budget = load_documents(node.config).policy.document.grants[0].budget
    written = [str(amount.epsilon) for amount in (budget.month, budget.year, budget.lifetime) if amount]
    assert written
    for part in ("cap", "left"):
        assert [p[part]["epsilon"] for p in untouched["periods"]][: len(written)] == written
    assert {p["spent"]["epsilon"] for p in untouched["periods"]} == {"0"}
    node.charge(nano_rho=rho_from_epsilon(Decimal(1), Decimal("1e-8")))
    report = shown(node, capsys, "show", "--config", node.config)
    assert {p["spent"]["epsilon"] for p in report["grants"][0]["periods"]} == {"1"}
    for language, note in (("en", "doesn't|don't add up"), ("da", "lægges sammen")):
        assert node.run("show", "--config", node.config, "--language", language) == exits.OK
        out = capsys.readouterr().out
        assert re.search(note, out)
        assert not re.search(r"[.,]999\d \(", out)


WORDS = {
    "en": ("this month", "no longer in the policy", "queries"),
    "da": ("denne måned", "ikke længere", "forespørgsler"),
}


@pytest.mark.parametrize(("language", "words"), WORDS.items())
def test_people_read_it_in_their_language(
    node: Node, capsys: pytest.CaptureFixture[str], language: str, words: tuple[str, ...]
) -> None:
    node.charge("given-up")
    assert node.run("show", "--config", node.config, "--language", language) == exits.OK
    out = capsys.readouterr().out
    assert all(word in out for word in words), out


@pytest.mark.parametrize("name", ["ledger.json", "ledger.csv"])
def test_somebody_else_verifies_an_export(
    node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for _ in range(4):
        node.charge()
    early, out = node.ledger.head, tmp_path / name
    node.charge()
    shown(node, capsys, "export", "--config", node.config, "--out", out)
    said = shown(node, capsys, "verify", "--export", out, "--head", early.text)
    assert said["head"] == node.ledger.head.text
    text = out.read_text()
    for old, new in (("1000000", "1000001"), ("overview", "overvieu"), (text.splitlines()[3], "")):
        out.write_text(text.replace(old, new, 1))
        assert node.run("verify", "--export", out) in (exits.FAILED, exits.DOCUMENT), (old, new)
    out.write_text(text)
    foreign = early.text.replace(early.ledger, "0" * 32)
    assert node.run("verify", "--export", out, "--head", foreign) == exits.FAILED
    assert "ledger-rolled-back" in capsys.readouterr().err


def test_an_export_can_be_checked_without_this_program(node: Node, tmp_path: Path) -> None:
    """By the description in docs/spec alone."""
    node.charge()
    node.charge()
    out = tmp_path / "ledger.csv"
    assert node.run("export", "--config", node.config, "--out", out) == exits.OK
    rows = list(csv.DictReader(out.read_text().splitlines()))
    link = hashlib.sha256(f"samklang/ledger/1\n{rows[0]['ledger']}".encode()).digest()
    for row in rows:
        del row["ledger"]
        stored = row.pop("hash")
        link = hashlib.sha256(link + rfc8785.dumps(row)).digest()
        assert link.hex() == stored
    assert link.hex() == node.ledger.head.hash


def test_an_older_copy_fails_against_a_known_head(
    node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node.charge()
    assert node.run("export", "--config", node.config, "--out", tmp_path / "old.json") == exits.OK
    node.charge()
    kept = tmp_path / "head.txt"
    capsys.readouterr()
    assert node.run("verify", "--config", node.config) == exits.OK
    kept.write_text(capsys.readouterr().out)
    assert node.run("verify", "--config", node.config, "--head", kept) == exits.OK
    assert node.run("verify", "--export", tmp_path / "old.json", "--head", kept) == exits.FAILED
    assert "ledger-rolled-back" in capsys.readouterr().err
    kept.write_text("something else")
    assert node.run("verify", "--config", node.config, "--head", kept) == exits.FAILED
    assert "ledger-head-form" in capsys.readouterr().err


def test_an_emptied_ledger_is_noticed_by_what_the_log_has_on_record(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    """A chain without entries is whole; the audit log beside it knows of the charge."""
    node.charge()
    state = node.config.parent / "state"
    head = node.ledger.head
    with closing(Trail(state / "audit.sqlite", "samklang/tiny/region", "region")) as trail:
        trail.append(Event(kind="charged", ledger=head_text(head)))
    for command in ("verify", "show", "export"):
        assert node.run(command, "--config", node.config) == exits.OK
    node.charge()  # not on record yet: a node that is between its two steps
    assert node.run("verify", "--config", node.config) == exits.OK
    with closing(sqlite3.connect(state / "ledger.sqlite")) as db, db:
        triggers = db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM entries")
    capsys.readouterr()
    for command in ("verify", "show", "export"):
        assert node.run(command, "--config", node.config, "--language", "en") != exits.OK
        assert "ledger-rolled-back" in capsys.readouterr().err


def test_a_node_that_never_ran_has_no_ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    node = Node(tmp_path)
    node.ledger.close()
    for file in (node.config.parent / "state").iterdir():
        file.unlink()
    assert node.run("verify", "--config", node.config) == exits.FAILED
    assert "ledger-none" in capsys.readouterr().err
    assert not list((node.config.parent / "state").iterdir()), "looking makes nothing"

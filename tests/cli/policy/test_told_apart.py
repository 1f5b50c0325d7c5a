"""Whether rows of several controllers can be told apart: the node's configuration tells, or it is said."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.policy.logbook import Logbook
from tests.core.model.test_model_config import NODE

from samklang.audit.entry import Event
from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.output import Output
from samklang.cli.policy.history import told_apart
from samklang.cli.policy.replay_text import replay_text, replay_value
from samklang.cli.policy.replayed import replayed

ROOT = Path(__file__).resolve().parents[3]
JOINS = ", joined: {from: 2027-10-01, until: 2027-12-31}"
ASKED = ("--organisation", "herning-kommune", "--role", "analyst", "--today")
BEFORE, AFTER = "2027-09-30", "2027-10-01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The practices' policy, of whom the seventh joins in October, beside one by which all have joined; and
    two configurations: of a node whose tables say whose their rows are, and of one whose tables don't."""
    shutil.copytree(ROOT / "policies" / "slip-sundheden-fri", tmp_path / "f")
    found = tmp_path / "f"
    text = (found / "policies" / "almen-praksis-vest.yaml").read_text(encoding="utf-8")
    assert JOINS in text
    (found / "policies" / "all.yaml").write_text(text.replace(JOINS, ""), encoding="utf-8")
    start, end = NODE.index("tables:"), NODE.index("consent:")
    for name, tables in (
        ("apart", "tables:\n  visit: {files_of: {praksis-01: [a.csv], praksis-07: [b.csv]}}\n"),
        ("together", "tables:\n  visit: {file: [a.csv, b.csv]}\n"),
    ):
        (found / f"{name}.yaml").write_text(NODE[:start] + tables + NODE[end:], encoding="utf-8")
    return found


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any]:
    """(exit code, the JSON)."""
    code = main(["policy", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def text_of(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    main(["policy", *map(str, words)])
    return capsys.readouterr().out


def test_explain_says_what_happens_or_that_it_isnt_known(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "policies" / "almen-praksis-vest.yaml"
    expected = {
        "unknown": ((), "Which it is isn't known here"),
        "apart": (("--config", folder / "apart.yaml"), "its rows are left out."),
        "together": (("--config", folder / "together.yaml"), "nothing is answered: nobody can tell"),
    }
    for rows, (words, sentence) in expected.items():
        code, value = run(capsys, "explain", path, *words)
        assert (code, value["facts"]["rows"]) == (exits.OK, rows)
        assert sentence in "\n".join(value["en"][0]["lines"])
    assert run(capsys, "explain", folder / "policies" / "all.yaml")[1]["facts"]["rows"] == "all"


def test_a_question_is_decided_as_the_node_would_or_the_assumption_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, query = folder / "policies" / "almen-praksis-vest.yaml", folder / "queries" / "need-by-area.yaml"

    def asked(day: str, *words: object) -> tuple[int, bool]:
        code, value = run(capsys, "explain", path, "--query", query, *ASKED, day, *words)
        wanted = ["policy-controller-not-joined"] if code == exits.DENIED else []
        assert [reason["code"] for reason in value["reasons"]] == wanted
        return code, value["assumes_rows_told_apart"]

    assert asked(BEFORE) == (exits.OK, True)
    assert asked(AFTER) == (exits.OK, False)
    assert asked(BEFORE, "--config", folder / "apart.yaml") == (exits.OK, False)
    assert asked(BEFORE, "--config", folder / "together.yaml") == (exits.DENIED, False)
    assert "Assumed: the tables" in text_of(capsys, "explain", path, "--query", query, *ASKED, BEFORE)


def test_a_difference_is_that_of_the_node_or_the_assumption_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = folder / "policies" / "all.yaml", folder / "policies" / "almen-praksis-vest.yaml"
    around = ("--federation", folder / "federation.yaml", "--codebook", folder / "codebook.yaml")

    def compared(old: Path, new: Path, *words: object) -> tuple[bool, set[str]]:
        _, value = run(capsys, "diff", old, new, *around, *words)
        return value["assumes_rows_told_apart"], {change["what"] for change in value["changes"]}

    assert compared(old, new) == (True, {"controllers"})
    assert compared(old, new, "--config", folder / "apart.yaml") == (False, {"controllers"})
    assert compared(old, new, "--config", folder / "together.yaml") == (False, {"days"})
    assert "Assumed: the tables" in text_of(capsys, "diff", old, new, *around)
    other = folder / "policies" / "other.yaml"
    written = new.read_text(encoding="utf-8")
    other.write_text(written.replace("max_axes: 4", "max_axes: 2"), encoding="utf-8")
    assert compared(new, other) == (False, {"axes"}), "it is the same whatever the tables say"


def test_questions_are_replayed_as_at_the_node_or_the_assumption_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, today = folder / "policies" / "almen-praksis-vest.yaml", folder / "policies" / "all.yaml"
    query = folder / "queries" / "need-by-area.yaml"
    words = ("simulate", draft, "--against", today, "--requests", query, *ASKED, BEFORE)
    _, value = run(capsys, *words)
    assert (value["changed"], value["assumed_rows_told_apart"]) == ([], 1)
    assert "Assumed for 1 of the questions" in text_of(capsys, *words)
    _, value = run(capsys, *words, "--config", folder / "together.yaml")
    (row,) = value["changed"]
    assert row["after"]["codes"] == ["policy-controller-not-joined"]
    assert value["assumed_rows_told_apart"] == 0
    _, value = run(capsys, *words, "--config", folder / "apart.yaml")
    assert (value["changed"], value["assumed_rows_told_apart"]) == ([], 0)


def test_a_log_says_itself_whether_rows_can_be_told_apart(tmp_path: Path) -> None:
    book = Logbook(tmp_path / "f")
    number = book.ask("2027-03-01")
    (line,) = [line for line in book.written.splitlines() if line.strip().startswith("- {name:")]
    two = [
        line.replace("{name:", "{id: p1, name:"),
        line.replace("{name:", "{id: p2, joined: {from: 2027-06-01, until: 2027-12-31}, name:"),
    ]
    draft = book.draft("draft", (line, "\n".join(two)))
    source = book.source()
    assert told_apart(source.entries) is None
    guessed = replayed(source, book.today, draft)
    assert ([row.draft.outcome for row in guessed.rows], guessed.apart) == (["permit"], 1)
    assert "Assumed for 1 of the questions" in replay_text(guessed, Output(lang="en"))
    assert "Antaget for 1 af spørgsmålene" in replay_text(guessed, Output(lang="da"))
    assert replay_value(guessed)["assumed_rows_told_apart"] == 1
    for details, attributed, outcome in (
        ({"loaded_at": "2027-02-01"}, False, "deny"),
        ({"loaded_at": "2027-02-01", "controllers": ""}, True, "permit"),
    ):
        book.write(Event(kind="snapshot", snapshot="ab" * 16, details=details))
        assert told_apart(book.entries) is attributed
        known = replayed(replace(book.source(), attributed=told_apart(book.entries)), book.today, draft)
        assert ([row.draft.outcome for row in known.rows], known.apart) == ([outcome], 0)
        assert "Assumed" not in replay_text(known, Output(lang="en"))
    assert number == 0

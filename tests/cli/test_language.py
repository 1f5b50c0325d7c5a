"""English and Danish: every text of the command line in both, help and complaints wholly in one."""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from benchmarks.population import generate

from samklang.cli import exits
from samklang.cli.commands.query import describe
from samklang.cli.main import main, parser
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import make
from samklang.cli.texts import DANISH, PLURALS, messages, say, translate, wanted
from samklang.errors import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / "cli" / "samklang" / "cli"
FOLDER = ROOT / "benchmarks" / "federation"
CODEBOOK = ROOT / "policies" / "integrated-care" / "codebook.yaml"
SAME = {"format", "interval", "partner", "total", "YAML"}
"""Words that are the same in English and Danish."""
ELSEWHERE = {
    *(text for text in DANISH if "{}" in text),
    *(text for pair in (messages.STATES, messages.STAGES) for text, _ in pair.values()),
    *("expected one argument", "expected at least one argument"),
    *("usage: ", "positional arguments", "options", "show this help message and exit"),
    *("category", "total", "interval", "measure", "target group"),
    *(
        "objection",
        "reasons",
        "min_count",
        "secondary_suppression",
        "consent",
        "approval",
        "retention",
        "max_persons",
        "budget",
    ),
}
"""Texts that the standard library says, and names that documents and the wire have."""


def fields(text: str) -> list[str]:
    return sorted(f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None)


def modules() -> Iterator[ast.Module]:
    for path in sorted(CLI.rglob("*.py")):
        own = path.relative_to(CLI).parts[:-1] == ("texts",) and path.name != "localised.py"
        if not own and path.name != "words.py":  # the demonstration's, with keys in both languages
            yield ast.parse(path.read_text(encoding="utf-8"))


def tree(here: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield here
    for action in here._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from tree(inner)


def words_of(one: argparse.ArgumentParser) -> Iterator[str]:
    """Every text of one help, but its commands: they are the same in every language."""
    yield one.description or ""
    for line in (one.epilog or "").split("\n"):
        if not line.strip().startswith("samklang "):
            yield re.sub(r"^\s*(\d+  )?", "", line)
    for group in one._action_groups:
        yield group.title or ""
    for action in one._actions:
        yield action.help or ""
        if isinstance(action, argparse._SubParsersAction):
            yield from (choice.help or "" for choice in action._choices_actions)


def test_both_languages_have_the_same_fields() -> None:
    for english, danish in DANISH.items():
        assert fields(english) == fields(danish), english
        assert danish.strip(), english
        assert (english == danish) == (english in SAME), english


def is_saying(node: ast.AST) -> bool:
    name = getattr(getattr(node, "func", None), "attr", "") or getattr(getattr(node, "func", None), "id", "")
    return isinstance(node, ast.Call) and name in ("say", "_say") and bool(node.args)


def said_counted(node: ast.AST) -> list[ast.expr]:
    """The text for one of ``say_n(ONE, MANY, n)``, if it stands there itself."""
    name = getattr(getattr(node, "func", None), "attr", "")
    return [node.args[0]] if isinstance(node, ast.Call) and name == "say_n" else []


def said(node: ast.AST) -> list[ast.expr]:
    """The texts of ``say(lang, TEXT)``, ``output.say(TEXT)`` and ``[say(name) for name in (TEXT, ...)]``."""
    if isinstance(node, ast.Call) and is_saying(node):
        return [node.args[0 if isinstance(node.func, ast.Attribute) else -1]]
    if isinstance(node, ast.ListComp) and is_saying(node.elt):
        names = node.generators[0].iter
        return names.elts if isinstance(names, ast.Tuple) else []
    return []


def test_every_text_that_is_said_is_listed() -> None:
    texts = [text for module in modules() for node in ast.walk(module) for text in said(node)]
    literals = {text.value for text in texts if isinstance(text, ast.Constant)}
    assert len(literals) > 30
    assert literals <= DANISH.keys()
    counted = [text for module in modules() for node in ast.walk(module) for text in said_counted(node)]
    assert len(counted) > 10
    assert {t.value for t in counted if isinstance(t, ast.Constant)} <= PLURALS.forms.keys()


def test_every_listed_text_is_said() -> None:
    strings = {
        node.value
        for module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    shown = {word for one in tree(parser()) for word in words_of(one)}
    assert not DANISH.keys() - strings - shown - ELSEWHERE
    assert not PLURALS.forms.keys() - strings


def test_nothing_is_noted_in_english_alone() -> None:
    """What reaches people goes through the catalogue, not as a literal or an f-string with words."""
    for module in modules():
        for call in ast.walk(module):
            name = getattr(getattr(call, "func", None), "attr", "")
            if isinstance(call, ast.Call) and name in ("note", "progress"):
                parts = [call.args[0]]
                if isinstance(parts[0], ast.JoinedStr):
                    parts = parts[0].values
                literal = [p.value for p in parts if isinstance(p, ast.Constant)]
                assert not any(re.search("[A-Za-z]{2}", str(text)) for text in literal), literal


ENGLISH = [*tree(parser())]


@pytest.mark.parametrize("number", range(len(ENGLISH)), ids=[one.prog for one in ENGLISH])
def test_a_danish_help_has_no_english_text(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    english, danish = ENGLISH[number], [*tree(parser("da"))][number]
    shown = danish.format_help()
    assert english.prog == danish.prog
    assert shown.startswith("brug: samklang")
    for text in filter(None, words_of(english)):
        assert text in {*DANISH, *SAME}, f"{text!r} has no Danish"
        assert text in SAME or not re.search(rf"(?<!\w){re.escape(text)}(?!\w)", shown), text
    capitals = set(re.findall(r"\b[A-ZÆØÅ:]{4,}\b", shown)) - {"JSON", "YAML", "SIGTERM", "HOST:PORT"}
    assert not capitals & set(DANISH), "a placeholder is still English"
    for option in english._option_string_actions:
        assert option in shown


@pytest.mark.parametrize("lang", ["en", "da"])
def test_help_is_in_the_language_of_the_locale_or_the_command_line(
    lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = {"en": "usage:", "da": "brug:"}
    monkeypatch.setenv("LC_ALL", {"en": "C.UTF-8", "da": "da_DK.UTF-8"}[lang])
    other = {"en": "da", "da": "en"}[lang]
    for words, expected in (
        (["query", "plan", "--help"], lang),
        (["query", "plan", "--help", "--language", other], other),
        (["--language", other, "query", "--help"], other),
        (["query", "plan", "--help", "--lang=" + other], other),
    ):
        with pytest.raises(SystemExit):
            main(words)
        assert capsys.readouterr().out.startswith(first[expected]), words


def test_a_terminal_without_danish_letters_still_shows_help() -> None:
    command = [sys.executable, "-m", "samklang.cli", "--language", "da", "query", "--help"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == exits.OK
    assert "sp?rgsm?l" in done.stdout
    assert not done.stderr


def test_the_last_language_of_a_command_line_counts() -> None:
    assert wanted(["--language", "da", "query", "--language=en"], {}) == "en"
    assert wanted(["query", "--", "--language", "da"], {}) == "en"
    assert wanted(["query", "--language"], {"LANG": "da_DK"}) == "da"
    assert wanted(["query", "--language", "fr"], {"LANG": "da_DK"}) == "da"
    assert wanted(["--label-da", "da"], {}) == "en"


WRONG = [
    ["query", "dance"],
    ["query", "submit"],
    ["query", "submit", "q.yaml", "--attempts", "9"],
    ["query", "list", "--limit", "0"],
    ["query", "list", "--limit"],
    ["query", "list", "--json=3"],
    ["query", "show", "1", "2"],
    ["node", "check", "--config", "n.yaml", "--until", "31-12-2026"],
    ["demo", "--seed", "one"],
    ["demo", "--language", "fr"],
    ["federation", "enrol", "x", "--label", "y", "--federation", "f", "--id", "i", "--organisation", "o"],
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_command_line_is_explained_in_danish(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for lang in ("C", "da_DK.UTF-8"):
        monkeypatch.setenv("LC_ALL", lang)
        with pytest.raises(SystemExit) as caught:
            main(words)
        assert caught.value.code == exits.USAGE
        shown = capsys.readouterr()
        assert shown.out == ""
        said[lang] = shown.err.splitlines()[-1].split(": ", 2)
    program, word, problem = said["da_DK.UTF-8"]
    assert (program, word) == (said["C"][0], "fejl")
    english = {
        w
        for w in re.findall(r"[a-z]+", said["C"][2])
        if w
        in set(
            "argument invalid choose \
        expected required the following unrecognized explicit ignored must not could match value".split()
        )
    }
    assert english
    assert not english & set(re.findall(r"[a-zæøå]+", problem))


def both(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[int, str, str]]:
    found = {}
    for lang in ("en", "da"):
        code = main([*words, "--language", lang])
        shown = capsys.readouterr()
        found[lang] = (code, shown.out, shown.err)
    return found


@pytest.mark.parametrize(
    "words",
    [
        ["codebook", "show", "--file", str(CODEBOOK)],
        ["codebook", "search", "indlæggelse", "--file", str(CODEBOOK)],
        ["codebook", "search", "admission", "--file", str(CODEBOOK)],
        ["query", "list", "--client", "none.yaml"],
        ["codebook", "show", "--file", str(ROOT / "pyproject.toml")],
        ["sandbox", "run", str(ROOT / "docs"), "--query", "none"],
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_json_is_the_same_in_both_languages(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = both([*words, "--json"], capsys)
    assert found["en"] == found["da"]
    assert json.loads(found["en"][1] or found["en"][2])
    people = both(words, capsys)
    assert people["en"][0] == people["da"][0] == found["en"][0]
    assert people["en"] != people["da"]


def test_what_a_node_reads_is_told_in_danish(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate(tmp_path / "data", 300)
    made = make(read_folder(FOLDER, tmp_path / "data"), tmp_path / "work", today=datetime.now(UTC).date())
    made.write_addresses("127.0.0.1:1")
    check = ["node", "check", "--config", str(made.nodes["region"]), "--until", "2026-01-01"]
    report = {lang: json.loads(out) for lang, (_, out, _) in both([*check, "--json"], capsys).items()}
    assert {**report["en"], "snapshot": ""} == {**report["da"], "snapshot": ""}
    shown = both(check, capsys)["da"][1]
    assert "rækker læst" in shown
    assert "sektor region: cirka 300 borgere" in shown
    assert "bemærket: cpr-modulus-11" in shown
    assert not re.search(r"\b(rows|kept|missing|looks|citizens|mean|noted)\b", shown)


def test_a_status_is_told_in_words() -> None:
    from samklang.analyst.status import Status

    now = datetime.now(UTC)
    status = Status("q", "running", "shuffle1", 0.35, 2, 3, (), now, now, "sha256:0")
    assert describe(status) == " 35 % running (first shuffle done) (attempt 2 of 3)"
    assert describe(status, "da") == " 35 % kører (første blanding er klar) (forsøg 2 af 3)"
    assert translate("da", "never heard of") == "never heard of"
    assert say("en", "saved {file}", file="a.csv") == "saved a.csv"


def test_states_and_stages_are_those_of_the_protocol() -> None:
    from samklang.protocol.messages import STAGES
    from samklang.v1 import federation_pb2 as v1

    names = {n.removeprefix("QUERY_STATE_").lower().replace("_", "-") for n in v1.QueryState.keys()}  # noqa: SIM118
    assert {*messages.STATES} == names - {"unspecified"}
    roles = (ROOT / "core" / "samklang" / "protocol" / "roles").glob("*.py")
    sources = [role.read_text() for role in roles]
    told = {n for text in sources for n in re.findall(r'Progress\((?:"(\w+)"|\w+)\)', text) if n}
    # What is opened once for the table is opened once more for a margin.
    opened = {n for text in sources for n in re.findall(r'Progress\(f"\{prefix\}(\w+)"\)', text)}
    shuffles = {stage.split("/")[0] for stage in STAGES if stage.startswith("shuffle")}
    margins = {f"margin/{name}" for name in (*opened, "shuffle2")}
    assert told | opened | shuffles | margins == {*messages.STAGES}


@pytest.mark.parametrize("code", [code for code in CATALOGUE if code.startswith("ledger-")])
def test_a_ledger_that_is_empty_says_no_and_one_that_is_broken_fails(code: str) -> None:
    assert exits.of_error(code) == (exits.DENIED if code == "ledger-cap" else exits.FAILED)

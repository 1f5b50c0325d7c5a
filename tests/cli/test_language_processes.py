"""A question asked in Danish, over real processes: what is told on the way, the table, the list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.population import generate

from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.federation import Sandbox

pytestmark = pytest.mark.processes

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "federation"
ENGLISH = re.compile(
    r"\b(running|done|shuffle|rows|tables|release|releasing|authorising|submitted|cells|shown|count|low|high|"
    r"attempt|saved|query|state|stage|started|ready|listens|keys|process)\b"
)


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, told: list[str]) -> Iterator[Sandbox]:
    data = tmp_path_factory.mktemp("data")
    generate(data, 3000)
    with Sandbox(FOLDER, data=data, progress=told.append, lang="da") as running:
        yield running


def test_from_question_to_table_in_danish(
    sandbox: Sandbox, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(told) == 9
    assert not [line for line in told if ENGLISH.search(line.replace("coordinator", ""))]
    who = ["--client", str(sandbox.client_config)]
    question = str(sandbox.blueprint.query("four-axes"))
    submit = ["query", "submit", question, "--watch", "--save", str(tmp_path / "svar.csv"), *who]
    assert main([*submit, "--language", "da"]) == exits.OK
    shown = capsys.readouterr()
    assert not ENGLISH.search(shown.err)
    first, *progress = [line for line in shown.err.splitlines() if not line.startswith("gemt: ")]
    query = first.removeprefix("forespørgsel ")
    assert progress[-1] == "100 % færdig"
    assert any("kører (åbning er klar)" in line for line in progress)
    assert shown.err.count("gemt: ") == 3, "the table, its header and the receipts"
    title, *rows = shown.out.splitlines()
    assert title.startswith("Alder x hjemmepleje")
    for word in ("Alder", "Hjemmepleje", "80 og derover", "Sengedage", "gennemsnit", "borgere"):
        assert word in shown.out
    assert not re.search(r"bed_days|ABSENT|180\+", shown.out)
    assert re.search(r" \d,\d+ (?:±|\()\d,\d", shown.out), "means with a decimal comma"
    assert any(row.endswith("celler vises.") for row in rows)
    assert "count_low" in (tmp_path / "svar.csv").read_text().splitlines()[0], "files are for machines"

    outputs = {}
    for lang in ("en", "da"):
        for words in (["show", query], ["list"], ["watch", query], ["plan", question]):
            assert main(["query", *words, *who, "--json", "--language", lang]) == exits.OK
            shown = capsys.readouterr()
            assert shown.err == ""
            outputs[lang, words[0]] = json.loads(shown.out)
    for action in ("show", "list", "watch", "plan"):
        assert outputs["en", action] == outputs["da", action]

    assert main(["query", "list", *who, "--language", "da"]) == exits.OK
    heading, _, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["forespørgsel", "tilstand", "trin", "indsendt", "opbevares", "til", "titel"]
    assert row.split()[:2] == [query, "færdig"]
    assert row.endswith("Alder x hjemmepleje x indlæggelser x kontakter")

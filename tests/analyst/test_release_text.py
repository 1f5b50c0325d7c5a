"""What an analyst reads in a terminal: words in the language asked for, and what isn't there is said."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.analyst.releases import release

from samklang.analyst.labels import label, level_labels
from samklang.analyst.release import Release
from samklang.cli import exits
from samklang.cli.main import main
from samklang.coordinator.release.axes import SPECIAL
from samklang.errors import Language
from samklang.protocol import encodings

LANGUAGES: tuple[Language, ...] = ("en", "da")
SPECIALS = ["ABSENT", "PRESENT", "MISSING", "CONFLICT", "START-ONLY", "END-ONLY"]
QUARTILES = [
    {"axis": "a", "levels": {"b": b}, "p": p, "band": "a1", "interval": ["a1", high]}
    for (b, high), p in itertools.product((("b0", "a1"), ("b1", "a2")), ("0.25", "0.9"))
]


def saved(drawn: Release, tmp_path: Path) -> str:
    path = tmp_path / "answer.json"
    drawn.to_json(path)
    return str(path)


@pytest.fixture
def measured() -> Release:
    return release((3, 2), lambda at: 5 if at == (0, 1) else 1234, mean=4.0, quantiles=QUARTILES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_stand_for_names_and_ids_can_be_had(measured: Release, lang: Language) -> None:
    text = measured.to_text(lang=lang)
    axis, level, measure = {
        "en": ("A ", "a level 1", "Bed days: sum ± 95 %"),
        "da": ("A-da ", "a niveau 1", "Sengedage: sum ± 95 %"),
    }[lang]
    for word in (axis, level, measure):
        assert word in text
    assert not re.search(r"\ba1\b|(?<!Bed )days: ", text)
    named = measured.to_text(lang=lang, ids=True)
    assert re.search(r"^a +b ", named, re.MULTILINE)
    assert re.search(r"^a1 +b0 ", named, re.MULTILINE)
    assert "days: sum" in named
    assert level not in named


@pytest.mark.parametrize("lang", LANGUAGES)
def test_levels_that_no_banding_names_are_words(lang: Language) -> None:
    drawn = release((len(SPECIALS),))
    for level, name in zip(drawn.document["axes"][0]["levels"], SPECIALS, strict=True):
        level.clear()
        level["id"] = name
    for cell, name in zip(drawn.document["cells"], SPECIALS, strict=True):
        cell["levels"] = {"a": name}
    text = drawn.to_text(lang=lang)
    for name in SPECIALS:
        assert name not in text
        assert label({"id": name}, lang) in text
        assert name in drawn.to_text(lang=lang, ids=True)


def test_the_coordinator_labels_every_such_level_alike() -> None:
    made = {encodings.ABSENT, encodings.MISSING, encodings.START_ONLY, encodings.END_ONLY, "PRESENT"}
    assert {*SPECIAL} == made
    for name, words in SPECIAL.items():
        assert {lang: label({"id": name}, lang) for lang in LANGUAGES} == words


def test_two_levels_of_one_label_are_told_apart_by_their_ids() -> None:
    levels = [{"id": i, "label": {"en": "Other", "da": "Andet"}} for i in ("x", "y")]
    assert level_labels([{"name": "a", "levels": levels}], "da") == {
        "a": {"x": "Andet (x)", "y": "Andet (y)"}
    }


def test_the_title_is_there_where_it_is_known_and_the_period_with_it() -> None:
    drawn = release((2, 2))
    assert drawn.to_text().startswith("Older citizens (2025)\n")
    assert drawn.to_text(lang="da").startswith("Ældre borgere (2025)\n")
    del drawn.document["title"]
    assert "2025" not in drawn.to_text()


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "The table is empty: no cell reached 27 in 2025."),
        ("da", "Tabellen er tom: ingen celle nåede op på 27 i 2025."),
    ],
)
def test_an_empty_table_is_said_to_be_empty(lang: Language, said: str) -> None:
    text = release((2, 2), lambda at: 3).to_text(lang=lang)
    assert said in text
    assert "Nothing is shown of" not in text


def test_levels_of_which_nothing_is_shown_are_named(measured: Release) -> None:
    assert "Nothing is shown of" not in measured.to_text()
    without = release((3, 2), lambda at: 3 if at[0] > 0 else 500)
    assert "Nothing is shown of A: a level 1, a level 2." in without.to_text()
    assert "Der vises intet om A-da: a niveau 1, a niveau 2." in without.to_text(lang="da")


@pytest.mark.parametrize(("low", "said"), [("0", True), ("1", False)])
def test_a_year_without_anything_to_sum_is_said(measured: Release, low: str, said: bool) -> None:
    cells = [cell for cell in measured.document["cells"] if cell["shown"]]
    for cell in cells:
        cell["days"] |= {"sum": "12.5", "sum_interval": ["0", "70"]}
    cells[-1]["days"]["sum_interval"][0] = low
    assert ("Bed days: no cell's sum can be told from 0 in 2025;" in measured.to_text()) is said
    assert ("Sengedage: ingen celles sum kan skelnes fra 0 i 2025;" in measured.to_text(lang="da")) is said


@pytest.mark.parametrize("width", [40, 60, 100])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_wider_than_the_terminal(measured: Release, lang: Language, width: int) -> None:
    assert max(map(len, measured.to_text(lang=lang, width=width).splitlines())) <= width


COMPUTED: list[tuple[list[str], str, str]] = [
    (["--shares"], "share ± 95 %", "andel ± 95 %"),
    (["--by", "a"], "cells not shown", "celler ikke vist"),
    (["--simultaneous"], "citizens ± 95 % together", "borgere ± 95 % samlet"),
    (["--quantiles"], "lower quartile", "nedre kvartil"),
]


@pytest.mark.parametrize(("option", "english", "danish"), COMPUTED)
def test_what_is_computed_reads_in_both_languages(
    measured: Release,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: list[str],
    english: str,
    danish: str,
) -> None:
    path = saved(measured, tmp_path)
    for lang, heading, level in (("en", english, "a level 1"), ("da", danish, "a niveau 1")):
        assert main(["release", "show", path, *option, "--language", lang]) == exits.OK
        text = capsys.readouterr().out
        assert heading in text
        assert level in text
        assert not re.search(r"None|nan|_|\ba1\b", text)
        assert main(["release", "show", path, *option, "--language", lang, "--ids"]) == exits.OK
        assert re.search(r"\ba1\b", capsys.readouterr().out)


def test_danish_decimals_are_danish(
    measured: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(measured, tmp_path)
    assert main(["release", "show", path, "--shares", "--language", "da"]) == exits.OK
    assert re.search(r" 20,0 % ±0,\d$", capsys.readouterr().out, re.MULTILINE)
    assert main(["release", "show", path, "--shares"]) == exits.OK
    assert re.search(r" 20\.0% ±0\.\d$", capsys.readouterr().out, re.MULTILINE)


def test_quartiles_name_the_level_and_what_noise_leaves_open(
    measured: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(measured, tmp_path)
    assert main(["release", "show", path, "--quantiles", "--language", "da"]) == exits.OK
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"B-da +nedre kvartil +90 %-fraktil", lines[1])
    assert any(re.fullmatch(r"b niveau 0( +a niveau 1){2}", line) for line in lines)
    assert lines[-1].count("a niveau 1 (a niveau 1 til a niveau 2)") == 2


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--quantiles", "There are no quartiles"),
        ("--margin", "There is no margin"),
        ("--shares", "No cell is shown"),
    ],
)
def test_what_there_is_none_of_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, said: str
) -> None:
    path = saved(release((2, 2), lambda at: 3), tmp_path)
    assert main(["release", "show", path, option]) == exits.OK
    assert said in capsys.readouterr().out


def test_machines_get_ids_whatever_people_read(
    measured: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(measured, tmp_path)
    shown: list[Any] = []
    for words in (["--language", "da"], ["--ids"]):
        assert main(["release", "show", path, "--shares", "--json", *words]) == exits.OK
        shown.append(json.loads(capsys.readouterr().out))
    assert shown[0] == shown[1]
    assert {row["a"] for row in shown[0]} == {"a0", "a1", "a2"}

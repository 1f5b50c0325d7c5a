"""docs/errors.md says what the catalogue says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from samklang.errors import CATALOGUE
from samklang.errors.reference import AREAS, BEGIN, END, fill, main, tables

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "errors.md"


def test_the_document_is_up_to_date() -> None:
    if main(["--check", str(DOCUMENT)]):
        pytest.fail("run: python -m samklang.errors.reference docs/errors.md")


def test_every_code_has_one_row_with_both_languages_and_a_link_target() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert sorted(re.findall(r'<a id="([a-z-]+)"></a>', text)) == sorted(CATALOGUE)
    for row in (line for line in text.splitlines() if line.startswith("| <a ")):
        code, english, danish, seen = (cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1])
        entry = CATALOGUE[code.split("`")[1]]
        assert seen == ("everybody in the query" if entry.public else "this process alone")
        for cell, what, fix in ((english, entry.what, entry.fix), (danish, entry.what_da, entry.fix_da)):
            words = re.findall(
                r"\w+", re.sub(r"\{\w+(!r|:\w+\|(?P<many>\w+))?\}", r"\g<many>", f"{what} {fix}")
            )
            assert words == re.findall(r"\w+", re.sub(r"‹\w+›|<br>", "", cell))


def test_every_area_has_codes() -> None:
    assert {code.split("-")[0] for code in CATALOGUE} == AREAS.keys()
    assert tables().count("\n### ") == len(AREAS) - 1


def test_a_stale_or_unmarked_document_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "errors.md"
    file.write_text(f"a\n{BEGIN}\nold\n{END}\nb\n", encoding="utf-8")
    assert main(["--check", str(file)]) == 1
    assert "old" in file.read_text(encoding="utf-8")
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0
    assert file.read_text(encoding="utf-8").endswith(f"{END}\nb\n")
    with pytest.raises(ValueError, match="markers"):
        fill("no markers")


def test_the_example_is_what_the_command_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from samklang.cli.output import Output
    from samklang.model.loading import loads
    from samklang.model.problems import DocumentErrors
    from samklang.model.query import Draft

    example = DOCUMENT.read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    with pytest.raises(DocumentErrors) as caught:
        loads(b"axis: []\n", Draft, "query.yaml")
    Output(lang="en").error(caught.value)
    shown = capsys.readouterr().err
    assert example.split(": ", 1)[1] in shown

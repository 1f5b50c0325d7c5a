"""The list of what can be asked, over every sample codebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from samklang.analyst.vocabulary import COLUMNS, entries
from samklang.cli import exits
from samklang.cli.main import main
from samklang.model.codebook import Codebook, Measure
from samklang.model.loading import load

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [*ROOT.glob("policies/*"), ROOT / "benchmarks" / "federation"]
CODEBOOKS = sorted(path for folder in FOLDERS if (path := folder / "codebook.yaml").exists())


@pytest.mark.parametrize("path", CODEBOOKS, ids=lambda path: path.parent.name)
def test_everything_that_can_be_asked_is_listed(path: Path) -> None:
    codebook = load(path, Codebook).document
    listed = {entry["name"] for entry in entries(codebook)}
    for name, variable in codebook.variables.items():
        if isinstance(variable, Measure):
            assert name in listed
        else:
            assert {f"{name}/{banding}" for banding in variable.bandings} <= listed
    assert codebook.target_groups.keys() <= listed
    assert all(tuple(entry) == COLUMNS for entry in entries(codebook, "da"))


def test_search_finds_names_and_labels_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    file = ["--file", str(CODEBOOKS[0])]
    codebook = load(CODEBOOKS[0], Codebook).document
    label = next(iter(codebook.variables.values())).label.da
    assert [e["label"] for e in entries(codebook, "da", label.upper())]
    assert main(["codebook", "show", *file, "--search", label, "--language", "da"]) == exits.OK
    assert label in capsys.readouterr().out
    assert main(["codebook", "show", *file, "--search", "no such thing"]) == exits.OK
    assert "Nothing found." in capsys.readouterr().out

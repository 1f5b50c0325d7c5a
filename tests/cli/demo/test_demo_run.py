"""The demonstration as its user runs it, on a smaller town: four processes, three questions, files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "samklang.cli", "demo", "--out", str(out), "--residents", "30000"]
    done = subprocess.run([*command, "--language", "da"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_tables_say_how_well_each_figure_is_known(shown: tuple[Path, str]) -> None:
    _, text = shown
    assert "Ældre medicinske patienter efter behov og område" in text
    assert "gennemsnit af Sengedage" in text
    assert text.count("Hvor langt fra sandheden") == 3
    assert " ±" in text


@pytest.mark.parametrize("name", ["elderly-medical", "elderly-burden", "stress-anxiety-depression"])
def test_files_are_there_and_agree(shown: tuple[Path, str], name: str) -> None:
    out, _ = shown
    document = json.loads((out / f"{name}.json").read_bytes())
    csv, parquet = pd.read_csv(out / f"{name}.csv"), pd.read_parquet(out / f"{name}.parquet")
    assert len(csv) == len(parquet) == len(document["cells"])
    assert csv["count"].dropna().tolist() == [c["count"] for c in document["cells"] if c["shown"]]
    assert (out / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (out / f"{name}.svg").read_bytes()[:1000]


def test_a_second_run_uses_the_same_citizens(shown: tuple[Path, str]) -> None:
    out, _ = shown
    (data,) = out.glob("data-*")
    assert data.name == "data-30000-1"
    assert (data / ".complete").is_file()

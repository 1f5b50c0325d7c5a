"""``samklang node check`` on real files: it reads what the node would read and shows no small number."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from benchmarks.population import generate

from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox.folder import read_folder
from samklang.cli.sandbox.material import Material, make

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "federation"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    generate(tmp_path / "data", 2000)
    return tmp_path / "data"


def material(tmp_path: Path, data: Path) -> Material:
    made = make(read_folder(FOLDER, data), tmp_path / "work", today=datetime.now(UTC).date())
    made.write_addresses("127.0.0.1:1")
    return made


def test_every_node_reads_its_tables(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = material(tmp_path, data)
    for name, path in made.nodes.items():
        assert main(["node", "check", "--config", str(path), "--json"]) == exits.OK
        report = json.loads(capsys.readouterr().out)
        assert [t["rows_kept"] for t in report["tables"].values()] == [2000]
        assert list(report["sectors"]) == [name]
        assert not [*path.parent.glob("state/*")]
    assert (
        main(["node", "check", "--config", str(made.nodes["kommune"]), "--until", "2026-01-01"]) == exits.OK
    )
    shown = capsys.readouterr().out
    assert "age five" in shown
    assert "0-17=" in shown


def test_a_missing_file_is_named_and_no_citizen_is_shown(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.read_parquet(data / "region.parquet")
    (data / "gp.parquet").unlink()
    made = material(tmp_path, data)
    assert main(["node", "check", "--config", str(made.nodes["gp"])]) == exits.DOCUMENT
    assert "error: node-" in capsys.readouterr().err
    assert main(["node", "check", "--config", str(made.nodes["region"])]) == exits.OK
    shown = "".join(capsys.readouterr())
    assert not [cpr for cpr in frame["cpr"] if cpr in shown]


def test_an_altered_codebook_is_refused(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = material(tmp_path, data)
    path = tmp_path / "work" / "documents" / "codebook.json"
    envelope = json.loads(path.read_text())
    envelope["payload"] = envelope["payload"][:-8] + "AAAA" + envelope["payload"][-4:]
    path.write_text(json.dumps(envelope))
    assert main(["node", "check", "--config", str(made.nodes["gp"])]) == exits.DOCUMENT
    assert "error: identity-" in capsys.readouterr().err

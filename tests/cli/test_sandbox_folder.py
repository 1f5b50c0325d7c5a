"""Which manifest a folder's federation is: by its name in the folder, or by a path to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from samklang.cli import exits
from samklang.cli.main import main
from samklang.cli.sandbox import folder
from samklang.cli.sandbox.folder import read_folder
from samklang.errors import SamklangError

ODENSE = Path(__file__).resolve().parents[2] / "policies" / "integrated-care"


def nodes(federation: str) -> list[str]:
    return sorted(read_folder(ODENSE, federation=federation).nodes)


def test_a_manifest_is_named_or_pointed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    three = ["almen-praksis", "odense-kommune", "region-syddanmark"]
    assert nodes("federation-three.yaml") == nodes(str(ODENSE / "federation-three.yaml")) == three
    monkeypatch.chdir(ODENSE.parent)
    assert nodes("integrated-care/federation-three.yaml") == three
    monkeypatch.chdir(ODENSE)
    assert len(nodes("federation.yaml")) == 6


def test_a_manifest_elsewhere_is_not_the_folder_s(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_bytes((ODENSE / "federation.yaml").read_bytes())
    with pytest.raises(SamklangError, match="sandbox-folder"):
        read_folder(ODENSE, federation="other.yaml")


def test_where_only_the_analyst_s_part_is_installed_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(folder, "find_spec", lambda name: None if name == "duckdb" else object())
    for words in (["sandbox", "run", str(ODENSE), "--query", "x"], ["demo", "--out", str(tmp_path / "out")]):
        assert main(words) == exits.DOCUMENT
        assert "samklang[node,coordinator]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

"""The sample policies' cases hold and cover every clause; a wrong case and an uncovered clause are found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from samklang.cli import exits
from samklang.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((ROOT / "policies").glob("*/policies/*.cases.yaml"))


@pytest.mark.parametrize("cases", CASES, ids=lambda path: f"{path.parts[-3]}-{path.name.split('.')[0]}")
def test_a_sample_s_cases_cover_its_policy(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["policy", "test", "--json", str(cases)])
    (report,) = json.loads(capsys.readouterr().out)
    assert report["failures"] == report["uncovered"] == []
    assert code == exits.OK
    assert report["changes_tried"] > 50


def test_every_integrated_care_policy_has_cases() -> None:
    folder = ROOT / "policies" / "integrated-care" / "policies"
    policies = {p.stem for p in folder.glob("*.yaml") if not p.name.endswith(".cases.yaml")}
    assert policies == {p.name.removesuffix(".cases.yaml") for p in CASES if p.parent == folder}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "policies" / "integrated-care", tmp_path / "f")
    return tmp_path / "f" / "policies"


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_wrong_expectation_is_shown_with_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(folder / "ouh.cases.yaml", "decision: deny\n    reasons: [policy-axes]", "decision: permit")
    assert main(["policy", "test", str(folder / "ouh.yaml"), "--language", "da"]) == exits.DOCUMENT
    said = capsys.readouterr().out
    line = (folder / "ouh.cases.yaml").read_text(encoding="utf-8").split("At most four axes")[0].count(
        "\n"
    ) + 1
    assert f"ouh.cases.yaml:{line}:" in said
    assert "afgørelse: forventet permit, men politikken siger deny" in said
    assert "begrundelser: forventet intet, men politikken siger policy-axes" in said


def test_a_clause_without_a_case_is_shown_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "ouh.cases.yaml"
    edited(path, "{today: 2025-12-31}, ", "")
    assert main(["policy", "test", "--json", str(path)]) == exits.DOCUMENT
    (report,) = json.loads(capsys.readouterr().out)
    assert report["failures"] == []
    (missed,) = report["uncovered"]
    assert (missed["clause"], missed["was"], missed["now"]) == (
        "policy.valid.from",
        "2026-01-01",
        "2025-12-31",
    )
    assert "ouh.yaml:2:" in missed["at"]


def test_a_question_can_be_the_base(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "ouh.cases.yaml").write_text(
        "policy: ouh.yaml\nfederation: ../federation.yaml\ncodebook: ../codebook.yaml\n"
        "base: {question: ../queries/need-by-area.yaml, organisation: odense-kommune, role: analyst, "
        "today: 2026-06-01}\n"
        "cases:\n  - {name: asked, decision: permit}\n"
        "  - {name: dear, but: {epsilon: 3}, decision: deny, reasons: [policy-epsilon]}\n",
        encoding="utf-8",
    )
    assert main(["policy", "test", "--cases-only", str(folder / "ouh.yaml")]) == exits.OK
    edited(folder / "ouh.cases.yaml", "role: analyst, ", "")
    assert main(["policy", "test", "--cases-only", str(folder / "ouh.yaml")]) == exits.DOCUMENT
    assert "policy-case-incomplete" in capsys.readouterr().err


def test_approvers_that_no_case_names_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where they aren't expected, another key and one person more pass unnoticed."""
    path = folder / "ouh.cases.yaml"
    text = path.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.strip().startswith("approvers:")]
    path.write_text(text.replace(line + "\n", ""), encoding="utf-8")
    assert main(["policy", "test", "--json", str(path)]) == exits.DOCUMENT
    (report,) = json.loads(capsys.readouterr().out)
    found = {missed["clause"].rpartition(".")[2] for missed in report["uncovered"]}
    assert found == {"key", "somebody-else"}


def test_another_approver_than_expected_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "ouh.cases.yaml"
    edited(path, "approvers: {", f'approvers: {{eve: {{role: data-steward, key: "ed25519:{"E" * 43}="}}, ')
    assert main(["policy", "test", "--cases-only", str(path)]) == exits.DOCUMENT
    said = capsys.readouterr().out
    assert "eve (data-steward, ed25519:EEEE" in said

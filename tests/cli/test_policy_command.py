"""``samklang policy``: what it says, in both languages and for machines, and what its exit codes say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from samklang.cli import exits
from samklang.cli.main import main
from samklang.identity.keys import SigningKey

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "policies" / "integrated-care", tmp_path / "f")
    return tmp_path / "f"


def called(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, Any]:
    code = main(["policy", *map(str, words), "--json"])
    read = capsys.readouterr()
    return code, json.loads(read.out or read.err)


def edited(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_explained_in_danish(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "explain", str(folder / "policies" / "ouh.yaml"), "--language", "da"]) == exits.OK
    said = capsys.readouterr().out
    assert "Hvem må spørge: analyst hos odense-kommune eller region-syddanmark." in said
    assert "Hvad kan de præcist få at vide?" in said
    assert said.splitlines()[-1].startswith("sha256:")


def test_a_question_is_refused_by_the_clause_and_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "policies" / "ouh.yaml"
    question = folder / "queries" / "need-by-area.yaml"
    who = ("--organisation", "odense-kommune", "--role", "analyst", "--today", "2026-06-01")
    code, said = called(capsys, "explain", path, "--query", question, *who)
    assert (code, said["decision"]) == (exits.OK, "permit")
    edited(path, "max_axes: 4", "max_axes: 2")
    code, said = called(capsys, "explain", path, "--query", question, *who)
    (reason,) = said["reasons"]
    line = path.read_text(encoding="utf-8").split("max_axes")[0].count("\n") + 1
    assert code == exits.DENIED
    assert (reason["code"], reason["clause"]) == ("policy-axes", "grants[0].max_axes")
    assert f"ouh.yaml:{line}:" in reason["at"]
    assert said["query"], "an axis less"
    assert said["policy"] == [{"place": "grants[0].max_axes", "old": 2, "new": 3}]
    edited(path, "approval: {mode: auto,", "approval: {mode: manual,")
    edited(path, "max_axes: 2", "max_axes: 3")
    assert called(capsys, "explain", path, "--query", question, *who)[0] == exits.PENDING
    code, said = called(capsys, "explain", path, "--query", question)
    assert (code, said["error"]["code"]) == (exits.USAGE, "policy-asker")


def test_wider_and_narrower_have_their_exit_codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = folder / "policies" / "ouh.yaml"
    new = Path(shutil.copy(old, folder / "policies" / "new.yaml"))
    around = ("--federation", folder / "federation.yaml", "--codebook", folder / "codebook.yaml")
    code, said = called(capsys, "diff", old, new, *around)
    assert (code, said["widened"], said["narrowed"], said["changes"]) == (exits.OK, False, False, [])
    edited(new, "min_count: 5", "min_count: 9")
    code, said = called(capsys, "diff", old, new, *around)
    assert (code, said["widened"], said["narrowed"]) == (exits.OK, False, True)
    edited(new, "year: {epsilon: 4}", "year: {epsilon: 5}")
    code, said = called(capsys, "diff", old, new, *around)
    assert (code, said["widened"]) == (exits.OK, False), "the federation's floor allows 4, whatever it says"
    edited(old, "year: {epsilon: 4}", "year: {epsilon: 3}")
    code, said = called(capsys, "diff", old, new, *around)
    assert (code, said["widened"]) == (exits.WIDENED, True)
    assert {text["place"] for text in said["texts"]} == {
        "defaults.min_count",
        "grants[0].budget.year.epsilon",
    }


def test_cases_are_linted_as_cases_and_are_no_policy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = folder / "policies" / "ouh.cases.yaml"
    code, said = called(capsys, "lint", folder / "policies" / "ouh.yaml", cases)
    assert code == exits.OK
    assert [report["policy"] for report in said] == [said[0]["policy"]] * 2
    assert said[1]["requests"] >= said[1]["cases"] > 3
    assert main(["policy", "lint", str(cases), "--language", "da"]) == exits.OK
    assert f"{cases}: testtilfælde til" in capsys.readouterr().out
    edited(cases, "decision: permit", "decision: perhaps")
    assert main(["policy", "lint", str(cases)]) == exits.DOCUMENT
    assert f"{cases}:" in capsys.readouterr().err
    assert main(["policy", "explain", str(cases)]) != exits.OK
    assert "samklang policy test" in capsys.readouterr().err


def test_which_policy_holds_has_to_be_said_beside_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = str(folder / "policies" / "ouh.yaml")
    assert main(["policy", "simulate", draft, "--requests", draft]) != exits.OK
    assert "policy-no-against" in capsys.readouterr().err


def test_replayed_against_a_draft(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    today = folder / "policies" / "ouh.yaml"
    draft = Path(shutil.copy(today, folder / "policies" / "draft.yaml"))
    edited(today, "pathway, evaluate]", "pathway]")
    cases = folder / "policies" / "ouh.cases.yaml"
    code, said = called(capsys, "simulate", draft, "--against", today, "--requests", cases)
    assert code == exits.WIDENED
    assert [row["before"]["codes"] for row in said["changed"]] == [["policy-operation"]]
    code, said = called(capsys, "simulate", today, "--against", draft, "--requests", cases)
    assert (code, said["wider"], len(said["changed"])) == (exits.OK, 0, 1)


def test_two_sign_what_they_have_seen(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, one, both = folder / "policies" / "ouh.yaml", tmp_path / "1.json", tmp_path / "2.json"
    keys = {"controller": SigningKey.generate(), "dpo": SigningKey.generate()}
    for name, key in keys.items():
        key.save(tmp_path / name)
    signers = [w for n, k in keys.items() for w in ("--signer", f"{n}={k.verify_key.text}")]
    code, said = called(capsys, "sign", path, "--key", tmp_path / "controller", "--out", one)
    assert (code, said["error"]["code"]) == (exits.DOCUMENT, "policy-sign-digest")
    assert not one.exists()
    digest = said["error"]["what"].split(" is ")[1].split(";")[0]
    first = ("sign", path, "--digest", digest, "--key")
    assert called(capsys, *first, tmp_path / "controller", "--out", one)[0] == exits.OK
    code, said = called(capsys, "verify", one, *signers)
    assert (code, [s["signed"] for s in said["signers"]]) == (exits.DOCUMENT, [True, False])
    assert called(capsys, *first, tmp_path / "dpo", "--onto", one, "--out", both)[0] == exits.OK
    code, said = called(capsys, "verify", both, *signers)
    assert (code, said["digest"], [s["as"] for s in said["signers"]]) == (
        exits.OK,
        digest,
        ["controller", "dpo"],
    )
    stranger = SigningKey.generate().verify_key.text
    code, said = called(capsys, "verify", both, "--signer", f"dpo={stranger}")
    assert (code, len(said["unknown_keys"])) == (exits.DOCUMENT, 2)
    assert called(capsys, "explain", both, "--federation", folder / "federation.yaml",
                  "--codebook", folder / "codebook.yaml")[1]["digest"] == digest  # fmt: skip


def test_samples_have_no_warnings_but_the_known_one(capsys: pytest.CaptureFixture[str]) -> None:
    folder = ROOT / "policies" / "integrated-care" / "policies"
    files = [p for p in sorted(folder.glob("*.yaml")) if not p.name.endswith(".cases.yaml")]
    code, said = called(capsys, "lint", *files)
    assert code == exits.OK
    assert {w["code"] for report in said for w in report["warnings"]} <= {"policy-lint-unused"}


def test_schemas_for_editors(capsys: pytest.CaptureFixture[str]) -> None:
    for option, name in (([], "policy.json"), (["--cases"], "cases.json")):
        code, said = called(capsys, "schema", *option)
        assert code == exits.OK
        assert said == json.loads((ROOT / "policies" / "schema" / name).read_text(encoding="utf-8"))

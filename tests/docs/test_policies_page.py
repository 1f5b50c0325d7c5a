"""docs/policies.md: its commands exist, its cases hold, its exit codes are the program's."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

from samklang.cli import exits
from samklang.cli.main import main, parser

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return [textwrap.dedent(b) for b in re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE)]


def test_every_command_can_be_given() -> None:
    commands = re.findall(r"^    samklang (.*)$", PAGE, re.MULTILINE)
    assert len(commands) >= 8
    for command in commands:
        assert hasattr(parser().parse_args(shlex.split(command)), "run"), command


def test_the_cases_shown_hold(tmp_path: Path) -> None:
    (shown,) = [block for block in blocks() if block.startswith("policy:")]
    folder = ROOT / "policies" / "integrated-care"
    for name in ("federation.yaml", "codebook.yaml", "policies/ouh.yaml"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((folder / name).read_bytes())
    cases = tmp_path / "policies" / "ouh.cases.yaml"
    cases.write_text(shown, encoding="utf-8")
    assert main(["policy", "test", "--cases-only", str(cases)]) == exits.OK


def test_exit_codes_are_those_of_the_program() -> None:
    assert f"Exit code 0: permitted, {exits.PENDING}: a person has" in PAGE
    assert f"{exits.DENIED}: refused" in PAGE
    assert f"exit code {exits.WIDENED} if it allows" in PAGE
    assert f"Exit code {exits.DOCUMENT} if a case fails" in PAGE

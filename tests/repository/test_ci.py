"""``.ci/run`` repeats pytest's closing line and passes the exit code on; the documents name real commands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from samklang.cli.main import parser

ROOT = Path(__file__).resolve().parents[2]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def run_ci(folder: Path, output: str, status: int) -> subprocess.CompletedProcess[str]:
    """``.ci/run`` with a ``make`` of ours in the path."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    make = folder / "make"
    make.write_text(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\necho 'make: trouble' >&2\nexit {status}\n")
    make.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(
        [folder / ".ci" / "run"], env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("closing", "status"),
    [
        ("============ 3 passed in 0.12s ============", 0),
        ("90 passed in 11.76s", 0),
        ("============ no tests ran in 0.01s ============", 2),
        ("======= 1 failed, 900 passed, 2 skipped in 754.10s (0:12:34) =======", 2),
    ],
)
def test_the_closing_line_is_last(tmp_path: Path, closing: str, status: int) -> None:
    done = run_ci(tmp_path, f"setting up\n{closing}\nsomething after", status)
    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == closing
    assert "setting up" in done.stdout
    assert "make: trouble" in done.stdout


def test_a_run_without_tests_says_so(tmp_path: Path) -> None:
    done = run_ci(tmp_path, "the machine has no Python", 2)
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == "no tests were run"


def test_documents_name_real_targets() -> None:
    for document in (ROOT / "README.md", ROOT / "docs" / "development.md"):
        named = set(re.findall(r"(?:`| {4}|^)make ([a-z-]+)", document.read_text(), re.MULTILINE))
        assert named
        assert named <= TARGETS, document.name


def test_commands_in_the_readme_parse() -> None:
    lines = re.findall(r"^    \.venv/bin/samklang (.+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert lines
    for line in lines:
        assert hasattr(parser().parse_args(line.split()), "run")


def test_the_readme_lists_every_part() -> None:
    readme = (ROOT / "README.md").read_text()
    for folder in sorted(path.name for path in ROOT.iterdir() if (path / "samklang").is_dir()):
        assert f"`{folder}/`" in readme

"""The import rules have teeth: a forbidden import in a copy of the tree is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("protos", "core", "transport", "node", "coordinator", "analyst", "cli")
LINT = Path(sys.executable).with_name("lint-imports")


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(tree / part) for part in PARTS)
    # -S -P: neither the editable installation's folders nor the current one come before the copy.
    code = "import sys; from importlinter.cli import lint_imports_command as run; run()"
    site = str(Path(pytest.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-S", "-c", code, "--no-logo", "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((path, site))},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for part in PARTS:
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_the_rules(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("node/samklang/node/stray.py", "import samklang.coordinator", "layers"),
        ("analyst/samklang/analyst/stray.py", "import samklang.node", "layers"),
        ("transport/samklang/transport/stray.py", "import samklang.node", "layers"),
        ("core/samklang/model/stray.py", "import samklang.privacy", "layers"),
        ("core/samklang/identity/stray.py", "import samklang.model", "layers"),
        ("core/samklang/protocol/stray.py", "import samklang.transport", "layers"),
        ("core/samklang/protocol/stray.py", "import grpc", "Core knows no network"),
        ("node/samklang/node/stray.py", "import opendp.prelude", "Only samklang.privacy imports OpenDP"),
        ("analyst/samklang/analyst/stray.py", "import duckdb", "Only samklang.node imports database engines"),
    ],
)
def test_a_forbidden_import_is_found(tree: Path, file: str, line: str, contract: str) -> None:
    (tree / file).write_text(line + "\n")
    done = lint(tree)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout

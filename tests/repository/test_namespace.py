"""`samklang` is a PEP 420 namespace over seven parts: a stray ``__init__.py`` would hide six of them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("protos", "core", "transport", "node", "coordinator", "analyst", "cli")


@pytest.mark.parametrize("part", PARTS)
def test_no_init_in_the_namespace_folder(part: str) -> None:
    assert (ROOT / part / "samklang").is_dir()
    assert not list((ROOT / part / "samklang").glob("__init__.py*"))
    assert not list((ROOT / part).glob("__init__.py*"))


@pytest.mark.parametrize("part", PARTS)
def test_every_package_below_it_has_one(part: str) -> None:
    folders = {path.parent for path in (ROOT / part / "samklang").rglob("*.py")}
    packages = {folder for folder in folders if folder.name not in ("samklang", "v1")}
    assert [str(folder) for folder in sorted(packages) if not (folder / "__init__.py").exists()] == []


def test_packaging_type_checker_and_linter_know_the_same_parts() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == [f"{part}/samklang" for part in PARTS]
    assert wheel["dev-mode-dirs"] == list(PARTS)
    assert project["tool"]["mypy"]["mypy_path"].split(":") == list(PARTS)
    assert project["tool"]["ruff"]["src"] == list(PARTS)


def test_the_installed_namespace_spans_the_parts() -> None:
    code = "import samklang; print(samklang.__file__, *samklang.__path__, sep='\\n')"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    first, *places = shown.stdout.splitlines()
    assert first == "None"
    assert {Path(place) for place in places} >= {ROOT / part / "samklang" for part in PARTS}

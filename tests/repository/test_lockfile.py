"""The lock file is committed, current and names no place but PyPI."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def lock() -> dict[str, Any]:
    return tomllib.loads((ROOT / "uv.lock").read_text())


def test_only_pypi_is_named(lock: dict[str, Any]) -> None:
    hosts: set[str] = set()
    for package in lock["package"]:
        source = package["source"]
        if package["name"] == "samklang":
            assert source == {"editable": "."}
            continue
        assert set(source) == {"registry"}, package["name"]
        hosts.add(source["registry"])
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]:
            hosts.add(urlsplit(file["url"]).hostname)
            assert file["hash"].startswith("sha256:")
    assert hosts == {"https://pypi.org/simple", "files.pythonhosted.org"}


def test_every_declared_requirement_is_locked_at_a_version_it_allows(lock: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        declared += extra
    declared += project["dependency-groups"]["dev"]
    locked = {package["name"]: package["version"] for package in lock["package"]}
    for text in declared:
        requirement = Requirement(text)
        name = requirement.name.replace("_", "-").replace(".", "-").lower()
        assert name in locked, f"run `make lock`: {name} is missing"
        assert requirement.specifier.contains(locked[name], prereleases=True), f"run `make lock`: {name}"


def test_extras_are_those_of_the_project(lock: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (own,) = [package for package in lock["package"] if package["name"] == "samklang"]
    assert set(own["optional-dependencies"]) == set(project["project"]["optional-dependencies"])

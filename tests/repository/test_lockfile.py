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


def test_one_public_index_is_named_and_no_machine(lock: dict[str, Any]) -> None:
    indexes: set[str] = set()
    hosts: set[str | None] = set()
    for package in lock["package"]:
        source = package["source"]
        if package["name"] == "samklang":
            assert source == {"editable": "."}
            continue
        assert set(source) == {"registry"}, package["name"]
        indexes.add(source["registry"])
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]:
            assert urlsplit(file["url"]).scheme == "https"
            hosts.add(urlsplit(file["url"]).hostname)
            assert file["hash"].startswith("sha256:")
    # One index, one host of files, both with public names: no address, no machine, no port.
    assert len(indexes) == len(hosts) == 1
    for name in (*hosts, *(urlsplit(index).hostname for index in indexes)):
        assert name is not None
        assert name.count(".") >= 1
        assert name.rpartition(".")[2] in ("org", "com", "io", "net")


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

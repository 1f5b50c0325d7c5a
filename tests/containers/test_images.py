"""What is in the two images, and what isn't."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from tests.containers.engine import Engine

pytestmark = pytest.mark.containers

IMAGES = ("samklang-node", "samklang-coordinator")
HARDENED = (
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--network",
    "none",
)


def _sh(docker: Engine, image: str, script: str) -> str:
    return docker("run", "--rm", *HARDENED, "--entrypoint", "sh", image, "-c", script)


def _plain(names: Iterable[str]) -> set[str]:
    """As PyPI compares them (PEP 503)."""
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


@pytest.mark.parametrize("image", IMAGES)
def test_it_runs_as_nobody_in_particular_on_a_root_that_can_not_be_written(
    docker: Engine, image: str
) -> None:
    assert _sh(docker, image, "id -u").strip() == "10001"
    refused = _sh(docker, image, "touch /opt/samklang/x /etc/samklang/x /x 2>&1; echo done")
    assert refused.count("Read-only file system") == 3
    assert "usage: samklang" in docker("run", "--rm", *HARDENED, image, "--help")
    config: Any = docker.inspect(image)["Config"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][1] == "samklang"
    assert config["Volumes"] == {"/var/lib/samklang": {}}


@pytest.mark.parametrize("image", IMAGES)
def test_it_has_labels_and_a_bill_of_materials(docker: Engine, image: str) -> None:
    config: Any = docker.inspect(image)["Config"]
    labels = config["Labels"]
    assert labels["org.opencontainers.image.title"].startswith("Samklang")
    assert labels["org.opencontainers.image.version"]
    bill = json.loads(_sh(docker, image, f"cat {labels['dk.samklang.sbom']}"))
    assert bill["bomFormat"] == "CycloneDX"
    listed = {part["name"] for part in bill["components"]}
    installed = _sh(
        docker,
        image,
        "python -c 'import importlib.metadata as m; print(*{d.name for d in m.distributions()})'",
    )
    # What Debian's own Python brings along isn't ours to list.
    ours = _plain(installed.split()) - {"samklang", "pip", "setuptools", "wheel"}
    assert ours <= _plain(listed)
    assert {"grpcio", "cryptography", "opendp"} <= listed


@pytest.mark.parametrize("image", IMAGES)
def test_nothing_of_the_build_is_left(docker: Engine, image: str) -> None:
    left = _sh(docker, image, "ls /opt; ls /src 2>&1; command -v uv cc gcc strip git; ls /opt/samklang/bin")
    assert left.splitlines()[0] == "samklang"
    assert "No such file" in left
    assert not {"uv", "cc", "gcc", "strip", "git", "pip"} & {w.rpartition("/")[2] for w in left.split()}


@pytest.mark.parametrize(("image", "most"), [("samklang-node", 600), ("samklang-coordinator", 500)])
def test_it_is_as_small_as_its_libraries_let_it_be(docker: Engine, image: str, most: int) -> None:
    """Without the base, in MB: OpenDP, Arrow, DuckDB and pandas are nine tenths of it."""
    used = _sh(docker, image, "du -sm /opt/samklang | cut -f1")
    assert int(used) < most


def test_the_coordinator_has_no_database_engine(docker: Engine) -> None:
    tried = _sh(docker, "samklang-coordinator", "python -c 'import duckdb' 2>&1; echo")
    assert "ModuleNotFoundError" in tried

"""From the previous images to today's: what the parties have on record is still there, and goes on.

``deploy/previous`` names the commit that the previous images are built from, with its own recipe.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.containers.engine import CACHE, ROOT, Engine
from tests.containers.federation import NODES, Federation

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]

IMAGES = ("samklang-node", "samklang-coordinator")


@pytest.fixture(scope="module")
def previous(docker: Engine) -> Iterator[Path]:
    """The previous version's files, with its images under the names that compose files use."""
    commit = (ROOT / "deploy/previous").read_text().strip()
    command = ["git", "-C", str(ROOT), "archive", commit]
    archive = subprocess.run(command, capture_output=True, timeout=60)
    if archive.returncode:
        pytest.skip("upgrade: the previous version's commit isn't in this clone")
    place = CACHE / f"previous-{commit}"
    if not place.exists():
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(place, filter="data")
    for image in IMAGES:
        docker("tag", image, f"{image}:today")
        docker.build(image.removeprefix("samklang-"), f"{image}:previous", place)
        docker("tag", f"{image}:previous", image)
    try:
        yield place
    finally:
        for image in IMAGES:
            docker("tag", f"{image}:today", image)


class Upgraded(Federation):
    """A federation of its own, with volumes that outlive its containers."""

    def compose(self, *words: str, check: bool = True) -> str:
        command = ["docker-compose", "-p", "samklangupgrade", "-f", str(self.file), *words]
        return self.docker.run(command, check=check, seconds=300)

    def __init__(self, docker: Engine, file: Path) -> None:
        super().__init__(docker)
        self.file = file


def _ledgers(federation: Federation) -> dict[str, dict[str, Any]]:
    """Each node's ledger: id, number of entries, head of the chain."""
    return {
        node: federation.at(node, "ledger", "show", "--config", f"/home/node-{node}/config.yaml")["ledger"]
        for node in NODES
    }


def test_an_upgrade_keeps_what_is_on_record(docker: Engine, previous: Path) -> None:
    with Upgraded(docker, previous / "deploy/compose/demo.yaml") as federation:
        federation.ask("elderly-medical.yaml")
        before = _ledgers(federation)
        assert all(ledger["entries"] == 1 for ledger in before.values())
        for image in IMAGES:
            docker("tag", f"{image}:today", image)
        federation.compose("up", "--no-build", "--detach", "--force-recreate")
        federation.await_well()
        assert _ledgers(federation) == before
        federation.ask("elderly-burden.yaml")
        after = _ledgers(federation)
        for node in NODES:
            assert after[node]["entries"] == 2, node
            # The chain goes on from the head that the previous version wrote.
            known = ("--head", before[node]["head"], "--config", f"/home/node-{node}/config.yaml")
            federation.at(node, "ledger", "verify", *known)
            logged = federation.at(node, "audit", "show", "--config", f"/home/node-{node}/config.yaml")
            kinds = [entry["kind"] for entry in logged["shown"]]
            assert kinds.count("released") >= 1, node
            assert kinds.count("charged") == 2, node

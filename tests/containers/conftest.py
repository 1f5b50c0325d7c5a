"""Containers: images built once, and a federation of them, for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.containers.engine import Engine, engine
from tests.containers.federation import Federation


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    with engine() as running:
        for target in ("node", "coordinator"):
            running.build(target, f"samklang-{target}")
        yield running


@pytest.fixture(scope="session")
def federation(docker: Engine) -> Iterator[Federation]:
    with Federation(docker) as running:
        yield running

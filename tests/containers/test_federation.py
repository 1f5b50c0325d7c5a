"""The demonstration federation in containers: it answers, and what happens to containers doesn't break it.

In this order: asking, then faults, then the upgrade, on one federation.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest
from tests.containers.federation import NODES, SERVICES, Federation

pytestmark = [pytest.mark.containers, pytest.mark.timeout(900)]

QUESTION = "elderly-medical.yaml"


def _answered(release: dict[str, Any]) -> None:
    assert any(cell["shown"] for cell in release["cells"])
    assert {p["node"] for p in release["participants"]} == set(NODES)


def test_the_demonstration_is_answered(federation: Federation) -> None:
    _answered(federation.ask(QUESTION))


@pytest.mark.parametrize("service", SERVICES)
def test_no_container_can_write_its_root_or_do_what_root_can(federation: Federation, service: str) -> None:
    found: Any = federation.docker.inspect(federation.container(service))
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert found["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
    assert found["Config"]["User"] == "10001:10001"
    assert not found["HostConfig"]["PortBindings"]
    status = federation.docker("exec", federation.container(service), "cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status


@pytest.mark.parametrize("node", NODES)
def test_a_node_sees_no_other_partys_keys_or_data(federation: Federation, node: str) -> None:
    listed = federation.docker("exec", federation.container(node), "ls", "/home")
    assert set(listed.split()) == {"documents", f"node-{node}"}


def test_a_process_that_is_killed_comes_back_and_answers(federation: Federation) -> None:
    for service in ("odense-kommune", "coordinator"):
        before = federation.state(service)
        os.kill(before["Pid"], signal.SIGKILL)
        end = time.monotonic() + 60
        while federation.state(service)["StartedAt"] == before["StartedAt"]:
            assert time.monotonic() < end, f"{service} was not started again"
            time.sleep(0.2)
    federation.await_well()
    _answered(federation.ask("elderly-burden.yaml"))


def test_a_paused_node_is_noticed_and_welcome_again(federation: Federation) -> None:
    node = federation.container("region-syddanmark")
    federation.docker("pause", node)
    try:
        # The coordinator gives a silent link up after 8 s.
        _until(lambda: 'node_linked{node="region-syddanmark"} 0.0' in _metrics(federation), 40)
    finally:
        federation.docker("unpause", node)
    federation.await_well()
    _until(lambda: 'node_linked{node="region-syddanmark"} 1.0' in _metrics(federation), 40)


def test_a_node_without_network_is_not_ready_and_links_again(federation: Federation) -> None:
    node = federation.container("almen-praksis")
    networks: Any = federation.docker.inspect(node)["NetworkSettings"]
    (network,) = networks["Networks"]
    federation.docker("network", "disconnect", network, node)
    _until(lambda: not _ready(federation, "almen-praksis"), 60)
    federation.docker("network", "connect", network, node)
    federation.await_well()
    _answered(federation.ask("stress-anxiety-depression.yaml"))


def _ready(federation: Federation, service: str) -> bool:
    script = "samklang node health --config /home/node-*/config.yaml >/dev/null 2>&1 && echo yes || echo no"
    return federation.docker("exec", federation.container(service), "sh", "-c", script).strip() == "yes"


def _metrics(federation: Federation) -> str:
    script = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:9464/metrics').read().decode())"
    return federation.docker("exec", federation.container("coordinator"), "python", "-c", script)


def _until(happened: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"it did not happen within {seconds} s"
        time.sleep(0.5)

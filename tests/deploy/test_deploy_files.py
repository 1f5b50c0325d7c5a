"""Configurations, compose files, charts' values, alerts and dashboard: what they say holds in the product."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from samklang.model.config import load_coordinator_config, load_node_config

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
DOCS = DEPLOY.parent / "docs"
PARTS = [DEPLOY.parent / part / "samklang" for part in ("transport", "node", "coordinator")]


def _yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def test_the_sample_configurations_are_read_as_they_are() -> None:
    node = load_node_config(DEPLOY / "config/node.yaml")
    coordinator = load_coordinator_config(DEPLOY / "config/coordinator.yaml")
    for config in (node, coordinator):
        assert str(config.state) == "/var/lib/samklang"
        assert config.observe is not None
        assert config.observe.listen == "0.0.0.0:9464"
    assert coordinator.coordinator.listen.endswith(":7443")
    assert node.coordinator.address.endswith(":7443")


@pytest.mark.parametrize("file", ["demo.yaml", "node.yaml"])
def test_every_service_is_closed(file: str) -> None:
    services = _yaml(DEPLOY / "compose" / file)["services"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged"), name
        assert "docker.sock" not in str(service), name
        assert not service.get("cap_add") or name == "setup"
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name


def test_containers_of_the_demonstration_reach_each_other_and_nobody_else() -> None:
    demo = _yaml(DEPLOY / "compose/demo.yaml")
    assert demo["networks"] == {"federation": {"internal": True}}
    for name, service in demo["services"].items():
        assert service.get("networks") == ["federation"] or service.get("network_mode") == "none", name


@pytest.mark.parametrize("kind", ["node", "coordinator"])
def test_units_start_the_command_that_there_is_and_do_not_repeat_what_can_not_help(kind: str) -> None:
    from samklang.cli import exits

    unit = (DEPLOY / f"systemd/samklang-{kind}.service").read_text()
    assert f"samklang {kind} run --config /etc/samklang/{kind}.yaml" in unit
    assert f"RestartPreventExitStatus={exits.DOCUMENT}" in unit


def _metrics() -> set[str]:
    """Names that the product gives: gauges, and what the client library makes of the others."""
    source = "\n".join(path.read_text() for part in PARTS for path in part.rglob("*.py"))
    gauges = set(re.findall(r'Gauge\(\s*"([a-z_]+)"', source))
    return {
        *(f"samklang_{name}" for name in gauges),
        "samklang_ready",
        "samklang_loop_lag_seconds",
        "samklang_events_total",
    }


def _asked(text: str) -> set[str]:
    return set(re.findall(r"\bsamklang_[a-z_]+\b", text))


def test_alerts_and_dashboard_ask_for_metrics_that_exist() -> None:
    alerts = (DEPLOY / "monitoring/alerts.yaml").read_text()
    dashboard = json.loads((DEPLOY / "monitoring/grafana-dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked = _asked(alerts) | _asked("\n".join(expressions))
    assert asked
    assert asked <= _metrics()


def test_events_and_codes_that_alerts_wait_for_are_logged() -> None:
    from samklang.errors.catalogue import CATALOGUE

    alerts = (DEPLOY / "monitoring/alerts.yaml").read_text()
    source = "\n".join(path.read_text() for part in PARTS for path in part.rglob("*.py"))
    for event in re.findall(r'event="([^"]+)"', alerts):
        assert f'"{event}"' in source
    for pattern in re.findall(r'code=~"([^"]+)"', alerts):
        for branch in _branches(pattern):
            assert any(re.fullmatch(branch, code) for code in CATALOGUE), branch


def _branches(pattern: str) -> list[str]:
    """The alternatives of ``a|b-(c|d)``, each by itself."""
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(pattern):
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and not depth:
            parts.append(pattern[start:i])
            start = i + 1
    parts.append(pattern[start:])
    branches = []
    for part in parts:
        inside = re.search(r"\(([^()]*)\)", part)
        options = inside.group(1).split("|") if inside else [""]
        whole = inside.group(0) if inside else ""
        branches += [part.replace(whole, option, 1) if whole else part for option in options]
    return branches


def test_every_alert_has_its_runbook() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).strip().replace(" ", "-")
        for line in (DOCS / "operations.md").read_text().splitlines()
        if line.startswith("#")
    }
    for group in _yaml(DEPLOY / "monitoring/alerts.yaml")["groups"]:
        for rule in group["rules"]:
            file, _, anchor = rule["annotations"]["runbook"].partition("#")
            assert file == "docs/operations.md"
            assert anchor in headings, anchor

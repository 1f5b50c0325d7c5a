"""``samklang node``: run a partner's node, or look at what it would read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, day, group, upkeep

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "node", "Run a partner's node, or check its configuration and sources.")
    run = action(
        actions,
        "run",
        _run,
        "Run until SIGTERM; prints one JSON line when it is linked to the coordinator.",
        "samklang node run --config node.yaml",
    )
    run.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
    check = action(
        actions,
        "check",
        _check,
        "Read every source as the node would, and say what was set aside and what each variable looks like.",
        "samklang node check --config node.yaml --from 2026-01-01 --until 2027-01-01",
    )
    check.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
    check.add_argument("--from", dest="from_", type=day, metavar="DATE", help="the period's first day")
    check.add_argument("--until", type=day, metavar="DATE", help="the day after its last (default: today)")

    shown = action(
        actions,
        "snapshots",
        _snapshots,
        "Show the node's snapshots: which one answers, how old it is, when the next is due.",
        "samklang node snapshots --config node.yaml",
    )
    shown.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
    upkeep.describe(actions, "node")


def _run(arguments: argparse.Namespace, _: Output) -> int:
    from samklang.node.main import run

    return run(arguments.config, exit_code=exits.of_error)


def _check(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.checking import check_node

    return check_node(arguments.config, output, arguments.from_, arguments.until)


def _snapshots(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.snapshots import show_snapshots

    return show_snapshots(arguments.config, output)

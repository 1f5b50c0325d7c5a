"""``samklang coordinator``: run the coordinator."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group, upkeep

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "coordinator", "Run the coordinator: relay, linker, query life cycle.")
    run = action(
        actions,
        "run",
        _run,
        "Run until SIGTERM; prints one JSON line with its address when it listens.",
        "samklang coordinator run --config coordinator.yaml",
    )
    run.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
    upkeep.describe(actions, "coordinator")


def _run(arguments: argparse.Namespace, _: Output) -> int:
    from samklang.coordinator.main import run

    return run(arguments.config, exit_code=exits.of_error)

"""``samklang policy``: read, question, compare, test, sign and verify what a node would answer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli.commands import action, group

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "policy", "Read, question, compare, test and sign a node's policy.")
    test = action(
        actions,
        "test",
        _test,
        "Run a policy's cases, and find the clauses that no case covers.",
        "samklang policy test policies/odense-kommune.yaml",
    )
    test.add_argument("policies", type=Path, nargs="+", metavar="FILE", help="policies, or files of cases")
    test.add_argument("--cases-only", action="store_true", help="change no clauses")


def _test(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.policy.testing import run_cases

    return run_cases(arguments.policies, output, mutate=not arguments.cases_only)

"""``samklang codebook``: what can be asked."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output
    from samklang.model.codebook import Codebook


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "codebook", "See what can be asked.")
    show = action(
        actions,
        "show",
        _show,
        "List variables, their bandings and levels, and target groups.",
        "samklang codebook show --search age --language da",
    )
    show.add_argument("--search", metavar="WORD", default="", help="only what has this in name or label")
    show.add_argument("--file", type=Path, metavar="FILE", help="a codebook file, instead of asking")
    show.add_argument(
        "--client", type=Path, metavar="FILE", default=Path(os.environ.get("SAMKLANG_CLIENT", "client.yaml"))
    )


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.vocabulary import COLUMNS, entries
    from samklang.cli.output import table

    rows = entries(_codebook(arguments), output.lang, arguments.search)
    cells = [[row[column] for column in COLUMNS] for row in rows]
    text = table(cells, COLUMNS) if rows else "Nothing found."
    output.result(rows, text)
    return exits.OK


def _codebook(arguments: argparse.Namespace) -> Codebook:
    if arguments.file:
        from samklang.model.codebook import Codebook
        from samklang.model.loading import load

        return load(arguments.file, Codebook).document
    from samklang.analyst import connect

    with connect(arguments.client) as client:
        return client.codebook()

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
    search = action(
        actions,
        "search",
        _show,
        "List what has a word in its name or label.",
        "samklang codebook search indlæggelse --language da",
    )
    search.add_argument("search", metavar="WORD")
    for parser in (show, search):
        parser.add_argument("--file", type=Path, metavar="FILE", help="a codebook file, instead of asking")
        parser.add_argument(
            "--client",
            type=Path,
            metavar="FILE",
            default=Path(os.environ.get("SAMKLANG_CLIENT", "client.yaml")),
            help="the client's configuration (default: $SAMKLANG_CLIENT, else client.yaml)",
        )


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.vocabulary import COLUMNS, entries
    from samklang.cli.output import table

    rows = entries(read_codebook(arguments), output.lang, arguments.search)
    cells = [[row[column] for column in COLUMNS] for row in rows]
    nothing = {"en": "Nothing found.", "da": "Intet fundet."}
    text = table(cells, COLUMNS) if rows else nothing[output.lang]
    output.result(rows, text)
    return exits.OK


def read_codebook(arguments: argparse.Namespace) -> Codebook:
    """The codebook of ``--file``, or of the federation that ``--client`` leads to."""
    if arguments.file:
        from samklang.model.codebook import Codebook
        from samklang.model.loading import load

        return load(arguments.file, Codebook).document
    from samklang.analyst import connect

    with connect(arguments.client) as client:
        return client.codebook()

"""``samklang codebook``: what can be asked."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group
from samklang.cli.texts import Language, translate

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
            default=Path(os.environ.get("SAMKLANG_CLIENT") or "client.yaml"),
            help="the client's configuration (default: $SAMKLANG_CLIENT, else client.yaml)",
        )


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.output import table

    rows = found(read_codebook(arguments), arguments.search)
    cells = [shown(row, output.lang) for row in rows]
    header = [output.say(name) for name in ("name", "kind", "sectors", "label", "levels")]
    output.result(rows, table(cells, header) if rows else output.say("Nothing found."))
    return exits.OK


def found(codebook: Codebook, word: str) -> list[dict[str, str]]:
    """Entries that have ``word`` in their name or in either language's label, with both languages' texts:
    ``label`` and ``levels`` (for a measure its unit) in English, ``label_da`` and ``levels_da``."""
    from samklang.analyst.vocabulary import entries

    both = zip(entries(codebook, "en"), entries(codebook, "da"), strict=True)
    rows = [{**en, "label_da": da["label"], "levels_da": da["levels"]} for en, da in both]
    lowered = word.lower()
    return [r for r in rows if any(lowered in r[key].lower() for key in ("name", "label", "label_da"))]


def shown(row: dict[str, str], lang: Language) -> tuple[str, ...]:
    """The columns that people see."""
    label, levels = ("label_da", "levels_da") if lang == "da" else ("label", "levels")
    kind = translate(lang, row["kind"])
    # A target group has a rule in place of levels, which is English in both.
    rule = translate(lang, row[levels]) if row["kind"] == "target group" else row[levels]
    return row["name"], kind, row["sectors"], row[label], rule


def read_codebook(arguments: argparse.Namespace) -> Codebook:
    """The codebook of ``--file``, or of the federation that ``--client`` leads to."""
    if arguments.file:
        from samklang.model.codebook import Codebook
        from samklang.model.loading import load

        return load(arguments.file, Codebook).document
    from samklang.analyst import connect

    with connect(arguments.client) as client:
        return client.codebook()

"""``samklang codebook``: what can be asked."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    show.add_argument("--language", choices=("en", "da"), default="en")
    show.add_argument("--file", type=Path, metavar="FILE", help="a codebook file, instead of asking")
    show.add_argument(
        "--client", type=Path, metavar="FILE", default=Path(os.environ.get("SAMKLANG_CLIENT", "client.yaml"))
    )


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.output import table

    rows = entries(_codebook(arguments), arguments.language, arguments.search)
    columns = ("name", "kind", "sectors", "label", "levels")
    text = table([[row[column] for column in columns] for row in rows], columns) if rows else "Nothing found."
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


def entries(codebook: Codebook, language: str, word: str = "") -> list[dict[str, Any]]:
    """One entry per ``variable/banding``, measure and target group, as a query names them."""
    found: list[dict[str, Any]] = []
    for name, variable in codebook.variables.items():
        label = getattr(variable.label, language)
        sectors = _sectors(variable)
        if variable.kind == "measure":
            found.append(_entry(name, "measure", sectors, label, getattr(variable.unit, language)))
            continue
        for banding_name, banding in variable.bandings.items():
            levels = " ".join([*(level.id for level in banding.levels), *filter(None, [banding.other])])
            found.append(_entry(f"{name}/{banding_name}", variable.kind, sectors, label, levels))
    for name, target in codebook.target_groups.items():
        sectors = sorted({part.sector for part in target.parts})
        rule = f"at least {target.at_least} of {len(sectors)} sectors"
        found.append(_entry(name, "target group", sectors, getattr(target.label, language), rule))
    lowered = word.lower()
    return [row for row in found if lowered in f"{row['name']} {row['label']}".lower()]


def _sectors(variable: Any) -> list[str]:
    if variable.kind == "category":
        return [variable.sector]
    if variable.kind == "interval":
        return [variable.start.sector, variable.end.sector]
    return [*variable.sql]


def _entry(name: str, kind: str, sectors: list[str], label: str, levels: str) -> dict[str, Any]:
    return {"name": name, "kind": kind, "sectors": ", ".join(sectors), "label": label, "levels": levels}

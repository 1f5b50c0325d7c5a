"""One module per subcommand: ``add(subparsers)`` describes it, its ``run`` imports what it needs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samklang.cli.output import Output

    Run = Callable[[argparse.Namespace, Output], int]
    Subparsers = argparse._SubParsersAction[Any]


def group(commands: Subparsers, name: str, text: str) -> Subparsers:
    """A command with subcommands; without one it prints its help."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)

    add_language(parser)

    def show(_: argparse.Namespace, __: Output) -> int:
        parser.print_help()
        return 2

    parser.set_defaults(run=show)
    return parser.add_subparsers(dest="action", metavar="ACTION")


def action(commands: Subparsers, name: str, run: Run, text: str, example: str) -> argparse.ArgumentParser:
    """One action with ``--json``, ``--language`` and an example in its help."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=text,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    add_language(parser)
    parser.set_defaults(run=run)
    return parser


def add_language(parser: argparse.ArgumentParser) -> None:
    """Accept ``--language``; it is read before the parser is made (:func:`samklang.cli.texts.wanted`)."""
    parser.add_argument(
        "--language", choices=("en", "da"), help="English or Danish (default: the locale's, else English)"
    )


def day(text: str) -> date:
    """A date of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a date like 2027-01-31: {text!r}") from None

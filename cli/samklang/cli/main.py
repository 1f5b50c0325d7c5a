"""The ``samklang`` command: one parser, each subcommand in a module of its own that is imported when called.

Only the standard library is imported before a subcommand runs, so ``--help`` answers at once. A
:class:`SamklangError` is printed as code, what happened and what to do, never as a traceback; what nobody
foresaw as the places where it happened, since a library's message may hold what it was given.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from samklang.cli import exits
from samklang.cli.commands import add_language
from samklang.cli.texts import Language, say, wanted
from samklang.cli.texts.localised import Parser, localise

COMMANDS = (
    "demo",
    "query",
    "release",
    "codebook",
    "node",
    "approvals",
    "dpo",
    "ledger",
    "policy",
    "record",
    "audit",
    "coordinator",
    "federation",
    "sandbox",
)


def _description() -> str:
    lines = [f"  {code:>3}  {meaning}" for code, meaning in exits.MEANING.items()]
    return "exit codes:\n" + "\n".join(lines)


def parser(lang: Language = "en") -> argparse.ArgumentParser:
    """The whole command line in ``lang``; subcommands add themselves."""
    root = Parser(
        prog="samklang",
        description="Privacy-preserving federated queries for health and care.",
        epilog=_description(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_language(root)
    root.add_argument("--version", action="store_true", help="print the version and stop")
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"samklang.cli.commands.{name}").add(commands)
    localise(root, lang)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code (see :mod:`samklang.cli.exits`)."""
    words = sys.argv[1:] if argv is None else argv
    lang = wanted(words, os.environ)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without æ shows a question mark instead
            stream.reconfigure(errors="replace")
    try:
        return _main(words, lang)
    except KeyboardInterrupt:
        print(say(lang, "interrupted"), file=sys.stderr)
        return exits.INTERRUPTED


def _main(words: Sequence[str], lang: Language) -> int:
    root = parser(lang)
    arguments = root.parse_args(words)
    if arguments.version:
        from importlib.metadata import version

        print(f"samklang {version('samklang')}")
        return exits.OK
    if not hasattr(arguments, "run"):
        root.print_help()
        return exits.USAGE
    return _run(arguments, lang)


def _run(arguments: Any, lang: Language) -> int:
    from samklang.cli.output import Output
    from samklang.errors import SamklangError

    output = Output(json=getattr(arguments, "json", False), lang=lang)
    try:
        return int(arguments.run(arguments, output))
    except SamklangError as error:
        output.error(error)
        return exits.of_error(error.code)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); say nothing more, also not at exit.
        sys.stderr.close()
        return 128 + signal.SIGPIPE
    except Exception as defect:
        from samklang.transport.log import describe

        output.error(SamklangError("client-defect", places=describe(defect)))
        return exits.BUG

"""``samklang ledger``: what a node's data have been asked, and proof that nothing was taken back.

Works on the node's own files, also while the node runs; nothing is changed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli.commands import action, group

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output
    from samklang.node.ledger_chain import Head

_CONFIG = "the node's configuration"
_ENTRIES = 10


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "ledger", "See and prove what a node's data have been asked.")
    show = action(
        actions,
        "show",
        _show,
        "Show caps, what is spent and what is left in each period, in all and by grant.",
        "samklang ledger show --config node.yaml",
    )
    show.add_argument("--config", type=Path, required=True, metavar="FILE", help=_CONFIG)
    show.add_argument(
        "--entries", type=int, default=_ENTRIES, metavar="N", help="of the last entries, how many (10)"
    )
    verify = action(
        actions,
        "verify",
        _verify,
        "Walk the chain of every entry and print its head; 0 means that it is whole.",
        "samklang ledger verify --config node.yaml --head head-of-last-month.txt",
    )
    which = verify.add_mutually_exclusive_group(required=True)
    which.add_argument("--config", type=Path, metavar="FILE", help=_CONFIG)
    which.add_argument("--export", type=Path, metavar="FILE", help="an export, instead of a node")
    verify.add_argument(
        "--head",
        metavar="FILE",
        help="a head that was seen before, or a file with it: it must be in the past",
    )
    export = action(
        actions,
        "export",
        _export,
        "Write every entry with its hash, for somebody else to verify.",
        "samklang ledger export --config node.yaml --out ledger.json",
    )
    export.add_argument("--config", type=Path, required=True, metavar="FILE", help=_CONFIG)
    export.add_argument(
        "--out", type=Path, metavar="FILE", help="write there, .json or .csv (default: JSON, standard output)"
    )


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.ledger import show

    return show(arguments.config, max(0, arguments.entries), output)


def _verify(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.model.config import load_node_config
    from samklang.node.ledger_export import verify_export
    from samklang.node.ledger_view import open_ledger

    known = _known(arguments.head)
    if arguments.export:
        head = verify_export(arguments.export, known)
    else:
        with open_ledger(load_node_config(arguments.config).state) as ledger:
            head = ledger.verify(known)
    said = {"ok": True, "ledger": head.ledger, "entries": head.entries, "head": head.text}
    output.result(said | ({"known": known.text} if known else {}), head.text)
    output.note(
        output.say_n(
            "{n} entry, which is in the chain.", "{n} entries, all of them in the chain.", head.entries
        )
    )
    if known:
        output.note(output.say("The head that was known is in its past."))
    return 0


def _known(text: str | None) -> Head | None:
    """A head as text, or from a file that has it on its last line (or in ``--json``'s form)."""
    import json

    from samklang.errors import SamklangError
    from samklang.node.ledger_chain import Head

    if text is None:
        return None
    if text.startswith("samklang/"):
        return Head.from_text(text)
    try:
        content = Path(text).read_text(encoding="utf-8").strip()
        if content.startswith("{"):
            found = json.loads(content)
            content = str(found.get("head") or found["ledger"]["head"])
    except OSError as error:
        reason = f"{Path(text).name}: {error.strerror}"
        raise SamklangError("document-unreadable", reason=reason) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SamklangError("ledger-head-form") from None
    return Head.from_text(content.splitlines()[-1] if content else "")


def _export(arguments: argparse.Namespace, output: Output) -> int:
    import sys

    from samklang.errors import SamklangError
    from samklang.model.config import load_node_config
    from samklang.node.ledger_export import as_csv, as_json
    from samklang.node.ledger_view import open_ledger

    with open_ledger(load_node_config(arguments.config).state) as ledger:
        head = ledger.verify()
        write = as_csv if arguments.out and arguments.out.suffix.lower() == ".csv" else as_json
        text = write(head, ledger.entries())
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    try:
        arguments.out.write_text(text, encoding="utf-8")
    except OSError as error:
        problem = error.strerror or "unusable"
        raise SamklangError("client-save-file", file=arguments.out.name, problem=problem) from None
    saved = {"saved": str(arguments.out), "entries": head.entries, "head": head.text}
    output.result(saved, output.say("saved {file}", file=arguments.out))
    return 0

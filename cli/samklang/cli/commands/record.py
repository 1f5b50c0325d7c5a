"""``samklang record``: papers for the data-protection officer, from what a node or coordinator works from."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output

_PAPERS = {
    "art30": "Write the record of processing activities (GDPR art. 30).",
    "processor": "Write the record of what is processed on behalf of controllers (GDPR art. 30(2)): of a "
    "node that hosts or computes, or of the coordinator's operator.",
    "dpia": "Write the appendix to an impact assessment (GDPR art. 35), with the risks that remain.",
}


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(
        commands,
        "record",
        "Write papers for the data-protection officer from the policy that a node enforces.",
    )
    for name, text in _PAPERS.items():
        parser = action(
            actions,
            name,
            _write,
            text,
            f"samklang record {name} --config node/config.yaml --language da --out {name}.html",
        )
        parser.set_defaults(template=name)
        parser.add_argument(
            "--config",
            type=Path,
            required=True,
            metavar="FILE",
            help="the node's or the coordinator's configuration"
            if name == "processor"
            else "the node's configuration",
        )
        parser.add_argument("--out", type=Path, metavar="FILE", help="write there: .html or .md")


def _write(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.enrolment.papers import write_new
    from samklang.cli.records.facts import read_facts
    from samklang.cli.records.page import as_html, as_markdown
    from samklang.cli.records.templates import write
    from samklang.model.calendar import COPENHAGEN

    today = datetime.now(COPENHAGEN).date()
    if arguments.template == "processor":
        from samklang.cli.records.processor import read_processor, write_processor

        page = write_processor(read_processor(arguments.config, today), output.lang)
    else:
        page = write(arguments.template, read_facts(arguments.config, today), output.lang)
    if arguments.out is None:
        text = as_markdown(page)
        output.result({"template": arguments.template, "text": text}, text.rstrip("\n"))
        return exits.OK
    text = as_html(page) if arguments.out.suffix == ".html" else as_markdown(page)
    write_new(arguments.out, text.encode("utf-8"))
    output.result({"template": arguments.template, "file": str(arguments.out)}, str(arguments.out))
    return exits.OK

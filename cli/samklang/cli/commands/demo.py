"""``samklang demo``: the main job on a generated population, on this machine."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action
from samklang.errors.figures import whole

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output

_FEDERATIONS = ("integrated-care", "slip-sundheden-fri")


def add(commands: Subparsers) -> None:
    """Describe the command."""
    demo = action(
        commands,
        "demo",
        _demo,
        "Run a federation on generated citizens, Odense's or Herning's and Holstebro's; show the answers.",
        "samklang demo --out out/demo --language da",
    )
    demo.add_argument(
        "--out", type=Path, default=Path("out/demo"), metavar="DIR", help="for files (out/demo)"
    )
    demo.add_argument(
        "--federation", choices=_FEDERATIONS, default=_FEDERATIONS[0], help="default: integrated-care"
    )
    demo.add_argument("--residents", type=int, metavar="N", help="generated citizens (211,000 or 149,000)")
    demo.add_argument("--citizens-only", action="store_true", help="only write their tables, in DIR itself")
    demo.add_argument("--seed", type=int, default=1, metavar="N", help="of the generated population (1)")


def _demo(arguments: argparse.Namespace, output: Output) -> int:
    if arguments.citizens_only:
        return _citizens(arguments, output)
    from samklang.cli.demo.run import demonstrate
    from samklang.cli.sandbox.folder import check_extras

    check_extras()
    # SIGTERM ends the demonstration as Ctrl-C does, so that its processes are stopped then, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    answers = demonstrate(
        arguments.out,
        output=output,
        federation=arguments.federation,
        residents=arguments.residents,
        seed=arguments.seed,
    )
    if output.json:
        shown = {a.name: {"files": [str(f) for f in a.files], "seconds": a.seconds} for a in answers}
        output.result(shown, "")
    return exits.OK


def _citizens(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.demo.population import SETTINGS, generate

    setting = SETTINGS[arguments.federation]
    made = generate(arguments.out, arguments.residents, seed=arguments.seed, setting=setting)
    places = sorted({str(Path(name).parent) for name in made.rows})
    lines = [
        f"{place}: "
        + whole(sum(n for name, n in made.rows.items() if str(Path(name).parent) == place), output.lang)
        for place in places
    ]
    output.result({"folder": str(made.folder), "rows": made.rows}, "\n".join(lines))
    return exits.OK

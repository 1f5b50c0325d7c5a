"""``samklang sandbox``: a whole federation on this machine, from a folder of documents and data."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group
from samklang.cli.commands.release import reading, save, show

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output
    from samklang.cli.sandbox.federation import Sandbox


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(
        commands, "sandbox", "Run a whole federation on this machine, with throwaway keys, on 127.0.0.1."
    )
    up = action(
        actions,
        "up",
        _up,
        "Start coordinator and nodes and keep them until Ctrl-C; prints the client's configuration.",
        "samklang sandbox up policies/synthea --data DIR",
    )
    up.add_argument(
        "--detach", action="store_true", help="return when it is up; `samklang sandbox down DIR` ends it"
    )
    down = action(
        actions,
        "down",
        _down,
        "End a sandbox that was started with --detach, and all its processes.",
        "samklang sandbox down DIR",
    )
    down.add_argument("folder", type=Path, metavar="DIR", help="as `sandbox up --detach` printed it")
    run = action(
        actions,
        "run",
        _run,
        "Start everything, ask, show the answers, stop everything.",
        "samklang sandbox run policies/synthea --data DIR --query S1 --save answers/",
    )
    prepared = action(
        actions,
        "prepare",
        _prepare,
        "Make throwaway keys, signed documents and configurations for processes started elsewhere, e.g. in "
        "containers.",
        "samklang sandbox prepare policies/integrated-care --workdir made --address coordinator:7443",
    )
    prepared.add_argument(
        "--address", required=True, metavar="HOST:PORT", help="by which the coordinator is dialled"
    )
    prepared.add_argument("--observe", metavar="HOST:PORT", help="where processes answer for their health")
    prepared.add_argument(
        "--residents", type=int, metavar="N", help="first generate the demonstration's citizens in --data"
    )
    for parser in (up, run, prepared):
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="documents of the federation")
        parser.add_argument("--data", type=Path, metavar="DIR", help="data of the nodes (FOLDER/data)")
        parser.add_argument(
            "--federation", default="federation.yaml", metavar="FILE", help="the manifest in FOLDER"
        )
        parser.add_argument("--workdir", type=Path, metavar="DIR", help="keep keys, state and logs there")
    run.add_argument(
        "--query",
        action="append",
        metavar="NAME",
        required=True,
        help="a query of the folder by name, or a file; may be given several times",
    )
    reading(run)
    run.add_argument("--save", type=Path, metavar="DIR", help="write every answer as CSV, Parquet and JSON")


def _sandbox(arguments: argparse.Namespace, output: Output) -> Sandbox:
    from samklang.cli.sandbox.federation import Sandbox
    from samklang.cli.sandbox.folder import check_extras

    check_extras()
    # SIGTERM, and the end of the terminal, end the sandbox as Ctrl-C does: its processes and its keys go.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    return Sandbox(
        arguments.folder,
        arguments.workdir,
        data=arguments.data,
        federation=arguments.federation,
        progress=output.note,
        lang=output.lang,
    )


def _up(arguments: argparse.Namespace, output: Output) -> int:
    if arguments.detach:
        return _detach(arguments, output)
    with _sandbox(arguments, output) as sandbox:
        shown = {
            "address": sandbox.address,
            "client": str(sandbox.client_config),
            "officers": {node: str(path) for node, path in sandbox.material.officers.items()},
            "workdir": str(sandbox.workdir),
            "processes": {name: process.pid for name, process in sandbox.processes.items()},
        }
        output.result(shown, f"export SAMKLANG_CLIENT={sandbox.client_config}")
        output.note(output.say("running; Ctrl-C stops everything"))
        try:
            sandbox.watch_over()
        except KeyboardInterrupt:
            output.note(output.say("stopping"))
    return exits.OK


def _detach(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.sandbox.detached import bring_up
    from samklang.cli.sandbox.folder import check_extras

    check_extras()
    words = [str(arguments.folder.resolve()), "--federation", arguments.federation]
    if arguments.data:
        words += ["--data", str(arguments.data.resolve())]
    shown = bring_up(words, arguments.workdir)
    text = f"export SAMKLANG_CLIENT={shown['client']}\n# samklang sandbox down {shown['folder']}"
    output.result(shown, text)
    return exits.OK


def _down(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.sandbox.detached import take_down

    take_down(arguments.folder)
    output.result({"folder": str(arguments.folder), "stopped": True}, str(arguments.folder))
    return exits.OK


def _prepare(arguments: argparse.Namespace, output: Output) -> int:
    from datetime import UTC, datetime

    from samklang.cli.sandbox.folder import read_folder
    from samklang.cli.sandbox.prepare import prepare

    workdir: Path = arguments.workdir or Path("samklang-prepared")
    if arguments.residents:
        from samklang.cli.demo.population import generate

        generate(arguments.data or arguments.folder / "data", arguments.residents, seed=1)
    blueprint = read_folder(arguments.folder, arguments.data, arguments.federation)
    made = prepare(
        blueprint,
        workdir,
        today=datetime.now(UTC).date(),
        address=arguments.address,
        observe=arguments.observe,
    )
    configs = {"coordinator": made.coordinator, **made.nodes, "analyst": made.client}
    shown = {name: str(path) for name, path in configs.items()}
    output.result(shown, "\n".join(f"{name}: {path}" for name, path in shown.items()))
    return exits.OK


def _question(sandbox: Sandbox, name: str) -> Path:
    from samklang.errors import SamklangError

    if Path(name).suffix not in (".yaml", ".yml"):
        return sandbox.blueprint.query(name)
    if not Path(name).is_file():
        raise SamklangError("client-file", file=name, problem="No such file or directory")
    return Path(name)


def _run(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.release_files import SUFFIXES, make_folder
    from samklang.cli.commands.query import describe

    ready = _sandbox(arguments, output)
    # Before anything is started: mistakes in the command line shouldn't take a federation to be found.
    questions = [_question(ready, name) for name in arguments.query]
    if arguments.save and not arguments.save.is_dir():
        make_folder(arguments.save)
    with ready as sandbox:
        for question in questions:
            release = sandbox.ask(question, lambda status: output.note(describe(status, output.lang)))
            if arguments.save:
                save(release, [arguments.save / f"{question.stem}{suffix}" for suffix in SUFFIXES], output)
            show(release, arguments, output)
    return exits.OK

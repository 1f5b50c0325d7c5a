"""For those who run a node or coordinator: health, backup, restore; for a node, leaving."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from samklang.cli import exits
from samklang.cli.commands import action

if TYPE_CHECKING:
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output
    from samklang.model.config import CoordinatorConfig, NodeConfig

__all__ = ["describe"]


def describe(actions: Subparsers, kind: Literal["node", "coordinator"]) -> None:
    """Add the actions to the group of ``kind``."""
    example = f"samklang {kind} {{}} --config {kind}.yaml"
    health = action(
        actions,
        "health",
        _health,
        "Ask the running process whether it is well; for probes of containers and services.",
        example.format("health"),
    )
    backup = action(
        actions,
        "backup",
        _backup,
        "Write a backup of the state beside the running process; what can be made again stays out.",
        example.format("backup") + " --out backup.tar",
    )
    backup.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file, mode 0600")
    restore = action(
        actions,
        "restore",
        _restore,
        "Put a backup where there is no state; the process must not run.",
        example.format("restore") + " backup.tar",
    )
    restore.add_argument("backup", type=Path, metavar="FILE", help="as `backup` wrote it")
    parsers = [health, backup, restore]
    if kind == "node":
        leave = action(
            actions,
            "leave",
            _leave,
            "Delete this node's keys and snapshots when it has left; ledger, log and approvals stay.",
            example.format("leave") + " --yes",
        )
        leave.add_argument("--yes", action="store_true", help="without it, nothing is deleted")
        documents = action(
            actions,
            "documents",
            _documents,
            "Fetch the federation's newest manifest and codebook, if your trusted keys have signed them.",
            example.format("documents"),
        )
        parsers += [leave, documents]
    for parser in parsers:
        parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the configuration")
        parser.set_defaults(of=kind)


def _config(arguments: argparse.Namespace) -> tuple[NodeConfig | CoordinatorConfig, str]:
    """(configuration, whose it is: ``node/ouh``)."""
    from samklang.model.config import load_coordinator_config, load_node_config

    if arguments.of == "node":
        node = load_node_config(arguments.config)
        return node, f"node/{node.node.id}"
    coordinator = load_coordinator_config(arguments.config)
    return coordinator, f"coordinator/{coordinator.coordinator.id}"


def _health(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.health import health

    config, _ = _config(arguments)
    return health(config.observe, output)


def _backup(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.backup import back_up

    config, party = _config(arguments)
    listed = back_up(config.state, arguments.out, party=party)
    output.result(listed, "\n".join(listed["files"]))
    output.note(
        output.say("It has keys in it and who asked what: keep it encrypted, apart from this machine.")
    )
    return exits.OK


def _restore(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.backup import restore
    from samklang.transport.process import own_state

    config, party = _config(arguments)
    with own_state(config.state) as state:
        listed = restore(state, arguments.backup, party=party)
    output.result(listed, "\n".join(listed["files"]))
    output.note(
        output.say("Made {made}. What happened since is missing, and partners notice.", made=listed["made"])
    )
    return exits.OK


def _documents(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.newest import fetch
    from samklang.model.config import load_node_config

    done = fetch(load_node_config(arguments.config))
    output.result(done, "\n".join(f"{name}: {output.say(what)}" for name, what in done.items()))
    return exits.OK


def _leave(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.cli.leaving import leave
    from samklang.errors import SamklangError
    from samklang.model.config import load_node_config

    if not arguments.yes:
        raise SamklangError("backup-leave")
    done = leave(load_node_config(arguments.config))
    lines = [f"{output.say(what)}: {', '.join(names) or '-'}" for what, names in done.items()]
    output.result(done, "\n".join(lines))
    return exits.OK

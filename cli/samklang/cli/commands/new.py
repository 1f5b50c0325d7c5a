"""``samklang query new``: the text of a new question."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import day

if TYPE_CHECKING:
    from samklang.analyst.drafting import Wish
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output


def describe(action: Callable[..., argparse.ArgumentParser], actions: Subparsers) -> None:
    """Add the action; ``action`` makes one that knows the client's configuration."""
    new = action(
        actions,
        "new",
        _new,
        "Write a question with comments on what else could stand there.",
        "samklang query new --axes area/district,need/tiers --target-group elderly-medical --out q.yaml",
    )
    new.add_argument(
        "--axes", type=_names, default=(), metavar="A,B", help="variable/banding, or a sector: known there?"
    )
    new.add_argument("--measures", type=_names, default=(), metavar="A,B", help="what is summed per cell")
    new.add_argument("--target-group", metavar="NAME", help="whom to ask about (default: everybody)")
    new.add_argument("--purpose", metavar="ID", help="the grant's id (default: what the nodes say you have)")
    new.add_argument("--from", dest="from_", type=day, metavar="DATE", help="first day")
    new.add_argument("--until", type=day, metavar="DATE", help="the day after the last (default: last year)")
    new.add_argument("--epsilon", default="1", metavar="NUMBER", help="the price (default: 1)")
    new.add_argument("--out", type=Path, metavar="FILE", help="write there (default: standard output)")
    new.add_argument("--file", type=Path, metavar="FILE", help="a codebook file, instead of asking")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _new(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.drafting import Wish
    from samklang.errors import SamklangError

    wish = Wish(
        axes=arguments.axes,
        measures=arguments.measures,
        target_group=arguments.target_group,
        purpose=arguments.purpose,
        from_=arguments.from_,
        until=arguments.until,
        epsilon=arguments.epsilon,
    )
    text = _text(wish, arguments, output)
    if not arguments.out:
        output.result({"draft": text}, text.rstrip("\n"))
        return exits.OK
    try:
        with arguments.out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SamklangError("client-file-exists", file=arguments.out.name) from None
    except OSError as error:
        raise SamklangError(
            "client-file", file=arguments.out.name, problem=error.strerror or "unusable"
        ) from None
    output.result({"file": str(arguments.out)}, str(arguments.out))
    return exits.OK


def _text(wish: Wish, arguments: argparse.Namespace, output: Output) -> str:
    """The draft; where no purpose was named, with one that the nodes say they grant."""
    from samklang.analyst import connect
    from samklang.analyst.drafting import compose
    from samklang.analyst.proposing import propose
    from samklang.cli.commands.codebook import read_codebook

    today = date.today()
    if arguments.file:
        return compose(read_codebook(arguments), wish, output.lang, today)
    with connect(arguments.client) as client:
        text = compose(client.codebook(), wish, output.lang, today)
        if wish.purpose or not (granted := propose(client, text)):
            return text
        return compose(
            client.codebook(), replace(wish, purpose=granted[0], granted=granted), output.lang, today
        )

"""``samklang release``: read a released table from its file, draw it, compute from it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samklang.cli import exits
from samklang.cli.commands import action, group

if TYPE_CHECKING:
    from samklang.analyst import Release
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "release", "Read, draw and compute from a released table in a file.")
    show = action(
        actions,
        "show",
        _show,
        "Show a released table, or what can be computed from it.",
        "samklang release show answer.json --by need",
    )
    _file(show)
    what = show.add_mutually_exclusive_group()
    what.add_argument(
        "--simultaneous",
        action="store_true",
        help="intervals of counts that hold together, for cells picked after looking",
    )
    what.add_argument("--by", nargs="+", metavar="AXIS", help="add up the cells shown over the other axes")
    what.add_argument(
        "--shares",
        nargs="*",
        metavar="AXIS",
        help="shares of all cells shown, or of those with the same AXIS",
    )
    what.add_argument("--quantiles", action="store_true", help="in which band the quartiles lie")
    what.add_argument("--margin", action="store_true", help="the margin that was asked for with report_by")
    picture = action(
        actions,
        "picture",
        _picture,
        "Draw a released table as .png or .svg.",
        "samklang release picture answer.json answer.png --measure bed_days",
    )
    _file(picture)
    picture.add_argument("picture", type=Path, metavar="PICTURE", help="where to; ends in .png or .svg")
    drawing(picture)


def drawing(parser: argparse.ArgumentParser) -> None:
    """Options of whatever draws."""
    parser.add_argument("--measure", metavar="NAME", help="draw this measure's means instead of counts")
    parser.add_argument("--title", metavar="TEXT", help="what stands above the picture")


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", type=Path, metavar="RELEASE", help="a release that was saved as .json")


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.release import read_release

    release = read_release(arguments.release)
    found = _computed(release, arguments)
    if found is None:
        output.result(release.document, release.to_text(lang=output.lang))
    else:
        rows = found.astype(object).where(found.notna(), None).to_dict("records")
        text = found.to_string(index=False, na_rep="", float_format=_figure)
        output.result(rows, text if len(found) else output.say("Nothing found."))
        hidden = int((~release.to_pandas()["shown"]).sum())
        if len(found) and hidden and (arguments.by or arguments.shares is not None):
            note = "Computed from the cells that are shown; what the {cells} hidden ones hold isn't in it."
            output.note(output.say(note, cells=hidden))
    return exits.OK


def _computed(release: Release, arguments: argparse.Namespace) -> Any:
    """A table computed from the release, or None for the release itself."""
    if arguments.simultaneous:
        return release.simultaneous()
    if arguments.by:
        return release.merged(arguments.by)
    if arguments.shares is not None:
        return release.shares(arguments.shares)
    if arguments.quantiles:
        return release.quantiles()
    return release.margin() if arguments.margin else None


def _figure(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3f}"


def _picture(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.release import read_release

    release = read_release(arguments.release)
    draw(release, arguments.picture, arguments, output)
    output.result({"picture": str(arguments.picture)}, str(arguments.picture))
    return exits.OK


def check_picture(path: Path | None) -> None:
    """What couldn't be drawn is said before anything is asked and charged."""
    if path:
        from samklang.analyst.picture import check_picture

        check_picture(path)


def draw(release: Release, path: Path, arguments: argparse.Namespace, output: Output) -> None:
    """Draw a release into ``path`` in the output's language."""
    from samklang.analyst.picture import save_picture

    save_picture(release, path, output.lang, arguments.measure, arguments.title)

"""``samklang release``: read a released table from its file, draw it, compute from it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from samklang.cli import exits
from samklang.cli.commands import action, group

if TYPE_CHECKING:
    import pandas as pd

    from samklang.analyst import Release
    from samklang.analyst.release_table import Reader
    from samklang.cli.commands import Subparsers
    from samklang.cli.output import Output

MOST = 60
"""Cells of a table that are printed; all of them are in what ``--save`` writes."""
_WRITTEN = {
    ".header.json": "saved {file}: what the table means, what it cost, whose rules held",
    ".receipt.json": "saved {file}: the partners' receipts, which `samklang audit receipt` verifies",
}


def add(commands: Subparsers) -> None:
    """Describe the command."""
    actions = group(commands, "release", "Read, draw and compute from a released table in a file.")
    shown = action(
        actions,
        "show",
        _show,
        "Show a released table, or what can be computed from it.",
        "samklang release show answer.json --by need",
    )
    _file(shown)
    reading(shown)
    what = shown.add_mutually_exclusive_group()
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


def reading(parser: argparse.ArgumentParser) -> None:
    """Options of whatever shows a table."""
    parser.add_argument(
        "--ids", action="store_true", help="axes, levels and measures as documents name them, without labels"
    )


def reader(arguments: argparse.Namespace, output: Output) -> Reader:
    """How this reader reads: in the output's language and the terminal's width."""
    from samklang.analyst.release_table import Reader
    from samklang.cli.output import columns

    return Reader(output.lang, arguments.ids, columns())


def show(release: Release, arguments: argparse.Namespace, output: Output) -> None:
    """Print a released table."""
    from samklang.analyst.release_text import release_text

    output.result(release.document, release_text(release, MOST, reader(arguments, output)))


def save(release: Release, paths: Sequence[Path], output: Output) -> None:
    """Write a release to ``paths`` and say what was written, what lies beside them too, and what that is."""
    from samklang.analyst.release_files import HEADER, RECEIPT
    from samklang.analyst.release_files import save as write

    written = dict.fromkeys(file for path in paths for file in write(release, path))
    # What lies beside comes last, and a receipt that three tables share once.
    for file in sorted(written, key=lambda file: file.name.endswith((HEADER, RECEIPT))):
        output.note(output.say(_WRITTEN.get("".join(file.suffixes[-2:]), "saved {file}"), file=file))


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", type=Path, metavar="RELEASE", help="a release that was saved as .json")


def _show(arguments: argparse.Namespace, output: Output) -> int:
    from samklang.analyst.release import read_release

    release = read_release(arguments.release)
    found = _computed(release, arguments, output)
    if found is None:
        show(release, arguments, output)
        return exits.OK
    rows, text = found
    hidden = sum(not cell["shown"] for cell in release.document["cells"])
    output.result(rows.astype(object).where(rows.notna(), None).to_dict("records"), text)
    if len(rows) and hidden and (arguments.by or arguments.shares is not None):
        note = "Computed from the cells that are shown; what the {cells} hidden ones hold isn't in it."
        output.note(output.say(note, cells=hidden))
    return exits.OK


def _computed(
    release: Release, arguments: argparse.Namespace, output: Output
) -> tuple[pd.DataFrame, str] | None:
    """A table computed from the release, for machines and for people, or None for the release itself."""
    from samklang.analyst import derived_text

    how, nothing = reader(arguments, output), output.say("No cell is shown, so nothing can be computed.")
    if arguments.simultaneous:
        return release.simultaneous(), derived_text.simultaneous_text(release, how) or nothing
    if arguments.by:
        return release.merged(arguments.by), derived_text.merged_text(release, arguments.by, how)
    if arguments.shares is not None:
        within = arguments.shares
        return release.shares(within), derived_text.shares_text(release, within, how) or nothing
    if arguments.quantiles:
        nothing = output.say(
            "There are no quartiles: a table has them for an axis of at least 3 ranges of a number, where "
            "its other axes have at most 10 combinations."
        )
        return release.quantiles(), derived_text.quantiles_text(release, how) or nothing
    if arguments.margin:
        nothing = output.say("There is no margin: the question didn't ask for one (report_by).")
        return release.margin(), derived_text.margin_text(release, how) or nothing
    return None


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

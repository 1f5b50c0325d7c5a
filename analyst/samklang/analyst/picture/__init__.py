"""A picture of a release: bars for one axis, heat maps for two, small multiples for three and four.

    figure = plot(release, lang="da", measure="bed_days")
    save_picture(release, "answer.png", lang="da")

Colour is the figure, the size of a tile how well it is known; what isn't shown is hatched, by reason. One
scale from light to dark, so that it reads in grey and whatever colours one sees. Needs matplotlib
(``samklang[plot]``), which is imported here and nowhere else; no display, no pyplot, no global state.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from samklang.analyst.picture.figures import figures
from samklang.analyst.picture.words import LANGUAGES
from samklang.analyst.release import Release
from samklang.errors import SamklangError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SUFFIXES", "check_picture", "plot", "save_picture"]

SUFFIXES = (".png", ".svg")
DPI = 150


def plot(release: Release, lang: str = "en", measure: str | None = None, title: str | None = None) -> Figure:
    """Draw a release of one to four axes.

    Args:
        lang: ``en`` or ``da``.
        measure: show its mean per citizen instead of the number of citizens.
        title: above the picture; else the question's, where the release was fetched for one, else the axes.

    Returns:
        A matplotlib figure; a notebook shows it, ``figure.savefig(...)`` writes it.

    Raises:
        SamklangError: ``client-plot-extra``, ``client-plot-language``, ``client-plot-axes``,
            ``client-plot-measure``.
    """
    if lang not in LANGUAGES:
        raise SamklangError("client-plot-language", lang=lang)
    if title:
        release = release.named({"title": {lang: title}})
    found = figures(release, lang, measure)
    try:
        from samklang.analyst.picture import bars, multiples
    except ImportError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        raise SamklangError("client-plot-extra") from None
    return bars.draw(found) if len(found.axes) == 1 else multiples.draw(found)


def save_picture(
    release: Release,
    path: Path | str,
    lang: str = "en",
    measure: str | None = None,
    title: str | None = None,
) -> Path:
    """Draw a release into a PNG (150 dots per inch) or SVG file.

    Raises:
        SamklangError: ``client-plot-format``, ``client-save-file``, and what :func:`plot` raises.
    """
    path = Path(path)
    check_picture(path)
    figure = plot(release, lang, measure, title)
    from samklang.analyst.picture.style import saving

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with saving():
            figure.savefig(path, dpi=DPI, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    except OSError as error:
        problem = error.strerror or "unusable"
        raise SamklangError("client-save-file", file=path.name, problem=problem) from None
    return path


def check_picture(path: Path) -> None:
    """Raises ``client-plot-format`` unless the file's name says how to draw it."""
    if path.suffix.lower() not in SUFFIXES:
        raise SamklangError("client-plot-format", suffix=path.suffix or "a file without suffix")

"""A picture of a release: bars for one axis, heat maps for two, small multiples for three and four.

    figure = plot(release, lang="da", measure="bed_days")
    save_picture(release, "answer.png", lang="da")

Colour is the figure, the size of a tile how well it is known; what isn't shown is hatched. One scale from
light to dark, so that it reads in grey and whatever colours one sees. Needs matplotlib (``samklang[plot]``),
which is imported here and nowhere else; no display, no pyplot, no global state.
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

__all__ = ["SUFFIXES", "plot", "save_picture"]

SUFFIXES = (".png", ".svg")
DPI = 150


def plot(release: Release, lang: str = "en", measure: str | None = None) -> Figure:
    """Draw a release of one to four axes.

    Args:
        lang: ``en`` or ``da``.
        measure: show its mean per citizen instead of the number of citizens.

    Returns:
        A matplotlib figure; a notebook shows it, ``figure.savefig(...)`` writes it.

    Raises:
        SamklangError: ``client-plot-extra``, ``client-plot-language``, ``client-plot-axes``,
            ``client-plot-measure``.
    """
    if lang not in LANGUAGES:
        raise SamklangError("client-plot-language", lang=lang)
    found = figures(release, lang, measure)
    try:
        from samklang.analyst.picture import bars, multiples
    except ImportError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        raise SamklangError("client-plot-extra") from None
    return bars.draw(found) if len(found.axes) == 1 else multiples.draw(found)


def save_picture(release: Release, path: Path | str, lang: str = "en", measure: str | None = None) -> Path:
    """Draw a release into a PNG (150 dots per inch) or SVG file.

    Raises:
        SamklangError: ``client-plot-format``, and what :func:`plot` raises.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise SamklangError("client-plot-format", suffix=path.suffix or "a file without suffix")
    figure = plot(release, lang, measure)
    from samklang.analyst.picture.style import saving

    path.parent.mkdir(parents=True, exist_ok=True)
    with saving():
        figure.savefig(path, dpi=DPI, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
    return path

"""The picture of a release: every cell is there, suppressed ones are marked, nothing runs off the page."""

from __future__ import annotations

import itertools
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.analyst.releases import LONG, THRESHOLD, release

pytest.importorskip("matplotlib", reason="pictures need matplotlib (the extra plot)")

from matplotlib.patches import Rectangle
from matplotlib.text import Text

from samklang.analyst.picture import plot, save_picture
from samklang.analyst.picture.figures import REASONS, figures
from samklang.analyst.picture.layout import arrangement
from samklang.analyst.picture.multiples import tile_share
from samklang.analyst.picture.style import SCALE, inches, on_tile, wrapped
from samklang.errors import SamklangError

SIZES = [(5,), (1,), (3, 4), (12, 2), (1, 1), (4, 3, 2), (12, 4, 5), (2, 3, 12, 4), (2, 2, 2, 2)]


def some_hidden(at: tuple[int, ...]) -> int:
    return 5 if sum(at) % 3 == 0 else 100 * (1 + sum(at))


def patches(figure: Any) -> list[Rectangle]:
    return [p for area in figure.axes for p in area.patches if isinstance(p, Rectangle)]


def texts(figure: Any) -> list[Text]:
    return [t for t in figure.findobj(Text) if t.get_text()]


def said(figure: Any) -> str:
    return " ".join(" ".join(t.get_text() for t in texts(figure)).split())


@pytest.mark.parametrize("sizes", SIZES)
def test_every_cell_has_its_number_or_its_hatching(sizes: tuple[int, ...]) -> None:
    figure = plot(release(sizes, some_hidden))
    cells = list(itertools.product(*map(range, sizes)))
    hidden = sum(some_hidden(at) < THRESHOLD for at in cells)
    legend = 1 if hidden and len(sizes) > 1 else 0
    assert sum(bool(p.get_hatch()) for p in patches(figure)) == hidden + legend
    numbers = [t.get_text() for area in figure.axes for t in area.texts]
    for value in {some_hidden(at) for at in cells} - {5}:
        there = sum(some_hidden(at) == value for at in cells)
        assert numbers.count(f"{value:,}") == there
    # The exact count of a hidden cell is nowhere to be read.
    assert "5" not in numbers


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("lang", ["en", "da"])
def test_nothing_runs_off_the_page_or_over_its_neighbour(sizes: tuple[int, ...], lang: str) -> None:
    figure: Any = plot(release(sizes, some_hidden, mean=4.0, label=LONG), lang=lang, measure="days")
    renderer = figure.canvas.get_renderer()
    page = figure.bbox
    boxes = [(t, t.get_window_extent(renderer)) for t in texts(figure)]
    for text, box in boxes:
        assert page.x0 <= box.x0, text.get_text()
        assert box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0, text.get_text()
        assert box.y1 <= page.y1, text.get_text()
    for (one, first), (two, second) in itertools.combinations(boxes, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across <= 1.5 or down <= 2.5, (one.get_text(), two.get_text())


def test_a_number_fits_its_tile_however_little_is_known() -> None:
    figure: Any = plot(release((3, 4), lambda at: 10_000_000 if sum(at) else THRESHOLD))
    renderer = figure.canvas.get_renderer()
    for area in figure.axes:
        tiles = [p.get_window_extent(renderer) for p in area.patches[1:]]
        for text in area.texts:
            box = text.get_window_extent(renderer)
            middle = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
            (tile,) = [t for t in tiles if t.contains(*middle)]
            assert tile.x0 <= box.x0
            assert box.x1 <= tile.x1


def test_a_release_with_nothing_to_show() -> None:
    for sizes in ((4,), (3, 3), (2, 2, 3)):
        assert "0 of" in said(plot(release(sizes, lambda _: 1)))
        assert plot(release(sizes, lambda _: 1, mean=3.0), "da", "days")
    assert plot(release((3, 3), lambda _: None))


def test_impossible_combinations_are_not_hatched() -> None:
    figure = plot(release((3, 3), lambda at: None if at == (0, 0) else 500))
    assert sum(bool(p.get_hatch()) for p in patches(figure)) == 0
    assert sum(t.get_text() == "–" for area in figure.axes for t in area.texts) == 1


def test_levels_that_no_cell_has_are_left_out() -> None:
    figure = plot(release((3, 3), lambda at: None if at[1] == 2 else 500))
    assert "b level 1" in said(figure)
    assert "b level 2" not in said(figure)
    assert "–" not in [t.get_text() for area in figure.axes for t in area.texts]


def test_what_is_not_shown_is_marked_by_its_reason() -> None:
    """Three forms of hatching, none told apart by colour, each explained once."""

    def why(at: tuple[int, ...]) -> str:
        return REASONS[at[0]] if at[0] < 2 else REASONS[0]

    drawn = release((3, 3), lambda at: 5 if at[1] == 0 else THRESHOLD if at[1] == 1 else 900, reason=why)
    counts = plot(drawn)
    hatches = [p.get_hatch() for p in patches(counts) if p.get_hatch()]
    assert {h: hatches.count(h) for h in set(hatches)} == {"////": 3, "xxxx": 2}, "each once in the legend"
    assert "Not shown: fewer than 27" in said(counts)
    assert "Not shown: others would follow" in said(counts)
    drawn = release(
        (3, 3), lambda at: 5 if at[1] == 0 else THRESHOLD if at[1] == 1 else 900, reason=why, mean=4.0
    )
    means = plot(drawn, "da", "days")
    hatches = [p.get_hatch() for p in patches(means) if p.get_hatch()]
    assert {h: hatches.count(h) for h in set(hatches)} == {"////": 3, "xxxx": 2, "..": 4}
    assert "Intet gennemsnit: antallet" in said(means)


def test_an_interval_that_leans_to_one_side_is_printed_from_end_to_end() -> None:
    drawn = release((2, 2), lambda at: THRESHOLD if at == (0, 0) else 900)
    numbers = [t.get_text() for area in plot(drawn).axes for t in area.texts]
    assert "0–37" in numbers
    assert numbers.count("±2%") == 3
    assert "holds for cells that are shown" in said(plot(drawn))
    assert "gælder et interval for celler, der vises" in said(plot(drawn, "da"))
    assert "0–37" in said(plot(release((2,), lambda at: THRESHOLD if at == (0,) else 900)))
    far = plot(release((2, 2), lambda _: 900))
    assert "holds for cells that are shown" not in said(far)


def test_a_picture_without_a_question_is_called_after_its_axes() -> None:
    drawn = release((3, 3), title={})
    assert "Citizens by A and B" in said(plot(drawn))
    assert "Borgere efter A-da og B-da" in said(plot(drawn, "da"))
    assert "My own words" in said(plot(drawn, title="My own words"))


def test_languages() -> None:
    drawn = release((3, 3), lambda _: 12_345)
    assert "12,345" in said(plot(drawn, "en"))
    assert "Older citizens Number of citizens, 2025" in said(plot(drawn, "en"))
    assert "12.345" in said(plot(drawn, "da"))
    assert "Ældre borgere Antal borgere, 2025" in said(plot(drawn, "da"))
    assert "a niveau 1" in said(plot(drawn, "da"))
    assert "ligger inden for ±18" in said(plot(drawn, "da"))
    assert "ε = 1, δ = 10⁻⁸." in said(plot(drawn, "da")).replace("\u00a0", " ")
    half = {"from": "2025-03-01", "until": "2025-09-01", "as_of": "2025-09-01"}
    assert "1. marts 2025 til 31. august 2025" in said(plot(release((2, 2), period=half), "da"))
    assert "1 March 2025 to 31 August 2025" in said(plot(release((2, 2), period=half), "en"))


def test_means_stand_with_their_interval_and_the_clip() -> None:
    figure = plot(release((2, 2), lambda _: 1000, mean=4.0, mean_sd=300), "en", "days")
    text = said(figure)
    assert text.count("4.0 ±0.6") == 4
    assert "Bed days, mean per citizen" in text
    assert "at most 30 days" in text


def test_a_mean_that_says_little_gets_no_colour() -> None:
    figure = plot(release((2, 2), lambda at: 1000 if at[0] else 100, mean=4.0, mean_sd=300), "en", "days")
    colours = [tuple(p.get_facecolor()) for p in figure.axes[0].patches[1:]]
    assert [c[:3] == (1.0, 1.0, 1.0) for c in colours] == [True, True, False, False]
    assert "Too uncertain" in said(figure)


def test_rows_are_the_longest_axis_and_columns_the_last() -> None:
    for sizes, order in (
        ((3, 4), (1, 0)),
        ((4, 4), (0, 1)),
        ((12, 4, 5), (1, 0, 2)),
        ((2, 3, 12, 4), (0, 1, 2, 3)),
    ):
        assert arrangement(figures(release(sizes), "en").axes) == order


def test_lightness_falls_along_the_scale_whatever_colours_one_sees() -> None:
    """Relative luminance (WCAG 2) strictly decreases, also with any one of the cones missing (Viénot, Brettel
    and Mollon 1999 for protanopia and deuteranopia)."""
    steps = SCALE(np.linspace(0, 1, 64))[:, :3]
    linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    luminance = np.array([0.2126, 0.7152, 0.0722])
    full = linear @ luminance
    assert np.all(np.diff(full) < 0)
    assert full[0] > 0.75
    assert full[-1] < 0.03
    lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    for row, mix in ((0, [0, 2.02344, -2.52581]), (1, [0.494207, 0, 1.24827])):
        missing = np.eye(3)
        missing[row] = mix
        seen = linear @ (np.linalg.inv(lms) @ missing @ lms).T
        assert np.all(np.diff(seen @ luminance) < 0)
    for step, light in zip(steps, full, strict=True):
        ink = 1.0 if on_tile(step) == "white" else 0.018
        contrast = (max(ink, light) + 0.05) / (min(ink, light) + 0.05)
        assert contrast > 3.4


def test_tiles_shrink_with_the_interval() -> None:
    sides = [tile_share(r) for r in (0.0, 0.02, 0.1, 0.3, 0.5, 3.0)]
    assert sides == sorted(sides, reverse=True)
    assert (sides[0], sides[-1]) == (0.95, 0.68)


def test_wrapping_keeps_every_letter_and_the_width() -> None:
    for text in (LONG["da"], "Kommunalbestyrelsesmedlemsvederlag " * 3, "kort", ""):
        lines = wrapped(text, 0.9, 9).split("\n")
        assert all(inches(line, 9) <= 0.9 for line in lines)
        assert "".join(lines).replace("-", "").replace(" ", "") == text.replace(" ", "")


def test_files(tmp_path: Path) -> None:
    drawn = release((3, 4), some_hidden)
    png = save_picture(drawn, tmp_path / "new" / "a.png")
    assert png.read_bytes().startswith(b"\x89PNG")
    svg = save_picture(drawn, tmp_path / "a.svg", "da")
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")
    again = save_picture(drawn, tmp_path / "b.svg", "da")
    assert svg.read_bytes() == again.read_bytes()
    figure: Any = plot(drawn)
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_drawing_leaves_the_settings_alone() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    plot(release((3, 4), some_hidden))
    assert dict(mpl.rcParams) == before
    code = "import sys, samklang.analyst, samklang.analyst.picture; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_cannot_be_drawn_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = release((2, 2), mean=2.0)
    for code, call in (
        ("client-plot-language", lambda: plot(drawn, "de")),
        ("client-plot-measure", lambda: plot(drawn, "en", "nights")),
        ("client-plot-measure", lambda: plot(release((2, 2)), "en", "days")),
        ("client-plot-format", lambda: save_picture(drawn, tmp_path / "a.jpeg")),
        ("client-plot-axes", lambda: plot(_five())),
    ):
        with pytest.raises(SamklangError) as caught:
            call()
        assert caught.value.code == code
    for name in [
        n for n in sys.modules if n.split(".")[0] == "matplotlib" or n.startswith("samklang.analyst.picture.")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    import samklang.analyst.picture as picture

    for part in ("bars", "multiples", "layout", "style", "legend"):
        monkeypatch.delattr(picture, part, raising=False)
    with pytest.raises(SamklangError) as caught:
        picture.plot(drawn)
    assert caught.value.code == "client-plot-extra"


def _five() -> Any:
    from tests.analyst.releases import axis

    return release((2,), lambda _: None, axes=[axis(name, 2) for name in "abcde"])

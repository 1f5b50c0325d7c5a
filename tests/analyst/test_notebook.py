"""What a notebook shows: progress while a query runs, the released table, a picture of it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import types
from html.parser import HTMLParser
from typing import Any

import pytest
from tests.analyst.test_status import status

from samklang.analyst.progress import Progress, bar_html
from samklang.analyst.release import Release, read_release
from samklang.errors import SamklangError
from samklang.v1 import federation_pb2 as v1

RUNNING = status(v1.QUERY_STATE_RUNNING)
DONE = status(v1.QUERY_STATE_DONE)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Handle:
    def __init__(self, shown: list[str]) -> None:
        self.shown = shown

    def update(self, picture: Any) -> None:
        self.shown.append(f"update {picture.data}")


def kernel(monkeypatch: pytest.MonkeyPatch, shell: str) -> list[str]:
    """Pretend to run in IPython's ``shell``; returns what is displayed."""
    shown: list[str] = []
    ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.get_ipython = lambda: type(shell, (), {})()  # type: ignore[attr-defined]
    display.HTML = lambda data: types.SimpleNamespace(data=data)  # type: ignore[attr-defined]

    def show(picture: Any, *, display_id: bool) -> Handle:
        assert display_id
        shown.append(f"display {picture.data}")
        return Handle(shown)

    display.display = show  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return shown


def test_a_notebook_shows_one_bar_that_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = kernel(monkeypatch, "ZMQInteractiveShell")
    stream = Terminal()
    progress = Progress(stream)
    progress(RUNNING)
    progress(DONE)
    progress.close()
    assert [entry.split()[0] for entry in shown] == ["display", "update"]
    assert 'value="0.500"' in shown[0]
    assert "done" in shown[1]
    assert stream.getvalue() == ""


@pytest.mark.parametrize("shell", ["TerminalInteractiveShell", ""])
def test_a_terminal_shows_one_line_that_moves(monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    shown = kernel(monkeypatch, shell) if shell else []
    stream = Terminal()
    progress = Progress(stream)
    progress(RUNNING)
    progress(DONE)
    progress.close()
    first, second = stream.getvalue().removeprefix("\r").rstrip("\n").split("\r")
    assert "50% running" in first
    assert "done" in second
    assert len(second) >= len(first), "what stood there before is covered"
    assert stream.getvalue().endswith("\n")
    assert not shown


def test_nobody_looks_nothing_is_written() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress(RUNNING)
    progress.close()
    assert stream.getvalue() == ""


def test_the_client_needs_no_ipython() -> None:
    code = "import samklang.analyst, sys; print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False", done.stderr


class Table(HTMLParser):
    """Texts of cells, row by row; raises if a tag isn't closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data


def release(cells: int = 2, title: str = "Age <b>& care") -> Release:
    shown = {"levels": {"age": "old"}, "shown": True, "count": 1207, "count_interval": ["1189.0", "1225.0"]}
    shown["stay"] = {"sum": "12345.50", "sum_interval": ["12000", "12700"]}
    hidden = {"levels": {"age": "young"}, "shown": False, "reason": "below-threshold", "count": None}
    levels = [{"id": "old", "label": {"en": "Old <65>", "da": "x"}}, {"id": "young"}]
    document = {
        "version": "samklang/release/2",
        "title": {"en": title, "da": title},
        "axes": [{"name": "age", "label": {"en": "Age", "da": "Alder"}, "levels": levels}],
        "privacy": {"epsilon": "1", "count_95": "18.5"},
        "threshold": 26,
        "cells": ([hidden, shown] * cells)[:cells],
    }
    return read_release(json.dumps(document).encode())


def read(html: str) -> Table:
    table = Table()
    table.feed(html)
    table.close()
    return table


def test_a_release_is_a_table_with_what_it_is_worth_shown_cells_first() -> None:
    found = read(release()._repr_html_())
    assert "Age <b>& care · 1 of 2 cells shown · counts ± 18.5 (95 %) · shown from 26 · ε = 1" in found.text
    head, first, second = found.rows
    assert head[:4] == ["Age", "count", "count low", "count high"]
    assert first[:4] == ["Old <65>", "1,207", "1,189", "1,225"]
    assert "12,345.5" in first
    assert second[:3] == ["young", "below threshold", ""]


def test_a_long_release_is_cut_and_says_so() -> None:
    found = read(release(40)._repr_html_())
    assert len(found.rows) == 13
    assert "28 more cells" in found.text
    assert read(release(0)._repr_html_()).rows == [["Age"]]


def test_a_bar_escapes_what_it_says() -> None:
    assert "<script>" not in bar_html(status(v1.QUERY_STATE_RUNNING, v1.Reason(what="<script>")))
    found = read(bar_html(RUNNING))
    assert "50% running" in found.text


def test_a_release_plots_itself() -> None:
    figure_module = pytest.importorskip("matplotlib.figure", reason="matplotlib is not installed")
    figure = release().plot(lang="da")
    assert isinstance(figure, figure_module.Figure)
    with pytest.raises(SamklangError) as caught:
        release().plot(measure="nothing")
    assert caught.value.code == "client-plot-measure"


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("bars", "multiples"):
        monkeypatch.delitem(sys.modules, f"samklang.analyst.picture.{name}", raising=False)
        monkeypatch.delattr(f"samklang.analyst.picture.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SamklangError) as caught:
        release().plot()
    assert caught.value.code == "client-plot-extra"
    assert "samklang[plot]" in caught.value.fix

"""Where a query is, shown to whoever waits: a bar in a notebook, one line in a terminal, nothing elsewhere.

IPython is used where it is running already and never asked for: no widget, no dependency.
"""

from __future__ import annotations

import sys
from html import escape
from typing import Any, TextIO

from samklang.analyst.status import Status

__all__ = ["Progress", "bar_html", "line"]


class Progress:
    """Shows each status it is called with; :meth:`close` leaves what was shown last.

    Args:
        stream: for a terminal; standard error by default. Written to only if a person looks at it.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._handle: Any = None
        self._notebook = _in_notebook()
        self._shown = 0

    def __call__(self, status: Status) -> None:
        if self._notebook:
            self._draw(status)
        elif self._stream.isatty():
            text = line(status)
            self._stream.write("\r" + text.ljust(self._shown))
            self._stream.flush()
            self._shown = len(text)

    def close(self) -> None:
        """End the line."""
        if self._shown:
            self._stream.write("\n")
            self._shown = 0

    def _draw(self, status: Status) -> None:
        from IPython.display import HTML, display

        picture = HTML(bar_html(status))
        if self._handle is None:
            self._handle = display(picture, display_id=True)
        else:
            self._handle.update(picture)


def line(status: Status) -> str:
    """One line of progress."""
    full = round(20 * status.fraction)
    return f"[{'#' * full}{'.' * (20 - full)}] {_words(status)}"


def bar_html(status: Status) -> str:
    """A bar that reads without colour and by a screen reader: HTML's own ``progress``."""
    words = escape(_words(status))
    bar = f'<progress value="{status.fraction:.3f}" max="1" aria-label="{words}" style="width: 20em">'
    return f"{bar}</progress> <span>{words}</span>"


def _words(status: Status) -> str:
    parts = [f"{status.fraction:.0%}", status.state]
    if status.stage and not status.ended:
        parts.append(status.stage)
    if status.attempt > 1:
        parts.append(f"(attempt {status.attempt} of {status.max_attempts})")
    # It goes to a terminal as it is.
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(parts))


def _in_notebook() -> bool:
    """Inside a Jupyter kernel, as opposed to IPython in a terminal or no IPython at all."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"

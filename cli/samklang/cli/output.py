"""How the command speaks: results on stdout, everything else on stderr, and one JSON form for machines.

With ``--json`` stdout carries JSON alone, and an error is one JSON object on stderr:
``{"error": {"code", "what", "fix", "what_da", "fix_da", "at"?, "node"?}, "more": [...]}``.
What people read is English or Danish; JSON doesn't depend on the language.

Titles, labels and reasons come from others: what could move the cursor, or turn the direction in which a
terminal writes, is shown as �.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final

from samklang.cli.texts import Language, language, say, say_n
from samklang.errors import SamklangError

__all__ = ["Output", "as_dict", "columns", "language", "problems_of", "safe", "table", "wrapped"]

_UNSHOWN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


WIDTH: Final = 100
"""Columns where there is no terminal to ask."""
LEAST_WIDTH: Final = 40


class Output:
    """Where a command writes; ``json`` switches to the machine's form, ``lang`` is what people read."""

    def __init__(self, *, json: bool = False, lang: Language | None = None) -> None:
        self.json = json
        self.lang: Language = lang or language(os.environ)

    def say(self, text: str, **values: object) -> str:
        """A text of :mod:`samklang.cli.texts` in the reader's language."""
        return say(self.lang, text, **values)

    def say_n(self, one: str, many: str, n: int, **values: object) -> str:
        """``one`` or ``many`` in the reader's language, with ``{n}`` filled."""
        return say_n(self.lang, one, many, n, **values)

    def result(self, value: Any, text: str) -> None:
        """The command's result: ``value`` as one line of JSON, or ``text``.

        Raises:
            SamklangError: ``client-save-file`` if stdout can't be written to.
        """
        plain = not (sys.stdout.encoding or "").lower().startswith("utf")
        shown = json.dumps(value, ensure_ascii=plain, default=str) if self.json else safe(text)
        try:
            print(shown, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            problem = error.strerror or "unusable"
            raise SamklangError("client-save-file", file="stdout", problem=problem) from None

    def note(self, text: str) -> None:
        """Progress and asides, for people only."""
        if not self.json:
            print(safe(text), file=sys.stderr, flush=True)

    def progress(self, text: str, *, last: bool = False) -> None:
        """One line that the next one replaces on a terminal; elsewhere only the last one is kept."""
        if self.json:
            return
        if sys.stderr.isatty():
            print(f"\r\x1b[K{safe(text)}", end="\n" if last else "", file=sys.stderr, flush=True)
        elif last:
            self.note(text)

    def error(self, error: SamklangError) -> None:
        """Print an error: its code, what happened, what to do."""
        problems = problems_of(error)
        if self.json:
            first, *more = [as_dict(problem) for problem in problems]
            print(json.dumps({"error": first, "more": more}, ensure_ascii=False), file=sys.stderr)
            return
        for problem in problems:
            where = f"{problem.at}: " if problem.at else ""
            what, fix = problem.text(self.lang)
            said = f"{where}{self.say('error')}: {problem.code}\n  {what}\n  {fix}"
            print(safe(said), file=sys.stderr)


def safe(text: str) -> str:
    """``text`` as a terminal may print it: lines and tabs, but no other control characters."""
    return _UNSHOWN.sub("\ufffd", text)


def columns() -> int:
    """The terminal's width, at least 40; 100 where there is no terminal."""
    width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    return max(LEAST_WIDTH, width)


def wrapped(text: str) -> str:
    """A long line in :func:`columns` columns; words stay whole."""
    return textwrap.fill(text, columns(), break_long_words=False, break_on_hyphens=False)


def problems_of(error: SamklangError) -> Sequence[SamklangError]:
    """The error itself, or what it bundles (a document can have many problems at once)."""
    inner = getattr(error, "problems", None)
    if isinstance(inner, Iterable):
        found = [problem for problem in inner if isinstance(problem, SamklangError)]
        if found:
            return found
    return [error]


def as_dict(error: SamklangError) -> dict[str, str]:
    """The JSON form of one error: the same whatever language the reader has."""
    what, fix = error.text("en")
    what_da, fix_da = error.text("da")
    shown = {"code": error.code, "what": what, "fix": fix, "what_da": what_da, "fix_da": fix_da}
    if error.at:
        shown["at"] = str(error.at)
    if node := getattr(error, "node", ""):
        shown["node"] = str(node)
    return shown


def table(rows: Sequence[Sequence[object]], header: Sequence[str]) -> str:
    """Columns of text, numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(header), *cells]) for i in range(len(header))]
    right = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(header))]

    def line(values: Sequence[str]) -> str:
        parts = (
            value.rjust(width) if to_right else value.ljust(width)
            for value, width, to_right in zip(values, widths, right, strict=True)
        )
        return "  ".join(parts).rstrip()

    return "\n".join([line(header), line(["-" * width for width in widths]), *(line(row) for row in cells)])
